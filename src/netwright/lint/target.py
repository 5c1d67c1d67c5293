"""What a target of `netwright check` names: a source file, a folder of them, or a network."""

import os
from pathlib import Path

from netwright.errors import UsageError

SKIPPED = {"__pycache__", "node_modules", "site-packages", "build", "dist"}
"""Folders that do not hold the user's own source."""


def is_script(target: str) -> bool:
    """Return True for a source file or a folder, and False for a spec."""
    return target.endswith(".py") or os.path.isdir(target) or os.path.isfile(target)


def scripts(target: str) -> list[str]:
    """Return the source files of a file or folder, without hidden folders, environments and build output.

    Raises:
        UsageError: The folder has no Python file.
    """
    root = Path(target)
    if not os.path.isdir(target):
        return [target]
    files = (path for path in root.rglob("*.py") if os.path.isfile(path))
    paths = sorted(str(path) for path in files if not _skipped(path.relative_to(root), root))
    if not paths:
        raise UsageError(f"the folder `{target}` has no Python file.")
    return paths


def _skipped(path: Path, root: Path) -> bool:
    if any(part in SKIPPED or part.startswith(".") for part in path.parts):
        return True
    return any((root / above / "pyvenv.cfg").is_file() for above in path.parents)


def source_of(target: str) -> str:
    """Return the user's file that a target names; it is empty for a registered or installed network.

    >>> source_of("net.py:Net(width=2)"), source_of("train.py"), source_of("resnet20")
    ('net.py', 'train.py', '')
    """
    if is_script(target):
        return target
    home = target.partition("(")[0].rpartition(":")[0]
    return home if home.endswith(".py") else ""
