"""Files that are there whole or not at all, and folders that one process holds, whoever is killed when.

Writing raises the `OSError` of the failing call; callers say what could not be kept.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netwright.errors import RunError

LOCK = ".lock"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` when the body ends: a reader sees old or new.

    The mode bits of the old file stay, and a link goes on pointing at it; nothing is left when the body
    raises.
    """
    path = path.resolve()
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield draft
        if path.exists():
            shutil.copymode(path, draft)
        sync(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file at once."""
    with replacing(path) as draft:
        draft.write_bytes(data)


def put(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on the disk; a stop on the way leaves a part of it."""
    path.write_bytes(data)
    sync(path)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def empty(folder: Path) -> bool:
    """Nothing there but what a process killed at its start leaves: its lock and its drafts."""
    return not folder.exists() or all(file.name == LOCK or _draft(file) for file in folder.iterdir())


def _draft(file: Path) -> bool:
    return file.name.startswith(".") and file.suffix == ".partial" and file.is_file()


@contextmanager
def claimed(folder: Path, holds: str, kind: str) -> Iterator[None]:
    """Make the folder and keep it to this process; the lock ends with it, however it ends.

    Args:
        folder: where.
        holds: the file that tells a folder of ours.
        kind: what such a folder is, in the words of an error: "run", "study".

    Raises:
        RunError: another process holds it, or the folder is none of ours.
    """
    if folder.exists() and not folder.is_dir():
        raise RunError(f"`{folder}` is a file; give a folder for the {kind}.")
    if not empty(folder) and not (folder / holds).exists():
        raise RunError(f"`{folder}` is not empty and holds no {kind}; give another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"`{folder}` is in use by another process; wait, or give another.") from error
        for left in filter(_draft, list(folder.iterdir())):
            left.unlink()
        yield
