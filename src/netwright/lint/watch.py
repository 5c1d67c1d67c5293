"""Wait for files to be saved."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path


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
        now = _stamps(files())
        if now != before:
            changed = sorted(path for path, _ in set(now.items()) ^ set(before.items()))
            before = now
            yield list(dict.fromkeys(changed))


def _stamps(files: list[str]) -> dict[str, tuple[int, int]]:
    found = {}
    for file in files:
        path = Path(file)
        if path.is_file():
            stat = path.stat()
            found[file] = (stat.st_mtime_ns, stat.st_size)
    return found
