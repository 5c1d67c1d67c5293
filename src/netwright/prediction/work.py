"""What is asked of a prediction, and what comes of one file: shared by all kinds of targets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from netwright.errors import DataError, UnreadableError
from netwright.prediction.inputs import Input
from netwright.prediction.rows import Row, RowType

Tiles = Callable[[int, int], None]
"""Told how many tiles of a file are done, and of how many."""


@dataclass(frozen=True)
class Options:
    """The choices of a person.

    Args:
        size: Resize the shorter side to this and crop the centre, for one class an image.
        components: The least number of positions of a region of a mask; smaller ones are removed.
        draw: Draw each prediction.
        skip_bad: Name files that cannot be read, and go on.
        memory: The bytes that a network may take for a tile of a large image.
        max_pixels: The largest picture that is decoded; by default the limit of Pillow.
    """

    size: int | None = None
    components: int = 0
    draw: bool = False
    skip_bad: bool = False
    memory: int | None = None
    max_pixels: int | None = None


@dataclass(frozen=True)
class Done:
    """A file whose results are on the disk, with its stamp from before it was read."""

    file: Input
    stamp: str
    row: Row


@dataclass(frozen=True)
class Skipped:
    """A file that cannot be read, and why."""

    file: Input
    reason: str

    def __str__(self) -> str:
        return f"left out `{self.file.path}`: {self.reason}"


class Work(Protocol):
    """What is done with files, by the kind of what is predicted."""

    @property
    def options(self) -> Options:
        """What was asked for."""

    @property
    def row(self) -> RowType:
        """What a row is made again by."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns of the table."""

    def results(self, file: Input) -> tuple[str, ...]:
        """Return the names of the files that are written for an input."""

    def __call__(self, files: Sequence[Input], tiles: Tiles) -> Iterator[list[Done] | Skipped]:
        """Yield what is finished, in any order, and the files that are left out.

        Raises:
            DataError: A file cannot be read or does not fit the run.
        """


def bad(file: Input, error: UnreadableError, options: Options) -> Skipped:
    """Return a file that cannot be read as one that is left out.

    Raises:
        DataError: Files are not left out.
    """
    if not options.skip_bad:
        raise DataError(
            f"`{file.path}` cannot be read: {error}; repair or remove it, or leave bad files out with "
            "--skip-bad (skip_bad=True)."
        ) from error
    return Skipped(file, str(error))
