"""Files that are written completely or not at all, and folders that one process holds at a time.

Both hold even if a process is killed at any moment. Writing raises the `OSError` of the system call that
failed; the caller says what could not be saved. Folders may come from anybody, so pipes are not read, and
nothing is written through a link in such a folder.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from netwright.errors import RunError

LOCK = ".lock"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write to, and move it to `path` when the body ends: a reader sees old or new content.

    The mode bits of the old file are preserved, and a symbolic link keeps pointing at it. No file is left
    when the body raises.
    """
    path = path.resolve()
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield draft
        sync(draft)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Replace the content of a file with `data` in one step."""
    with replacing(path) as draft:
        draft.write_bytes(data)


def put(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on the disk; a process killed meanwhile leaves a part of the file."""
    path.write_bytes(data)
    sync(path)


def read(path: Path) -> bytes:
    """Return the content of a regular file; reading a pipe or a device might never end."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return path.read_bytes()


def sync(path: Path) -> None:
    """Wait until a file, or the list of names in a folder, is on the disk.

    Windows cannot open a folder and writes its names by itself.
    """
    folder = path.is_dir()
    if folder and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def empty(folder: Path) -> bool:
    """Return whether a folder is missing, or holds only the lock and the drafts of a killed process."""
    return not folder.exists() or all(file.name == LOCK or _is_draft(file) for file in folder.iterdir())


def _is_draft(file: Path) -> bool:
    return file.name.startswith(".") and file.suffix == ".partial" and file.is_file()


@contextmanager
def claimed(folder: Path, holds: str, kind: str) -> Iterator[None]:
    """Create a folder and lock it for this process; the lock ends with the process, however that ends.

    Args:
        folder: the folder to create or to take over.
        holds: the name of the file by which such a folder is recognised.
        kind: what such a folder is called in an error: "run" or "study".

    Raises:
        RunError: another process holds the folder, or it contains something else, or a symbolic link.
    """
    if folder.exists() and not folder.is_dir():
        raise RunError(f"`{folder}` is a file; give a folder for the {kind}.")
    if not empty(folder) and not (folder / holds).exists():
        raise RunError(f"`{folder}` is not empty and does not contain a {kind}; give another folder.")
    for path in folder.rglob("*"):
        if path.is_symlink():
            raise RunError(
                f"`{path}` is a symbolic link, and writing the {kind} would change what it points to; put a "
                "copy in its place."
            )
    folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(folder / LOCK, timeout=0).acquire()
    except Timeout as error:
        raise RunError(
            f"`{folder}` is in use by another process; wait for it, or give another folder."
        ) from error
    with lock:
        for draft in filter(_is_draft, list(folder.rglob("*"))):
            draft.unlink()
        yield
