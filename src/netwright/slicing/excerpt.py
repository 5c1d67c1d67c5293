"""The part of a file that one of its names needs, as a module that can be executed, and what is left out."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from netwright.slicing.chosen import Choice
from netwright.slicing.unit import COMPOUND, Unit, blocks, is_guard

SHOWN = 5
"""The most ranges of lines that are listed."""


@dataclass(frozen=True)
class Excerpt:
    """A part of a module; its statements keep their lines.

    Args:
        tree: the statements to execute.
        left_out: the first and the last line of each part that is left out.
        command_line: a line that is executed and reads the command line; None if there is none.
    """

    tree: ast.Module
    left_out: tuple[tuple[int, int], ...]
    command_line: int | None

    def lines(self) -> str:
        """Return the lines that are left out, as text; empty if there are none.

        >>> Excerpt(ast.Module([], []), ((40, 88), (93, 93)), None).lines()
        'lines 40-88 and 93'
        """
        ranges = [f"{first}-{last}" if last > first else f"{first}" for first, last in self.left_out]
        if len(ranges) > SHOWN + 1:
            ranges = [*ranges[:SHOWN], f"{len(ranges) - SHOWN} more places"]
        if not ranges:
            return ""
        several = len(ranges) > 1 or "-" in ranges[0]
        listed = f"{', '.join(ranges[:-1])} and {ranges[-1]}" if len(ranges) > 1 else ranges[0]
        return f"line{'s' if several else ''} {listed}"


def excerpt(source: str | bytes, name: str, importable: Callable[[str], bool] = lambda _: True) -> Excerpt:
    """Return the part of a file that its object `name` needs.

    Imports, definitions and constants stay as well. An import stays out if it would fail and nothing that
    stays reads it.

    Args:
        source: the text of the file.
        name: a name that the module binds.
        importable: whether a package of a name can be imported.

    Raises:
        SyntaxError: the text is not a Python module.
        ValueError: the text holds null bytes.

    >>> part = excerpt("width = 3\\nnet = Net(width)\\nfor x in data:\\n    net(x).backward()", "net")
    >>> ast.unparse(part.tree), part.lines()
    ('width = 3\\nnet = Net(width)', 'lines 3-4')
    """
    tree = _Separated().visit(ast.parse(source))
    choice = Choice(tree, importable)
    choice.follow(name)
    kept = {unit.node for unit in choice.kept}
    left_out = _ranges(tree, choice.units, kept)
    reading = min((unit.node.lineno for unit in choice.kept if _reads_arguments(unit)), default=None)
    return Excerpt(ast.Module(_pruned(tree.body, kept), []), left_out, reading)


class _Separated(ast.NodeTransformer):
    """Split `import a, b` into two statements, since one of the packages may be missing."""

    def visit_Import(self, node: ast.Import) -> list[ast.Import]:
        return [ast.copy_location(ast.Import([alias]), node) for alias in node.names]


def _reads_arguments(unit: Unit) -> bool:
    text = ast.unparse(unit.node) if not unit.defines and not isinstance(unit.node, COMPOUND) else ""
    return ".parse_args()" in text or ".parse_known_args()" in text or "sys.argv" in text


def _ranges(tree: ast.Module, units: list[Unit], kept: set[ast.stmt]) -> tuple[tuple[int, int], ...]:
    """Return the lines of the statements that are left out, those next to each other together.

    Imports that would fail, statements that importing the file would not execute, and texts are not counted.
    """
    ranges: list[list[int]] = []
    for unit in units:
        if unit.node in kept:
            ranges.append([])
        elif not (unit.guarded or unit.imports or is_guard(unit.node) or _idle(unit.node)):
            first = min([unit.node.lineno, *(d.lineno for d in getattr(unit.node, "decorator_list", ()))])
            ranges[-1:] = [[*(ranges[-1] if ranges else []), first, unit.node.end_lineno or first]]
    return tuple((min(lines), max(lines)) for lines in ranges if lines)


def _idle(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _pruned(body: list[ast.stmt], kept: set[ast.stmt]) -> list[ast.stmt]:
    return [_inner(node, kept) for node in body if node in kept or _idle(node)]


def _inner(node: ast.stmt, kept: set[ast.stmt]) -> ast.stmt:
    """Return a statement without those of its blocks that are left out."""
    if not isinstance(node, COMPOUND):
        return node
    for name, block in list(blocks(node)):
        rest = _pruned(block, kept)
        if not rest and name != "orelse":
            rest = [ast.copy_location(ast.Pass(), block[0])]
        block[:] = rest
    if isinstance(node, ast.If) and is_guard(node):
        node.test = ast.copy_location(ast.Constant(True), node.test)
    return node
