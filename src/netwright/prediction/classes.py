"""One class for each file: batches of equal shapes, and the probability of every class."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from netwright import durable
from netwright.arithmetic.shape import show
from netwright.data.fit import fit
from netwright.data.kinds import Kind, stacked
from netwright.data.read import read
from netwright.errors import USER_ERRORS, DataError, UnreadableError
from netwright.prediction.inputs import Input
from netwright.prediction.predictor import Predictor
from netwright.prediction.rows import ClassRow
from netwright.prediction.sheet import captioned, png
from netwright.prediction.suited import arranged, require
from netwright.prediction.work import Done, Options, Skipped, Tiles, bad

BATCH = 64
VALUES = 2**22
"""The values that a batch of more than one example may hold."""
WAITING = 4 * BATCH
"""Examples that may wait for others of their shape."""


@dataclass(frozen=True)
class Example:
    """One image as it is stored, [c, *space]."""

    file: Input
    stamp: str
    values: Tensor


@dataclass(frozen=True)
class Classes:
    """Predicts one class for each file.

    Args:
        predictor: The network.
        folder: The folder of the drawings; None where nothing is written.
        options: What is asked for.
    """

    predictor: Predictor
    folder: Path | None
    options: Options

    row = ClassRow

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return tuple(self.predictor.run.data["classes"])

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns of the table."""
        return ClassRow.header(self.names)

    def results(self, file: Input) -> tuple[str, ...]:
        """Return the names of the files that are written for an input."""
        return (file.result(".drawn.png"),) if self.options.draw else ()

    def __call__(self, files: Sequence[Input], tiles: Tiles) -> Iterator[list[Done] | Skipped]:
        """Yield the results of each batch, and each file that is left out.

        Files of one shape and type make a batch; what is left over makes smaller ones at the end.

        Raises:
            DataError: A file cannot be read or does not fit the run, or the network does not read its size.
        """
        waiting: dict[tuple[tuple[int, ...], torch.dtype], list[Example]] = {}
        for file in files:
            try:
                example = Example(file, file.stamp(), self._read(file.path))
            except UnreadableError as error:
                yield bad(file, error, self.options)
                continue
            key = (tuple(example.values.shape), example.values.dtype)
            waiting.setdefault(key, []).append(example)
            if len(waiting[key]) == batch_size(example.values):
                yield self._batch(waiting.pop(key))
            elif sum(map(len, waiting.values())) == WAITING:
                yield self._batch(waiting.pop(max(waiting, key=lambda key: len(waiting[key]))))
        for batch in waiting.values():
            yield self._batch(batch)

    def outputs(self, values: Tensor, place: str) -> tuple[Tensor, Tensor]:
        """Return classes [b] and probabilities [b, classes] for stored values [b, c, *space].

        Raises:
            DataError: The network does not read inputs of this shape.
        """
        try:
            output = self.predictor(self.predictor.prepare(values)).cpu()
        except USER_ERRORS as error:
            raise DataError(self._misfit(tuple(values.shape[1:]), place, error)) from error
        found = stacked(self.predictor.task.decode(output, None)[Kind.CLASS])
        return found, output.softmax(1)

    def prepared(self, values: np.ndarray, place: str) -> Tensor:
        """Return stored values [c, *space], resized where that is asked for.

        Raises:
            UnreadableError: They are not finite.
            DataError: They are not of the kind of the training.
        """
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise UnreadableError("it holds values that are not finite (NaN or infinity)")
        require(values, self.predictor.input, self.predictor.range, place)
        return torch.from_numpy(
            np.array(values if self.options.size is None else fit(values, self.options.size))
        )

    def rows(self, names: Sequence[str], found: Tensor, probabilities: Tensor) -> list[ClassRow]:
        """Return the rows of a batch; the probabilities are the shortest decimals of their float32 values."""
        return [
            ClassRow(name, self.names[number], shares[number], dict(zip(self.names, shares, strict=True)))
            for name, number, shares in zip(names, found.tolist(), _decimals(probabilities), strict=True)
        ]

    def _batch(self, batch: Sequence[Example]) -> list[Done]:
        values = torch.stack([example.values for example in batch])
        found, probabilities = self.outputs(values, f"`{batch[0].file.path}`")
        rows = self.rows([example.file.name for example in batch], found, probabilities)
        if self.options.draw and self.folder is not None:
            rows = [self._drawn(*each) for each in zip(batch, found, rows, strict=True)]
        return [Done(each.file, each.stamp, row) for each, row in zip(batch, rows, strict=True)]

    def _drawn(self, example: Example, found: Tensor, row: ClassRow) -> ClassRow:
        """Draw one image with its class below it."""
        assert self.folder is not None
        name = example.file.result(".drawn.png")
        picture = self.predictor.task.draw(_visible(example.values), {Kind.CLASS: found})
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.replace(path, png(captioned(picture, [f"{row.class_name}  {row.probability:.1%}"])))
        return replace(row, picture=name)

    def _read(self, path: Path) -> Tensor:
        """Return an image [c, *space] of the kind of the training, resized where that is asked for."""
        return self.prepared(arranged(read(path).values, self.predictor.input), f"`{path}`")

    def _misfit(self, shape: tuple[int, ...], place: str, error: BaseException) -> str:
        """Return why the network does not read a shape, and what to do."""
        input = self.predictor.input
        remedy = f"; give --size {min(input[1:])} (size={min(input[1:])})" if len(input) == 3 else ""
        return (
            f"{place} is {show(shape)}, and the network, which was trained on {show(input)}, does not read "
            f"that{remedy}. It says: {str(error).partition(chr(10))[0]}"
        )


def _visible(stored: Tensor) -> Tensor:
    """Return stored values [c, *space] as 0..1: bytes as they are, the values of other types spread."""
    if stored.dtype == torch.uint8:
        return stored.float() / 255
    values = stored.float()
    return (values - values.min()) / (values.max() - values.min()).clamp(min=1e-12)


def batch_size(values: Tensor) -> int:
    """Return how many examples of a shape make a batch."""
    return max(1, min(BATCH, VALUES // values.numel()))


def _decimals(probabilities: Tensor) -> list[list[float]]:
    """Return float32 values as the shortest decimals that stand for them."""
    return [[float(str(value)) for value in row] for row in probabilities.numpy()]
