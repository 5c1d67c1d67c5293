"""Find the line that called an operation, and the line that built a module."""

import ast
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import getsourcefile
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Literal
from weakref import WeakKeyDictionary

import einops
import torch
from torch import nn

from netwright.trace.graph import Line

Origin = Literal["user", "library", "observer"]
"""Whose code a frame runs: the user's, that of torch and its dependencies, or that of this package."""
_LIBRARIES = tuple(str(Path(package.__file__ or "").parent) + "/" for package in (torch, einops, importlib))
_OBSERVERS = str(Path(__file__).parent) + "/"
_POSITIONS: dict[int, tuple[CodeType, tuple[Any, ...]]] = {}
MOST = 1024
"""The number of functions whose positions are stored at a time."""
_BUILT: WeakKeyDictionary[nn.Module, Line] = WeakKeyDictionary()


def _origin(code: CodeType) -> Origin:
    return _origin_of_file(code.co_filename)


@cache
def _origin_of_file(name: str) -> Origin:
    if name.startswith(_OBSERVERS):
        return "observer"
    return "library" if name.startswith((*_LIBRARIES, "<frozen")) or "/contextlib.py" in name else "user"


def calling(frame: FrameType | None) -> Line | None:
    """Return the innermost line outside torch and einops, or None if the observers ran the code themselves.

    Args:
        frame: where to start; frames of the observers are skipped at first, and end the search later.
    """
    while frame is not None and _origin(frame.f_code) == "observer":
        frame = frame.f_back
    while frame is not None:
        origin = _origin(frame.f_code)
        if origin == "observer":
            return None
        if origin == "user":
            return _line(frame.f_code, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return None


def _line(code: CodeType, instruction: int, line: int) -> Line:
    position = _read(code)[instruction // 2]
    column = None if position[2] is None else position[2] + 1
    return Line(code.co_filename, position[0] or line, column)


def _read(code: CodeType) -> tuple[Any, ...]:
    """Return the positions of a function's instructions, which are read once.

    They are stored by the id of the code object: to hash it would go through all of its constants, and code
    of equal text is equal even from two files. The code is stored too, so that its id is not used again.
    """
    known = _POSITIONS.get(id(code))
    if known is None:
        if len(_POSITIONS) >= MOST:
            _POSITIONS.clear()
        known = _POSITIONS[id(code)] = code, tuple(code.co_positions())
    return known[1]


def raising(traceback: TracebackType | None) -> Line | None:
    """Return the innermost line outside torch that an exception passed through."""
    line = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if _origin(code) == "user":
            line = _line(code, traceback.tb_lasti, traceback.tb_lineno)
        traceback = traceback.tb_next
    return line


@contextmanager
def building() -> Iterator[None]:
    """Note the line that makes each module in the code that the body calls, in loops and factories too.

    The function that enters this context is not searched, since a module that it makes itself was not built
    by a line of the user.
    """
    initialise, asking = nn.Module.__init__, sys._getframe(2).f_code

    def noting(module: nn.Module, *args: Any, **kwargs: Any) -> None:
        line = _maker(sys._getframe(1), module, asking)
        if line is not None:
            _BUILT[module] = line
        initialise(module, *args, **kwargs)

    nn.Module.__init__ = noting  # type: ignore[method-assign, assignment]  # restored below; torch has no hook for this
    try:
        yield
    finally:
        nn.Module.__init__ = initialise  # type: ignore[method-assign]  # as it was


def _maker(frame: FrameType | None, module: nn.Module, asking: CodeType) -> Line | None:
    """Return the innermost line below `asking` that is neither torch's nor of the module's constructor."""
    while frame is not None and frame.f_code is not asking:
        code = frame.f_code
        if _origin(code) == "user" and not (code.co_name == "__init__" and _argument(frame) is module):
            return _line(code, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return None


def _argument(frame: FrameType) -> Any:
    """Return the first argument of a function that runs; this copies all of its variables."""
    return frame.f_locals.get(frame.f_code.co_varnames[0])


def noted(module: nn.Module) -> Line | None:
    """Return the line that `building` has noted for this module."""
    return _BUILT.get(module)


def built(chain: tuple[tuple[type, str], ...]) -> Line | None:
    """Return the line that built a module, read from the source of the class that holds it.

    Args:
        chain: (class, attribute) from the outermost owner to the module, as in
            `((Net, "layers"), (Sequential, "3"))`.
    """
    for start in range(len(chain) - 1, -1, -1):
        owner, attribute = chain[start]
        if owner.__module__.startswith("torch."):
            continue
        assignment = _assignment(owner, attribute)
        if assignment is None:
            continue
        file, node = assignment
        for _, child in chain[start + 1 :]:
            node = _element(node, child)
        return Line(file, node.lineno, node.col_offset + 1)
    return None


def _element(node: ast.expr, child: str) -> ast.expr:
    """Return the expression of one element of a container, or the container's if it has no such element."""
    if not isinstance(node, ast.Call) or not child.isdigit():
        return node
    elements = node.args
    if len(elements) == 1 and isinstance(elements[0], ast.List | ast.Tuple):
        elements = elements[0].elts
    index = int(child)
    if index >= len(elements) or any(isinstance(item, ast.Starred) for item in elements[: index + 1]):
        return node
    return elements[index]


@cache
def _assignment(owner: type, attribute: str) -> tuple[str, ast.expr] | None:
    """Return the file and the value of `self.attribute = value` in a class or its bases."""
    for cls in owner.__mro__:
        if cls.__module__.startswith("torch.") or cls is object:
            continue
        assigned = _assignments(cls)
        if attribute in assigned[1]:
            return assigned[0], assigned[1][attribute]
    return None


@cache
def _assignments(cls: type) -> tuple[str, dict[str, ast.expr]]:
    try:
        file = getsourcefile(cls)
    except TypeError:
        return "", {}
    if file is None or not Path(file).is_file():
        return "", {}
    name = cls.__qualname__.rsplit(".", 1)[-1]
    for node in ast.walk(_tree(file, Path(file).stat().st_mtime_ns)):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return file, dict(_attributes(node))
    return file, {}


@cache
def _tree(file: str, stamp: int) -> ast.Module:
    """Return the syntax tree of a file as of `stamp`, the time of its last change."""
    return ast.parse(Path(file).read_bytes())


def _attributes(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """Yield the attribute and value of `self.a = x`, `self.a, self.b = x, y` and `add_module("a", x)`."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assign):
            for target in inner.targets:
                yield from _targets(target, inner.value)
        elif isinstance(inner, ast.AnnAssign) and inner.value is not None:
            yield from _targets(inner.target, inner.value)
        elif isinstance(inner, ast.Call) and len(inner.args) == 2:
            called, first = inner.func, inner.args[0]
            named = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if (
                isinstance(called, ast.Attribute)
                and called.attr in {"add_module", "register_module"}
                and named
            ):
                yield str(first.value), inner.args[1]  # type: ignore[attr-defined]  # `named` is the check


def _targets(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        yield target.attr, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for part, piece in zip(target.elts, value.elts, strict=False):
            yield from _targets(part, piece)
    elif isinstance(target, ast.Tuple):
        for part in target.elts:
            yield from _targets(part, value)
