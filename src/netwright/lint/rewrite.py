"""Fixes that rewrite one call: its other arguments, comments and line breaks stay as the user wrote them."""

import ast
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

import libcst as cst

from netwright.lint.finding import Fix
from netwright.lint.script import Script

if TYPE_CHECKING:
    from netwright.lint.network import Network


def rewritten(
    network: "Network", path: str, text: str | None, *others: str, safe: bool = False
) -> Fix | None:
    """Return a fix that writes `text` for the constructor call of the module at `path`.

    The result is None when there is no text, when the call is not known, or when it also built modules that
    are not among `others`.
    """
    constructor = network.constructor(path)
    siblings = set(network.siblings(path)) - {path, *others}
    if constructor is None or siblings or text is None:
        return None
    return replaced(network, *constructor, text, safe=safe)


def replaced(network: "Network", script: Script, node: ast.expr, text: str, *, safe: bool = False) -> Fix:
    """Return a fix that writes `text` for an expression; it has no edits outside of the user's file."""
    edits = (script.replace(node, text),) if script.path == network.home else ()
    return Fix(" ".join(text.split()), safe=safe, edits=edits)


def namespace(constructor: tuple[Script, ast.Call] | None) -> str:
    """Return `nn` when a constructor call of torch's is written `nn.Conv2d(…)`; otherwise it is empty."""
    if constructor is None or not constructor[0].called(constructor[1]).startswith("torch.nn."):
        return ""
    return constructor[0].segment(constructor[1].func).rpartition(".")[0]


def with_argument(call: str | None, name: str, value: str, position: int | None = None) -> str | None:
    """Return a call with an argument set, in its place or by name at the end.

    The result is None when `*` or `**` may unpack the argument, and when there is no call.

    >>> with_argument("nn.Conv2d(3, 64, 3,  padding=1)", "bias", "False")
    'nn.Conv2d(3, 64, 3,  padding=1, bias=False)'
    >>> with_argument("nn.Conv2d(12, 14, 3)", "in_channels", "14", position=0)
    'nn.Conv2d(14, 14, 3)'
    >>> with_argument("nn.Conv2d(3, 64, 1, **options)", "padding", "0")
    """
    if call is None:
        return None
    node = parse(call)
    index = _index(node, name, position)
    if index is not None:
        argument = node.args[index].with_changes(value=cst.parse_expression(value))
        return _code(node.with_changes(args=[*node.args[:index], argument, *node.args[index + 1 :]]))
    if _unpacks(node):
        return None
    added = cst.Arg(
        keyword=cst.Name(name),
        value=cst.parse_expression(value),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    if not node.args:
        return _code(node.with_changes(args=[added]))
    last = node.args[-1]
    trailing = isinstance(last.comma, cst.Comma)
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if trailing:
        between = node.args[-2].comma if len(node.args) > 1 else comma
        added = added.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
        last = last.with_changes(comma=between)
    else:
        last = last.with_changes(comma=comma)
    return _code(node.with_changes(args=[*node.args[:-1], last, added]))


def as_argument(values: Sequence[int]) -> str:
    """Return sizes as an argument: a number if they are all equal, and a tuple otherwise.

    >>> as_argument([2, 2]), as_argument([1, 2])
    ('2', '(1, 2)')
    """
    return str(values[0]) if len(set(values)) == 1 else str(tuple(values))


def without_argument(call: str | None, name: str, position: int | None = None) -> str | None:
    """Return a call without an argument.

    The result is None when a positional argument that is not the last should go, when the argument may be
    among those that `*` or `**` unpacks, and when there is no call.

    >>> without_argument("nn.ConvTranspose2d(8, 3, 4, 2, 1, output_padding=1)", "output_padding", position=5)
    'nn.ConvTranspose2d(8, 3, 4, 2, 1)'
    """
    if call is None:
        return None
    node = parse(call)
    index = _index(node, name, position)
    if index is None:
        return None if _unpacks(node) else call
    if node.args[index].keyword is None and index < len(node.args) - 1:
        return None
    left = [*node.args[:index], *node.args[index + 1 :]]
    if index == len(node.args) - 1 and left:
        left[-1] = left[-1].with_changes(comma=node.args[index].comma)
    return _code(node.with_changes(args=left))


def renamed(call: str, name: str) -> str:
    """Return a call with another function or class of the same module or object.

    >>> renamed("nn.Tanh()", "ReLU"), renamed("self.fc(x).tanh_()", "relu_")
    ('nn.ReLU()', 'self.fc(x).relu_()')
    """
    node = parse(call)
    if isinstance(node.func, cst.Attribute):
        return _code(node.with_changes(func=node.func.with_changes(attr=cst.Name(name))))
    raise ValueError(f"`{call}` calls a bare name, and `{name}` may not be imported")


def parse(call: str) -> cst.Call:
    """Return the syntax tree of a call.

    Raises:
        ValueError: The text is not a call.
    """
    try:
        node = cst.parse_expression(call)
    except cst.ParserSyntaxError as error:
        raise ValueError(f"`{call}` is not an expression") from error
    if not isinstance(node, cst.Call):
        raise ValueError(f"`{call}` is not a call")
    return node


def _index(node: cst.Call, name: str, position: int | None) -> int | None:
    for index, argument in enumerate(node.args):
        if argument.keyword is not None and argument.keyword.value == name:
            return index
    plain = list(takewhile(lambda argument: not argument.star and argument.keyword is None, node.args))
    return position if position is not None and position < len(plain) else None


def _unpacks(node: cst.Call) -> bool:
    return any(argument.star for argument in node.args)


def _code(node: cst.BaseExpression) -> str:
    return cst.Module(body=[]).code_for_node(node)
