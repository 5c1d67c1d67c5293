"""The object that a spec names in a file or a package, and whether it may be called.

A spec is a short text, and it must not be a way to call any function with any argument. What it names is
judged after it is resolved and before it is called: a module object, a subclass of `torch.nn.Module`, and a
function that is defined in the named file, beside it or in the named package are networks or make them.
Functions of torch, of Netwright, of the standard library and of other packages are refused.
"""

import importlib
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from hashlib import blake2b
from inspect import isbuiltin, isclass, isfunction, ismethod
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from netwright.errors import SpecError
from netwright.slicing.loader import PartLoader
from netwright.trace.absent import AbsentDevices
from netwright.trace.source import building, raising
from netwright.trace.usercode import UserCode, format_error

_FOLDERS = (
    Path(sysconfig.get_paths()["stdlib"]),
    Path(torch.__file__).parent,
    Path(__file__).parent,
)
"""Where the standard library, torch and Netwright are."""


def resolve(home: str, name: str, *, whole: bool = False) -> Any:
    """Import a file or a package and return the object that has a name in it, such as `Net` or `nets.Net`.

    Of a file, only the statements that the name needs are executed, unless the `whole` file is asked for.

    Raises:
        SpecError: the home cannot be imported, has no such name, or the object must not be called.
    """
    refuse_library(home)
    module = _file(home, "" if whole else name.partition(".")[0]) if home.endswith(".py") else _package(home)
    target: Any = module
    for part in name.split("."):
        if not (isinstance(target, ModuleType | nn.Module) or isclass(target)):
            raise SpecError(f"`{name}` of `{home}`: a {type(target).__name__} has no networks in it.")
        with UserCode() as caught:
            target = _attribute(home, target, part)
        if isinstance(caught.error, SpecError):
            raise caught.error
        if caught.error is not None:
            raise SpecError(f"`{name}` of `{home}` cannot be loaded: {_reason(caught)}.") from caught.error
    reason = _unfit(target, home, module)
    if reason:
        raise SpecError(f"`{name}` of `{home}` {reason}.")
    return target


def refuse_library(home: str) -> None:
    """Refuse the standard library, and the files of torch and of Netwright, before anything is imported."""
    if home.endswith(".py"):
        path = Path(os.path.realpath(os.path.expanduser(home)))
        refused = any(path.is_relative_to(folder.resolve()) for folder in _FOLDERS)
    else:
        refused = home.partition(".")[0] in sys.stdlib_module_names
    if refused:
        raise SpecError(
            f"`{home}` belongs to the standard library, to torch or to Netwright; a spec names a network of "
            "your own file or of an installed package."
        )


def _package(home: str) -> ModuleType:
    with UserCode() as caught:
        return importlib.import_module(home)
    raise SpecError(f"`{home}` cannot be imported: {_reason(caught)}.") from caught.error


def _file(home: str, needed: str) -> ModuleType:
    """Execute what a name needs in a file, or all of it if the name is empty."""
    path = Path(os.path.realpath(os.path.expanduser(home)))
    if not os.path.isfile(path):
        raise SpecError(f"there is no file `{home}`.")
    name = f"{path.stem}_{blake2b(str(path).encode(), digest_size=4).hexdigest()}"
    loader = PartLoader(name, str(path), needed)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    with UserCode() as caught, building(), AbsentDevices(), _no_arguments(path):
        loader.exec_module(module)
    if caught.error is not None:
        reason = loader.remark(caught.error) or _reason(caught)
        raise SpecError(f"`{home}` cannot be loaded: {reason}.") from caught.error
    return module


@contextmanager
def _no_arguments(path: Path) -> Iterator[None]:
    """Let a script see an empty command line, since that of this process is not meant for it."""
    arguments = sys.argv
    sys.argv = [str(path)]
    try:
        yield
    finally:
        sys.argv = arguments


def _reason(caught: UserCode) -> str:
    """Return what was raised, and the user's line that raised it."""
    assert caught.error is not None
    line = raising(caught.traceback)
    return format_error(caught.error).rstrip(".") + (f" ({line})" if line else "")


def _attribute(home: str, owner: Any, name: str) -> Any:
    if not hasattr(owner, name):
        names = [own for own in dir(owner) if not own.startswith("_") and callable(getattr(owner, own))]
        near = get_close_matches(name, names, n=3, cutoff=0.5) or names[:5]
        hint = f"it has {', '.join(near)}." if near else "it is empty."
        raise SpecError(f"`{home}` has no `{name}`; {hint}")
    return getattr(owner, name)


def _unfit(target: Any, home: str, module: ModuleType) -> str:
    """Return why `target` must not be called for a network; the empty text means that it may be."""
    if isinstance(target, nn.Module) or (isclass(target) and issubclass(target, nn.Module)):
        return ""
    if isclass(target):
        return f"is the class {target.__module__}.{target.__qualname__}, not a subclass of torch.nn.Module"
    function = target.__func__ if ismethod(target) and isclass(target.__self__) else target
    if not (isfunction(function) or isbuiltin(function)):
        return f"is a {type(target).__name__}, not a network, a subclass of torch.nn.Module or a function"
    if isbuiltin(function) or not _defined_in(str(function.__module__), home, module):
        return (
            f"is a function of {function.__module__}; a spec calls only functions that are defined in the "
            "file or package that it names, and none of torch, Netwright or the standard library"
        )
    return ""


def _defined_in(name: str, home: str, module: ModuleType) -> bool:
    """Whether the module of that name is the named file, a file beside it, or a part of the named package."""
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names or top in ("torch", "netwright"):
        return False
    if not home.endswith(".py"):
        return top == home.partition(".")[0]
    return name == module.__name__ or _beside(Path(str(module.__file__)).parent, top)


def _beside(folder: Path, name: str) -> bool:
    """Whether a module was imported from a folder of the user's, not one of installed packages."""
    installed = [Path(sysconfig.get_paths()[key]).resolve() for key in ("purelib", "platlib")]
    if name not in sys.modules or folder in installed:
        return False
    facts = vars(sys.modules[name])
    places = [facts["__file__"]] if facts.get("__file__") else list(facts.get("__path__", ()))
    return any(Path(place).resolve().parent in (folder, folder / name) for place in places)
