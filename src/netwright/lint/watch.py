"""Files that are watched until one of them is saved."""

import os
import time
from collections.abc import Callable, Iterator

from netwright.errors import UsageError


def changes(files: Callable[[], list[str]], pause: float = 0.3) -> Iterator[list[str]]:
    """Yield an empty list at once, and then, without end, the files that were changed, added or deleted.

    Args:
        files: A function that returns the files to watch; it is called again each time.
        pause: The seconds between two looks at the files.
    """
    before = _stamps(files())
    yield []
    while True:
        time.sleep(pause)
        now = _stamps(_there(files))
        if now != before:
            changed = sorted(path for path, _ in set(now.items()) ^ set(before.items()))
            before = now
            yield list(dict.fromkeys(changed))


def _there(files: Callable[[], list[str]]) -> list[str]:
    """Return the files that exist now; there are none while a folder is empty or deleted."""
    try:
        return files()
    except UsageError:
        return []


def _stamps(files: list[str]) -> dict[str, tuple[int, int, int]]:
    """Return what changes when a file is saved, also when an editor replaces the file by another one."""
    stamps = {}
    for file in files:
        try:
            stat = os.stat(file)
        except OSError:
            continue  # deleted since it was listed, or a broken link
        stamps[file] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return stamps
