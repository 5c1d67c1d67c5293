"""A source file as a syntax tree. It is read, never imported."""

import ast
import os
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from netwright.errors import UsageError
from netwright.lint.finding import Edit, Place

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict, ast.Set, ast.ListComp)
"""Expressions that bind tighter than any operator."""


@dataclass(frozen=True, eq=False)
class Script:
    """One source file: text, syntax tree, and what the names in it stand for.

    Args:
        path: as the user wrote it.
        text: the whole file.
        tree: its syntax tree.
    """

    path: str
    text: str
    tree: ast.Module = field(repr=False)

    @classmethod
    def read(cls, path: str) -> "Script":
        """Read and parse a file.

        Raises:
            UsageError: there is no such file, it is not text in its declared encoding, or not Python.
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
            raise UsageError(f"`{where}` cannot be read as Python: {reason}.") from error
        except OSError as error:
            raise UsageError(f"`{path}` cannot be read: {error.strerror}.") from error

    @classmethod
    def parse(cls, text: str, path: str = "<text>") -> "Script":
        """Parse source text.

        Raises:
            SyntaxError: it is not Python.
        """
        try:
            return cls(path, text, ast.parse(text))
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or "nested too deeply") from error

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; only a newline ends one, as for Python."""
        return self.text.split("\n")

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Every node's parent."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def _by_type(self) -> dict[type, list[ast.AST]]:
        found: dict[type, list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            found.setdefault(type(node), []).append(node)
        return found

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        """Every node of these types."""
        for kind in kinds:
            yield from self._by_type.get(kind, ())

    @cached_property
    def names(self) -> dict[str, list[ast.Name]]:
        """Every use of a name, by the name."""
        found: dict[str, list[ast.Name]] = {}
        for node in self.nodes(ast.Name):
            found.setdefault(node.id, []).append(node)
        return found

    def starting(self, line: int) -> list[ast.expr | ast.stmt]:
        """The expressions and statements that start on a line."""
        return self._by_line.get(line, [])

    @cached_property
    def _by_line(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr | ast.stmt):
                found.setdefault(node.lineno, []).append(node)
        return found

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The node's parent, its parent, up to the module."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def scope(self, node: ast.AST) -> ast.AST:
        """The function, lambda or module whose names `node` sees first."""
        return next(up for up in self.above(node) if isinstance(up, (*FUNCTIONS, ast.Lambda, ast.Module)))

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that `node` stands in."""
        return next(up for up in (node, *self.above(node)) if isinstance(up, ast.stmt))

    @cached_property
    def imports(self) -> dict[str, str]:
        """What each imported name stands for; names that are also bound otherwise are left out.

        >>> Script.parse("from torch import nn\\nfrom .blocks import Block").imports
        {'nn': 'torch.nn', 'Block': '.blocks.Block'}
        """
        found: dict[str, str] = {}
        for node in self.nodes(ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                found[name] = alias.name if alias.asname else name
        for source in self.nodes(ast.ImportFrom):
            home = "." * source.level + (f"{source.module}." if source.module else "")
            found |= {alias.asname or alias.name: f"{home}{alias.name}" for alias in source.names}
        rebound = {node.id for node in self.nodes(ast.Name) if isinstance(node.ctx, ast.Store)}
        rebound |= {node.arg for node in self.nodes(ast.arg)}
        rebound |= {node.name for node in self.nodes(ast.FunctionDef, ast.ClassDef)}
        return {name: home for name, home in found.items() if name not in rebound}

    def dotted(self, node: ast.AST) -> str | None:
        """The full name of what `node` refers to, None where that is not an imported name.

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
        """The full name of the imported function a call calls, or empty."""
        return self.dotted(node.func) or "" if isinstance(node, ast.Call) else ""

    def column(self, line: int, offset: int) -> int:
        """The column, in characters from 1, of an offset in bytes, as syntax trees have it.

        >>> Script.parse("é = 1").column(1, 3)
        3
        """
        return len(self.lines[line - 1].encode()[:offset].decode()) + 1

    def at(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Place:
        """Where a node stands; of a function, class or loop its first line."""
        start = self.column(node.lineno, node.col_offset)
        if isinstance(node, (*FUNCTIONS, *LOOPS, ast.ClassDef)) or node.end_lineno is None:
            return Place(
                self.path, node.lineno, start, node.lineno, len(self.lines[node.lineno - 1].rstrip()) + 1
            )
        end = self.column(node.end_lineno, node.end_col_offset or 0)
        return Place(self.path, node.lineno, start, node.end_lineno, end)

    def segment(self, node: ast.AST) -> str:
        """The text of a node as the user wrote it."""
        if not isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.arg) or node.end_lineno is None:
            return ast.unparse(node)
        first, last = node.lineno - 1, node.end_lineno - 1
        start = self.column(node.lineno, node.col_offset) - 1
        end = self.column(node.end_lineno, node.end_col_offset or 0) - 1
        if first == last:
            return self.lines[first][start:end]
        return "\n".join([self.lines[first][start:], *self.lines[first + 1 : last], self.lines[last][:end]])

    def operand(self, node: ast.expr) -> str:
        """The text of an expression where an operator, a dot or a comma may follow: in brackets if need be.

        >>> script = Script.parse("(a + b).view(2)")
        >>> script.operand(script.tree.body[0].value.func.value)
        '(a + b)'
        """
        text = self.segment(node)
        return text if isinstance(node, ATOMS) else f"({text})"

    def replace(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """Write `text` for a node."""
        place = self.at(node)
        end = self.column(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return Edit(Place(self.path, place.line, place.column, node.end_lineno, end), text)

    def insert(self, statement: ast.stmt, text: str) -> Edit:
        """A line of its own before a statement, at its indentation (before the decorators of a function)."""
        decorators = getattr(statement, "decorator_list", [])
        line = min([statement.lineno, *(node.lineno for node in decorators)])
        column = self.column(statement.lineno, statement.col_offset)
        indent = self.lines[line - 1][: column - 1]
        if indent.strip():
            return Edit(Place(self.path, line, column, line, column), f"{text}; ")
        return Edit(Place(self.path, line, column, line, column), f"{text}\n{indent}")

    def remove(self, statement: ast.stmt) -> Edit:
        """Delete the lines of a statement that has them for itself."""
        end = statement.end_lineno or statement.lineno
        if end < len(self.lines):
            return Edit(Place(self.path, statement.lineno, 1, end + 1, 1), "")
        return Edit(Place(self.path, statement.lineno, 1, end, len(self.lines[end - 1]) + 1), "")
