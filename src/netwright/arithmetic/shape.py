"""Shapes as text: `3x32x32` is channels x height x width, without the batch."""

import re

from netwright.errors import ShapeError

Shape = tuple[int, ...]


def parse(text: str) -> Shape:
    """Parse a shape such as `3x32x32`.

    >>> parse("3x32x32")
    (3, 32, 32)
    >>> parse("3x0x32")
    Traceback (most recent call last):
    netwright.errors.ShapeError: `3x0x32` is not a shape; write positive sizes joined by x, as in 3x32x32.
    """
    if not re.fullmatch(r"[1-9]\d*(x[1-9]\d*)*", text.strip(), flags=re.ASCII):
        raise ShapeError(f"`{text}` is not a shape; write positive sizes joined by x, as in 3x32x32.")
    return tuple(int(size) for size in text.strip().split("x"))


def show(shape: Shape) -> str:
    """Return a shape as text.

    >>> show((3, 32, 32))
    '3x32x32'
    """
    return "x".join(str(size) for size in shape)
