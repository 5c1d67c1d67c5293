"""Calls with literal arguments, written as text: `resnet(depth=56)`, `RandomErasing(p=0.5)`.

Specs and augmentations are written this way. Their arguments are parsed and never evaluated.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netwright.errors import CallError


@dataclass(frozen=True)
class LiteralCall:
    """A parsed call.

    Args:
        text: the call as it was written.
        target: the text before the bracket.
        args: values of the positional arguments.
        options: values of the keyword arguments.
    """

    text: str
    target: str
    args: tuple[Any, ...]
    options: Mapping[str, Any]


def parse(text: str) -> LiteralCall:
    """Parse a call; a text without brackets has no arguments.

    >>> parse("crop(padding=4)")
    LiteralCall(text='crop(padding=4)', target='crop', args=(), options={'padding': 4})
    >>> parse("flip").args
    ()
    >>> parse("crop(padding=four)")
    Traceback (most recent call last):
    netwright.errors.CallError: `crop(padding=four)`: the arguments must be literals, as in name(4, p=0.5).
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
        raise CallError(f"`{text}`: the arguments must be literals, as in name(4, p=0.5).") from error
    return LiteralCall(text, target.strip(), args, options)
