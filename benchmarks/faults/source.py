"""A program to be mutated: its syntax tree, and edits of its text that keep every other line as it is."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.While
COMPOUND = (ast.For, ast.While, ast.With, ast.If, ast.FunctionDef, ast.ClassDef)
_TARGET = re.compile(r"^# check: (?P<spec>\w+(?:\(.*\))?) (?P<input>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Edit:
    """Replace the characters from `start` to `end` of the text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Mutant:
    """A program with one fault.

    Args:
        text: the whole program.
        spans: the first and last lines, from 1, between which a report of the fault is right.
    """

    text: str
    spans: tuple[tuple[int, int], ...]

    def covers(self, line: int) -> bool:
        """True when a report at this line is right: inside a statement of the fault or one line beside it."""
        return any(first - 1 <= line <= last + 1 for first, last in self.spans)


@dataclass(frozen=True, eq=False)
class Source:
    """A good program.

    Args:
        name: how reports call it; also the stem of the file that a mutant is written to.
        text: the whole program. Lines `# check: Net 3x32x32` name its networks and their inputs.
    """

    name: str
    text: str = field(repr=False)

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def targets(self) -> list[tuple[str, str]]:
        """The networks that it declares: what to build, and the shapes of the inputs."""
        return [(match["spec"], match["input"]) for match in _TARGET.finditer(self.text)]

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line starts; the programs are ASCII, so columns in bytes are columns in characters."""
        starts = [0]
        for line in self.text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The characters of a node."""
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def segment(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that holds a node."""
        return self._parents.get(node)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The node's parent, its parent, up to the module."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node stands in."""
        return next(up for up in (node, *self.above(node)) if isinstance(up, ast.stmt))

    def inside(self, node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
        """The innermost node of some types around a node."""
        return next((up for up in self.above(node) if isinstance(up, kinds)), None)

    def function(self, node: ast.AST) -> ast.AST:
        """The function around a node, or the module."""
        return self.inside(node, ast.FunctionDef, ast.Module) or self.tree

    def body(self, statement: ast.stmt) -> list[ast.stmt]:
        """The block of statements that a statement is one of."""
        parent = self.parent(statement)
        blocks = [getattr(parent, name, []) for name in ("body", "orelse", "finalbody")]
        return next(block for block in blocks if statement in block)

    def calls(self, *names: str, root: ast.AST | None = None) -> list[ast.Call]:
        """The calls of anything with one of these last names, in the order of the text."""
        return [call for call in self.nodes(ast.Call, root=root) if last_name(call.func) in names]

    def nodes(self, *kinds: type[ast.AST], root: ast.AST | None = None) -> list:
        """The nodes of some types, in the order of the text."""
        nodes = [node for node in ast.walk(root or self.tree) if isinstance(node, kinds)]
        return sorted(nodes, key=self.span)

    def replace(self, node: ast.AST, text: str) -> Edit:
        """Write `text` in the place of a node."""
        return Edit(*self.span(node), text)

    def remove(self, statement: ast.stmt) -> Edit:
        """Delete the lines of a statement; a block that would be empty passes."""
        if len(self.body(statement)) == 1:
            return self.replace(statement, "pass")
        return Edit(self._starts[statement.lineno - 1], self._starts[statement.end_lineno], "")

    def before(self, statement: ast.stmt, text: str) -> Edit:
        """Write lines before a statement, at its indentation."""
        start = self._starts[statement.lineno - 1]
        return Edit(start, start, self._indented(statement, text))

    def after(self, statement: ast.stmt, text: str) -> Edit:
        """Write lines after a statement, at its indentation."""
        start = min(self._starts[statement.end_lineno], len(self.text))
        return Edit(start, start, self._indented(statement, text))

    def _indented(self, statement: ast.stmt, text: str) -> str:
        return "".join(f"{' ' * statement.col_offset}{line}\n" for line in text.split("\n"))

    def dedent(self, block: ast.With | ast.If) -> list[Edit]:
        """Delete the header of a block and move its body to the left."""
        first, last = block.body[0], block.body[-1]
        header = Edit(self._starts[block.lineno - 1], self._starts[first.lineno - 1], "")
        step = first.col_offset - block.col_offset
        starts = [self._starts[line - 1] for line in range(first.lineno, last.end_lineno + 1)]
        return [header, *(Edit(at, at + step, "") for at in starts if self.text[at : at + step].isspace())]

    def mutant(self, edits: Edit | list[Edit], *nodes: ast.AST) -> Mutant:
        """The program after some edits.

        Args:
            edits: what the fault changes; no two touch.
            nodes: the nodes of the good program where a report is right besides the changed text itself;
                of a loop, a function or a class only the header.
        """
        edits = sorted([edits] if isinstance(edits, Edit) else edits, key=lambda edit: edit.start)
        pieces, done = [], 0
        for edit in edits:
            pieces += [self.text[done : edit.start], edit.text]
            done = edit.end
        text = "".join([*pieces, self.text[done:]])
        written = [(self._line(edits, edit.start), edit.text.strip("\n").count("\n")) for edit in edits]
        spans = [(line, line + more) for line, more in written]
        for node in nodes:
            end = node.body[0].lineno - 1 if isinstance(node, COMPOUND) else node.end_lineno
            lines = [
                self._line(edits, self._starts[line - 1]) for line in (node.lineno, max(node.lineno, end))
            ]
            spans.append((lines[0], lines[1]))
        return Mutant(text, tuple(spans))

    def _line(self, edits: list[Edit], place: int) -> int:
        """The line of the mutated text that a place of the good text has moved to."""
        before = [edit for edit in edits if edit.end <= place and edit.start < place]
        moved = sum(edit.text.count("\n") - self.text[edit.start : edit.end].count("\n") for edit in before)
        return self.text.count("\n", 0, place) + 1 + moved


def last_name(node: ast.AST) -> str:
    """`Conv2d` of `nn.Conv2d`, empty where a name does not end the expression."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """An argument by its keyword or its position."""
    for word in call.keywords:
        if word.arg == name:
            return word.value
    if position is not None and position < len(call.args):
        return call.args[position]
    return None
