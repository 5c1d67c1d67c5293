"""Which networks of the user's own code may be built from a text that was read from a file.

A run folder may come from anybody, and building the network it names runs code. So a network that is not
registered is built from a file's text only when this user has trained the same network, from the same source,
on this machine before, or says that the source is trusted. The store is one folder per user with a file
for each such network; nothing inside a run folder is taken as evidence.

The digest of a source covers the absolute path and the content of

- a file and the modules and packages beside it that it imports, directly or through one another;
- for an installed package, all of its Python files, with size and time for compiled ones. Packages
  that it depends on are not covered, nor are modules that are imported by a computed name.
"""

import ast
import importlib
import os
import sys
import warnings
from collections.abc import Iterator
from hashlib import sha256
from importlib.machinery import ModuleSpec, PathFinder, all_suffixes
from importlib.util import find_spec
from pathlib import Path

from netwright.durable import replace


def store() -> Path:
    """Return `$NETWRIGHT_TRUST`, else `netwright/trusted` in the user's folder for the state of programs.

    Raises:
        RuntimeError: the user has no home folder.
    """
    if own := os.environ.get("NETWRIGHT_TRUST"):
        return Path(own)
    if sys.platform == "win32":
        shared = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        shared = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return shared / "netwright" / "trusted"


def remember(call: str, home: str) -> None:
    """Note that the user has built `call` from the present source of `home`.

    A store that cannot be written does not stop a training: building the network from its run folder then
    asks for trust.
    """
    source = digest(home)
    if source is None:
        return
    try:
        store().mkdir(parents=True, exist_ok=True, mode=0o700)
        replace(_entry(call, source), f"{home}:{call}\n".encode())
    except (OSError, RuntimeError) as error:
        warnings.warn(
            f"what may be trusted cannot be written down ({error}), so loading this run will ask for trust; "
            "NETWRIGHT_TRUST can name another folder for it.",
            stacklevel=2,
        )


def trusted(call: str, home: str) -> bool:
    """Return whether `remember` was called with this call and the present source of `home`.

    Nothing is imported and no code of `home` runs.
    """
    source = digest(home)
    try:
        return source is not None and _entry(call, source).is_file()
    except (OSError, RuntimeError):
        return False


def _entry(call: str, source: str) -> Path:
    return store() / sha256(f"{source} {call}".encode()).hexdigest()


def digest(home: str) -> str | None:
    """Return the SHA-256 of the source that a file or an installed package runs.

    It is None where there is no source, as for a package in a zip file, or where it cannot be read.
    """
    whole, files = sha256(), []
    try:
        files = sorted(set(_sources(home)))
        for path in files:
            content = path.read_bytes() if path.suffix == ".py" else _stamp(path)
            whole.update(f"{path}\0{len(content)}\0".encode() + content)
    except OSError:
        return None
    return whole.hexdigest() if files else None


def _stamp(path: Path) -> bytes:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns}".encode()


def _sources(home: str) -> Iterator[Path]:
    importlib.invalidate_caches()
    if home.endswith(".py"):
        path = Path(os.path.realpath(os.path.expanduser(home)))
        return _with_imports(path) if path.is_file() else iter(())
    name = home.partition(".")[0]
    if name in sys.modules and sys.modules[name].__spec__ is None:
        return iter(())  # made by hand: it has no source
    return _files(find_spec(name))


def _files(module: ModuleSpec | None) -> Iterator[Path]:
    """Yield the Python files of a module or a package, found without importing it."""
    if module is None:
        return
    if module.submodule_search_locations is None:
        if module.has_location and module.origin and os.path.isfile(module.origin):
            yield Path(module.origin).resolve()
    else:
        yield from _python_files([Path(folder) for folder in module.submodule_search_locations])


def _python_files(pending: list[Path]) -> Iterator[Path]:
    """Yield the Python files in folders and below, through links too, because Python follows them."""
    seen = set()
    while pending:
        folder = pending.pop().resolve()
        if folder in seen or folder.name == "__pycache__" or not folder.is_dir():
            continue
        seen.add(folder)
        for path in folder.iterdir():
            if path.is_dir():
                pending.append(path)
            elif path.name.endswith(tuple(all_suffixes())) and path.is_file():
                yield path


def _with_imports(file: Path) -> Iterator[Path]:
    """Yield a file and every file beside it that it imports, directly or through another one."""
    pending, seen = [file], set()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        yield path
        for name in _imported(path):
            pending += _files(PathFinder.find_spec(name, [str(file.parent)]))


def _imported(path: Path) -> set[str]:
    """Return the first name of every module that a file imports."""
    if path.suffix != ".py":
        return set()
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return set()  # Python will refuse to run it too
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in names}
