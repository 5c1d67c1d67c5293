"""What the names of files tell: their order, and which of them belong together."""

import re
from collections.abc import Sequence
from pathlib import Path

from netwright.data.read import suffix
from netwright.data.reading import Reading
from netwright.errors import DataError


def natural(path: Path | str) -> list[tuple[int, str]]:
    """Return a key that sorts names by the numbers in them.

    >>> sorted(["frame10.png", "frame9.png"], key=natural)
    ['frame9.png', 'frame10.png']
    """
    parts = re.split(r"(\d+)", str(path))
    return [(int(part), "") if k % 2 else (-1, part) for k, part in enumerate(parts)]


def stem(path: Path) -> str:
    """Return a name without its suffix, both parts of `.nii.gz` included."""
    return path.name[: len(path.name) - len(suffix(path))]


def groups(
    paths: Sequence[Path], root: Path, reading: Reading, own: Sequence[str] | None = None
) -> list[str]:
    """Return what each file belongs to: a video, a stack, a patient.

    By default that is what the layout says, its `own` groups, else files belong together that lie in one
    folder and whose names differ only in a number at the end, as slices and frames do. `reading.group`
    overrides both.

    Raises:
        DataError: `reading.group` is not a regular expression, or a path does not match it.
    """
    if own is not None and not reading.group:
        return list(own)
    inside = [path.relative_to(root) for path in paths]
    if reading.group == "none":
        return [path.as_posix() for path in inside]
    if reading.group == "folder":
        return [path.parent.as_posix() for path in inside]
    if not reading.group:
        return [(path.parent / re.sub(r"[ _.-]*\d+$", "", stem(path))).as_posix() for path in inside]
    try:
        pattern = re.compile(reading.group)
    except re.error as error:
        raise DataError(f"`group` (={reading.group}) is not a regular expression: {error}.") from error
    matches = [pattern.search(path.as_posix()) for path in inside]
    if None in matches:
        path = inside[matches.index(None)]
        raise DataError(f"`group` (={reading.group}) does not match `{path}`; it must match every image.")
    return [match[1] if pattern.groups and match[1] is not None else match[0] for match in matches if match]
