"""Where torch defines its functions and classes, found in its source without importing it."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

STUBS = {
    "torch": "_C/_VariableFunctions.pyi",
    "torch._C._nn": "_C/_nn.pyi",
    "torch.nn.functional": "nn/functional.pyi",
}
"""Where the functions of a module are declared that it takes from C, or makes from others."""

Node = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True, eq=False)
class Definition:
    """The definitions of one name: a class, or a function with its overloads.

    Args:
        module: The full name of the module that defines the name.
        nodes: The class or the functions, in the order of the file.
        stub: Whether the nodes come from a stub, and so declare a function that is written in C.
    """

    module: str
    nodes: tuple[Node, ...]
    stub: bool = False


@cache
def definition(name: str) -> Definition | None:
    """Return the definition of a full name; None if it is not certain which one it is.

    >>> definition("torch.nn.Linear").module
    'torch.nn.modules.linear'
    >>> [node.name for node in definition("torch.cat").nodes]
    ['cat']
    """
    return _definition(name, frozenset())


def _definition(name: str, visited: frozenset[str]) -> Definition | None:
    module, _, last = name.rpartition(".")
    if name in visited or not (module + ".").startswith("torch."):
        return None
    body = _body(module)
    if body is None:
        return None
    binding = _bindings(module).get(last)
    if binding is not None:
        return _bound(binding, module, last, visited | {name})
    for source in body:
        if isinstance(source, ast.ImportFrom) and source.names[0].name == "*" and not last.startswith("_"):
            inner = _definition(f"{_home(source, module)}.{last}", visited | {name})
            if inner is not None:
                return inner
    return _declared(module, last)


def _bound(statement: ast.stmt, module: str, name: str, visited: frozenset[str]) -> Definition | None:
    """Return what a statement at the top of a module binds a name to."""
    match statement:
        case ast.ClassDef():
            return Definition(module, (statement,))
        case ast.FunctionDef():
            alike = [node for node in _body(module) or () if isinstance(node, ast.FunctionDef)]
            return Definition(module, tuple(node for node in alike if node.name == name))
        case ast.ImportFrom(names=names):
            alias = next(alias for alias in names if (alias.asname or alias.name) == name)
            return _definition(f"{_home(statement, module)}.{alias.name}", visited)
        case ast.Assign(value=ast.Call(func=ast.Name(id="_add_docstr"), args=[documented, *_])):
            return _definition(ast.unparse(documented), visited)
        case ast.Assign(value=ast.Call(func=ast.Name(id="boolean_dispatch"))):
            return _declared(module, name)
    return None


def _declared(module: str, name: str) -> Definition | None:
    """Return the declarations of a function in the stub of its module."""
    nodes = [ast.parse(f"{header} ...").body[0] for header in _headers(module).get(name, ())]
    functions = tuple(node for node in nodes if isinstance(node, ast.FunctionDef))
    return Definition(module, functions, stub=True) if functions else None


def _home(source: ast.ImportFrom, module: str) -> str:
    """Return the full name of the module that an import in `module` reads."""
    if not source.level:
        return source.module or ""
    package = module.split(".")
    up = source.level - (1 if _is_package(module) else 0)
    return ".".join([*package[: len(package) - up], *([source.module] if source.module else [])])


def _binds(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement may bind, also inside its blocks."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                yield from (alias.asname or alias.name for alias in names)


@cache
def _root() -> Path:
    spec = find_spec("torch")
    return Path(spec.origin).parent if spec and spec.origin else Path()


def _is_package(module: str) -> bool:
    return (_folder(module) / "__init__.py").is_file()


def _folder(module: str) -> Path:
    return _root().joinpath(*module.split(".")[1:])


@cache
def _body(module: str) -> list[ast.stmt] | None:
    """Return the statements of a module of torch; of one that is written in C there are none."""
    folder = _folder(module)
    for file in (folder / "__init__.py", folder.with_suffix(".py")):
        if file.is_file():
            return ast.parse(file.read_text(encoding="utf-8")).body
    return [] if module in STUBS else None


@cache
def _bindings(module: str) -> Mapping[str, ast.stmt]:
    """Return the last statement at the top of a module of torch that binds each name."""
    return {name: statement for statement in _body(module) or () for name in _binds(statement)}


@cache
def _headers(module: str) -> Mapping[str, list[str]]:
    """Return the headers of each function in the stub of a module; without a stub there are none."""
    file = _root() / STUBS.get(module, "")
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    headers: dict[str, list[str]] = {}
    for match in re.finditer(r"^(?=(def (\w+)\((?:.*\n)*?.*\) -> .*?:))", text, re.MULTILINE):
        headers.setdefault(match[2], []).append(match[1])
    return headers
