"""The names that PyTorch has, read from its source; it is imported only to confirm that a name is missing."""

import ast
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

LISTED = (
    "__init__.py",
    "cuda/__init__.py",
    "nn/__init__.py",
    "nn/modules/__init__.py",
    "nn/init.py",
    "nn/functional.py",
    "optim/__init__.py",
    "optim/lr_scheduler.py",
    "utils/data/__init__.py",
)
STUBS = {"_C/_VariableFunctions.pyi": r"^def ([a-z]\w*)\(", "_C/__init__.pyi": r"^(\w+): dtype"}
HOMES = {"__init__.py": "torch", "nn/modules/__init__.py": "torch.nn"}


@cache
def listed() -> frozenset[str]:
    """Return full names that the installed torch certainly has, read from its source without importing it."""
    home = find_spec("torch")
    if home is None or home.origin is None:
        return frozenset()
    root = Path(home.origin).parent
    names = {"torch.device"} | {name for file in LISTED for name in _names(root, file)}
    return frozenset(
        names | {name for file, pattern in STUBS.items() for name in _stubs(root / file, pattern)}
    )


def _stubs(path: Path, pattern: str) -> set[str]:
    """Return functions and data types of `torch` itself, which are written in C and declared in stubs."""
    if not path.is_file():
        return set()
    return {f"torch.{name}" for name in re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)}


def _names(root: Path, file: str) -> set[str]:
    module = HOMES.get(file) or "torch." + file.removesuffix(".py").removesuffix("/__init__").replace(
        "/", "."
    )
    declared = set()
    for node in ast.parse((root / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            declared |= {f"{module}.{node.name}"} if not node.name.startswith("_") else set()
        elif isinstance(node, ast.ImportFrom):
            declared |= {f"{module}.{alias.name}" for alias in node.names if alias.asname == alias.name}
        elif isinstance(node, ast.AnnAssign | ast.Assign) and not _is_all(node):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            declared |= {f"{module}.{name}" for name in names if not name.startswith("_")}
        elif isinstance(node, ast.Assign):
            declared |= {f"{module}.{name}" for name in ast.literal_eval(node.value)}
    return declared


def _is_all(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign):
        return False
    named = any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    return named and isinstance(node.value, ast.List)


def missing(name: str) -> tuple[str, list[str]] | None:
    """Return the module in which a full name is missing, and the names that this module has.

    The result is None when the name exists, or when the part before the missing name is not a module.

    >>> missing("torch.nn.Conv2d") is None
    True
    >>> missing("torch.nn.BatchNorm1D")[0]
    'torch.nn'
    """
    if name in listed():
        return None
    parts = name.split(".")
    value: object = import_module(parts[0])
    for index, part in enumerate(parts[1:], start=1):
        if hasattr(value, part):
            value = getattr(value, part)
            continue
        if type(value) is not ModuleType or _importable(".".join(parts[: index + 1])):
            return None
        return ".".join(parts[:index]), [known for known in dir(value) if not known.startswith("_")]
    return None


def _importable(name: str) -> bool:
    home, _, _ = name.rpartition(".")
    package = import_module(home)
    return hasattr(package, "__path__") and find_spec(name) is not None
