"""The files that are predicted: which ones a person means, and what each result is called."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from netwright.data.read import SUFFIXES, suffix
from netwright.data.stored import stamps
from netwright.errors import DataError

STORES = ("zarr.json", ".zarray", ".zgroup")
"""Files by which the folder of a zarr store is recognised."""
RESULTS = "predictions.json"
"""The file by which a folder of predictions is recognised."""


@dataclass(frozen=True)
class Input:
    """One file, or the folder of a zarr store; `name` is its path below the folder that holds all inputs."""

    path: Path
    name: str

    def result(self, ending: str) -> str:
        """Return the name of a result, with the ending of the file replaced.

        >>> Input(Path("scans/a/x.nii.gz"), "a/x.nii.gz").result(".png")
        'a/x.png'
        """
        name = PurePosixPath(self.name)
        return str(name.with_name(name.name[: len(name.name) - len(suffix(self.path))] + ending))

    def stamp(self) -> str:
        """Return a text that changes when the file does."""
        return stamps([self.path])[0]


@dataclass(frozen=True)
class Inputs:
    """All inputs in their order, and the number of files of other formats that folders hold beside them."""

    files: tuple[Input, ...]
    others: int = 0


def inputs(given: Sequence[str | Path], out: Path | None = None) -> Inputs:
    """Return the files that are named, and those in folders that are named, at any depth and sorted.

    Hidden files, those below `out`, and earlier predictions are left out of folders. A file that is named
    twice counts once. Names are relative to the deepest folder that holds everything that was named, so that
    two files of one name in different folders get different results.

    Raises:
        DataError: A name does not exist, its format is not read, or a folder holds no such file or cannot be
            read.
    """
    paths: dict[Path, None] = {}
    places, others = [], 0
    for path in map(_present, given):
        folder = path.is_dir() and not _is_store(path)
        places.append(Path(os.path.abspath(path if folder else path.parent)))
        known = [path] if not folder else []
        if folder:
            every = list(_below(path, out and Path(os.path.abspath(out)), frozenset()))
            known = list(filter(_is_readable, every))
            others += len(every) - len(known)
            if not known:
                raise DataError(f"the folder `{path}` holds no file of a format that is read: {_formats()}.")
        elif not _is_readable(path):
            raise DataError(f"`{path}` has a format that is not read; these are: {_formats()}.")
        paths.update(dict.fromkeys(known))
    if not paths:
        raise DataError("there is nothing to predict; name files or folders.")
    return Inputs(_named(list(paths), places), others)


def distinct(files: Sequence[Input], results: Sequence[str]) -> None:
    """Refuse inputs whose results would have one name.

    Raises:
        DataError: Two results have one name; the message names both inputs.
    """
    taken: dict[str, Input] = {}
    for file, result in zip(files, results, strict=True):
        if other := taken.get(result):
            raise DataError(
                f"`{other.path}` and `{file.path}` would both be written to `{result}`; predict them into "
                "folders of their own."
            )
        taken[result] = file


def _present(given: str | Path) -> Path:
    path = Path(given).expanduser()
    if not path.exists():
        raise DataError(f"there is no file or folder `{given}`.")
    return path


def _is_store(path: Path) -> bool:
    return path.is_dir() and (
        path.suffix.lower() == ".zarr" or any((path / name).exists() for name in STORES)
    )


def _is_readable(path: Path) -> bool:
    return suffix(path) in SUFFIXES or _is_store(path)


def _below(folder: Path, out: Path | None, above: frozenset[Path]) -> Iterator[Path]:
    """Yield the files and stores below a folder, sorted by their names; a link that leads back ends there."""
    here = folder.resolve()
    if here in above:
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"the folder `{folder}` cannot be read: {error.strerror}.") from error
    for entry in entries:
        if entry.name.startswith(".") or Path(os.path.abspath(entry)) == out:
            continue
        if (entry / RESULTS).exists():
            continue
        if entry.is_dir() and not _is_store(entry):
            yield from _below(entry, out, above | {here})
        else:
            yield entry


def _named(paths: Sequence[Path], places: Sequence[Path]) -> tuple[Input, ...]:
    """Return the inputs, a file that can be reached by two paths once."""
    root = Path(os.path.commonpath(places))
    names: dict[str, Path] = {}
    for path in paths:
        names.setdefault(Path(os.path.abspath(path)).relative_to(root).as_posix(), path)
    return tuple(Input(path, name) for name, path in names.items())


def _formats() -> str:
    return ", ".join(dict.fromkeys(SUFFIXES))
