"""A call with literal arguments, as text: `resnet(depth=56)`, `RandomErasing(p=0.5)`.

Specs and augmentations are written this way. Arguments are parsed, never evaluated.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netwright.errors import CallError


@dataclass(frozen=True)
class Call:
    """A parsed call: the text before the bracket, and the literal arguments."""

    text: str
    target: str
    args: tuple[Any, ...]
    options: Mapping[str, Any]


def parse(text: str) -> Call:
    """Read a call; without brackets it has no arguments.

    >>> parse("crop(padding=4)")
    Call(text='crop(padding=4)', target='crop', args=(), options={'padding': 4})
    >>> parse("flip").args
    ()
    >>> parse("crop(padding=four)")
    Traceback (most recent call last):
    netwright.errors.CallError: `crop(padding=four)`: arguments must be literals, as in name(4, p=0.5).
    """
    target, bracket, rest = text.strip().partition("(")
    try:
        call = ast.parse(f"f({rest}" if bracket else "f()", mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError("not one call")
        names = [keyword.arg for keyword in call.keywords]
        if None in names or len(set(names)) < len(names):
            raise ValueError("** or a repeated name")
        args = tuple(ast.literal_eval(node) for node in call.args)
        options = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise CallError(f"`{text}`: arguments must be literals, as in name(4, p=0.5).") from error
    return Call(text, target.strip(), args, options)
