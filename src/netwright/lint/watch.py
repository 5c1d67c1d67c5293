"""Wait for files to be saved."""

import os
import time
from collections.abc import Callable, Iterator

from netwright.errors import UsageError


def changes(files: Callable[[], list[str]], pause: float = 0.3) -> Iterator[list[str]]:
    """Yield an empty list at once, then the files that have changed, appeared or gone; never ends by itself.

    Args:
        files: the files to watch, asked again each time.
        pause: seconds between two looks.
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
    """The files there are now; none while a folder is empty or gone."""
    try:
        return files()
    except UsageError:
        return []


def _stamps(files: list[str]) -> dict[str, tuple[int, int, int]]:
    """What tells a saved file from the one before: an editor may also put another file in its place."""
    found = {}
    for file in files:
        try:
            stat = os.stat(file)
        except OSError:
            continue  # gone since it was listed, or a link to nothing
        found[file] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found
