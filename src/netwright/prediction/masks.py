"""A mask for each file, by tiles where the file is large."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from netwright import durable
from netwright.data.kinds import Kind
from netwright.errors import DataError, DesignError, SpecError, UnreadableError
from netwright.prediction.inputs import Input
from netwright.prediction.map_file import ending
from netwright.prediction.maps import predict_map
from netwright.prediction.predictor import Predictor
from netwright.prediction.rows import MaskRow
from netwright.prediction.work import Done, Options, Skipped, Tiles, bad
from netwright.training.pictures import png


@dataclass(frozen=True)
class Masks:
    """Predicts a mask for each file.

    Args:
        predictor: The network.
        folder: The folder of the masks.
        options: What is asked for.
    """

    predictor: Predictor
    folder: Path
    options: Options

    row = MaskRow

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns of the table."""
        return MaskRow.header(tuple(self.predictor.run.data["classes"]))

    def results(self, file: Input) -> tuple[str, ...]:
        """Return the names of the files that are written for an input."""
        mask = file.result(".zarr" if file.path.is_dir() else ending(file.path))
        return (mask, file.result(".drawn.png")) if self.options.draw else (mask,)

    def __call__(self, files: Sequence[Input], tiles: Tiles) -> Iterator[list[Done] | Skipped]:
        """Yield the result of each file, and each file that is left out.

        Raises:
            DataError: A file cannot be read or does not fit the run.
        """
        for file in files:
            mark = file.stamp()
            try:
                yield [Done(file, mark, self._predict(file, tiles))]
            except UnreadableError as error:
                yield bad(file, error, self.options)
            except (DataError, DesignError, SpecError) as error:
                raise type(error)(f"`{file.path}` cannot be predicted: {error}") from error

    def _predict(self, file: Input, tiles: Tiles) -> MaskRow:
        mask, *pictures = self.results(file)
        options = self.options
        done = predict_map(
            self.predictor,
            file.path,
            self.folder / mask,
            memory=options.memory,
            components=options.components,
            max_pixels=options.max_pixels,
            progress=tiles,
        )
        for name in pictures:
            drawn = self.predictor.task.draw(done.image, {Kind.MASK: done.mask})
            durable.replace(self.folder / name, png(drawn))
        return MaskRow(file.name, mask, done.shares, done.inexact, tuple(done.notes), *pictures)
