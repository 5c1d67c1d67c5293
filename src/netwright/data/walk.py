"""Every path inside a folder, through links to other folders too."""

import os
from collections.abc import Iterator
from pathlib import Path


def walk(folder: Path) -> Iterator[Path]:
    """Yield each file and folder inside a folder, in no particular order.

    A link to a folder is followed, as a person who links `images` and `masks` from elsewhere expects. Links
    inside a linked folder are not, so no set of links can make the walk endless.
    """
    yield from _walk(folder, linked=False)


def _walk(folder: str | Path, *, linked: bool) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        inside = list(entries)
    for entry in inside:
        yield Path(entry.path)
        link = entry.is_symlink()
        if entry.is_dir() and not (link and linked):
            yield from _walk(entry.path, linked=linked or link)
