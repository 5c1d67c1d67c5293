"""A source file as a syntax tree; it is read and never imported."""

import ast
import os
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

from netwright.errors import UsageError
from netwright.lint.finding import Edit, Place

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict, ast.Set, ast.ListComp)
"""Expressions that bind tighter than any operator."""


@dataclass(frozen=True, eq=False)
class Script:
    """One source file: its text, its syntax tree, and what the imported names in it stand for.

    Args:
        path: The path as the user wrote it.
        text: The text of the whole file.
        tree: The syntax tree of the text.
    """

    side: ClassVar[Literal["script"]] = "script"

    path: str
    text: str
    tree: ast.Module = field(repr=False)

    @classmethod
    def read(cls, path: str) -> "Script":
        """Read and parse a file.

        Raises:
            UsageError: The file does not exist, is not text in its declared encoding, or is not Python.
        """
        if not os.path.isfile(path):
            raise UsageError(f"there is no file `{path}`.")
        try:
            with tokenize.open(path) as file:
                return cls.parse(file.read(), path)
        except (UnicodeDecodeError, SyntaxError) as error:
            line = getattr(error, "lineno", None)
            where = f"{path}:{line}" if line else path
            reason = error.msg if isinstance(error, SyntaxError) else f"it is not {error.encoding} text"
            end = "" if reason.endswith(("?", ".")) else "."
            raise UsageError(f"`{where}` cannot be read as Python: {reason}{end}") from error
        except OSError as error:
            raise UsageError(f"`{path}` cannot be read: {error.strerror}.") from error

    @classmethod
    def parse(cls, text: str, path: str = "<text>") -> "Script":
        """Parse source text.

        Raises:
            SyntaxError: The text is not Python.
        """
        try:
            return cls(path, text, ast.parse(text))
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or "nested too deeply") from error

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; only a newline ends a line, as in Python."""
        return self.text.split("\n")

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of every node."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def _by_type(self) -> dict[type, list[ast.AST]]:
        nodes: dict[type, list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            nodes.setdefault(type(node), []).append(node)
        return nodes

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        """Yield every node of these types."""
        for kind in kinds:
            yield from self._by_type.get(kind, ())

    @cached_property
    def names(self) -> dict[str, list[ast.Name]]:
        """All uses of a name, by the name."""
        uses: dict[str, list[ast.Name]] = {}
        for node in self.nodes(ast.Name):
            uses.setdefault(node.id, []).append(node)
        return uses

    def starting(self, line: int) -> list[ast.expr | ast.stmt]:
        """Return the expressions and statements that start on a line."""
        return self._by_line.get(line, [])

    @cached_property
    def _by_line(self) -> dict[int, list[Any]]:
        nodes: dict[int, list[Any]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr | ast.stmt):
                nodes.setdefault(node.lineno, []).append(node)
        return nodes

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the ancestors of a node, from its parent up to the module."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def scope(self, node: ast.AST) -> ast.AST:
        """Return the innermost function, lambda or module around `node`."""
        return next(up for up in self.above(node) if isinstance(up, (*FUNCTIONS, ast.Lambda, ast.Module)))

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the statement that `node` stands in."""
        return next(up for up in (node, *self.above(node)) if isinstance(up, ast.stmt))

    @cached_property
    def imports(self) -> dict[str, str]:
        """What each imported name stands for.

        Names that are also bound in another way, or imported from several places, are left out.

        >>> Script.parse("from torch import nn\\nfrom .blocks import Block").imports
        {'nn': 'torch.nn', 'Block': '.blocks.Block'}
        """
        homes: dict[str, set[str]] = {}
        for node in self.nodes(ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                homes.setdefault(name, set()).add(alias.name if alias.asname else name)
        for source in self.nodes(ast.ImportFrom):
            home = "." * source.level + (f"{source.module}." if source.module else "")
            for alias in source.names:
                homes.setdefault(alias.asname or alias.name, set()).add(f"{home}{alias.name}")
        rebound = {node.id for node in self.nodes(ast.Name) if isinstance(node.ctx, ast.Store)}
        rebound |= {node.arg for node in self.nodes(ast.arg)}
        rebound |= {node.name for node in self.nodes(ast.FunctionDef, ast.ClassDef)}
        certain = {name: home.pop() for name, home in homes.items() if len(home) == 1}
        return {name: home for name, home in certain.items() if name not in rebound}

    def dotted(self, node: ast.AST) -> str | None:
        """Return the full name of what `node` refers to; None if that is not an imported name.

        >>> script = Script.parse("import torch.nn as nn\\nnn.Conv2d(1, 2, 3)")
        >>> script.dotted(script.tree.body[1].value.func)
        'torch.nn.Conv2d'
        """
        if isinstance(node, ast.Name):
            return self.imports.get(node.id)
        if isinstance(node, ast.Attribute):
            home = self.dotted(node.value)
            return f"{home}.{node.attr}" if home else None
        return None

    def called(self, node: ast.AST) -> str:
        """Return the full name of the imported function that a call calls, or an empty text."""
        return self.dotted(node.func) or "" if isinstance(node, ast.Call) else ""

    def column(self, line: int, offset: int) -> int:
        """Return the column, in characters from 1, for an offset in bytes, which syntax trees use.

        >>> Script.parse("é = 1").column(1, 3)
        3
        """
        return len(self.lines[line - 1].encode()[:offset].decode()) + 1

    def at(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Place:
        """Return the place of a node; for a function, class or loop it is the first line."""
        start = self.column(node.lineno, node.col_offset)
        if isinstance(node, (*FUNCTIONS, *LOOPS, ast.ClassDef)) or node.end_lineno is None:
            return Place(
                self.path, node.lineno, start, node.lineno, len(self.lines[node.lineno - 1].rstrip()) + 1
            )
        end = self.column(node.end_lineno, node.end_col_offset or 0)
        return Place(self.path, node.lineno, start, node.end_lineno, end)

    def segment(self, node: ast.AST) -> str:
        """Return the text of a node as the user wrote it."""
        if not isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.arg) or node.end_lineno is None:
            return ast.unparse(node)
        first, last = node.lineno - 1, node.end_lineno - 1
        start = self.column(node.lineno, node.col_offset) - 1
        end = self.column(node.end_lineno, node.end_col_offset or 0) - 1
        if first == last:
            return self.lines[first][start:end]
        return "\n".join([self.lines[first][start:], *self.lines[first + 1 : last], self.lines[last][:end]])

    def operand(self, node: ast.expr) -> str:
        """Return the text of an expression, in parentheses if an operator or a dot cannot follow it as it is.

        >>> script = Script.parse("(a + b).view(2)")
        >>> script.operand(script.tree.body[0].value.func.value)
        '(a + b)'
        """
        text = self.segment(node)
        return text if isinstance(node, ATOMS) else f"({text})"

    def replace(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """Return the edit that writes `text` for a node."""
        place = self.at(node)
        end = self.column(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return Edit(Place(self.path, place.line, place.column, node.end_lineno, end), text)

    def insert(self, statement: ast.stmt, text: str) -> Edit:
        """Return the edit that inserts a line before a statement and its decorators, at its indentation."""
        decorators = getattr(statement, "decorator_list", [])
        line = min([statement.lineno, *(node.lineno for node in decorators)])
        column = self.column(statement.lineno, statement.col_offset)
        indent = self.lines[line - 1][: column - 1]
        if indent.strip():
            return Edit(Place(self.path, line, column, line, column), f"{text}; ")
        return Edit(Place(self.path, line, column, line, column), f"{text}\n{indent}")

    def alone(self, statement: ast.stmt) -> bool:
        """Return True when nothing but a comment shares a line with a statement."""
        place = self.at(statement)
        before = self.lines[place.line - 1][: place.column - 1]
        after = self.lines[(place.end_line or 0) - 1][(place.end_column or 0) - 1 :].strip()
        return not before.strip() and (not after or after.startswith("#"))

    def remove(self, statement: ast.stmt) -> Edit:
        """Return the edit that deletes the lines of a statement that shares them with no other statement."""
        end = statement.end_lineno or statement.lineno
        if end < len(self.lines):
            return Edit(Place(self.path, statement.lineno, 1, end + 1, 1), "")
        return Edit(Place(self.path, statement.lineno, 1, end, len(self.lines[end - 1]) + 1), "")
