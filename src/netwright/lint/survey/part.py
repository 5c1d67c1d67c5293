"""What one pass keeps of a split, with the pass itself."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from netwright.data.picture import Picture
from netwright.errors import UnreadableError
from netwright.lint.survey.maps import MaskFacts, mask_facts
from netwright.lint.survey.origin import Origin
from netwright.lint.survey.outlines import Outline, outline
from netwright.lint.survey.sketch import ELEMENTS, Sketch, sketch

CHUNK = 64
"""Examples that one thread reads before it hands over what it keeps of them."""
OUTLINES = 2000
"""The most examples of a split whose edges are kept; they are spread evenly over it."""


@dataclass(frozen=True, eq=False)
class Header:
    """What a file says about its picture besides the values."""

    spacing: tuple[float, ...] = ()
    affine: np.ndarray | None = None
    orientation: int = 1

    @classmethod
    def of(cls, picture: Picture) -> "Header":
        """Return the header of a picture."""
        return cls(picture.spacing, picture.affine, picture.orientation)


@dataclass(frozen=True, eq=False)
class Example:
    """What is kept of one example; `broken` and `broken_mask` say why a file cannot be read."""

    shape: tuple[int, ...] = ()
    kind: str = ""
    header: Header = field(default_factory=Header)
    broken: str = ""
    mask: MaskFacts | None = None
    mask_header: Header = field(default_factory=Header)
    broken_mask: str = ""
    outline: Outline | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """What is kept of one split.

    The arrays of `sketch` have one row for each readable input; `rows` are the numbers of those inputs.
    Channels that an input does not have are NaN.
    """

    name: str
    origin: Origin
    examples: Sequence[Example]
    rows: np.ndarray
    sketch: Sketch

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def labels(self) -> np.ndarray | None:
        """The class index of each example [n]; None if the examples have no classes."""
        return self.origin.labels

    def bad_values(self) -> dict[int, int]:
        """Return the number of values that are NaN or infinite, of each input that has any."""
        bad = np.nansum(self.sketch.bad, axis=1)
        return {int(self.rows[row]): int(bad[row]) for row in np.flatnonzero(bad)}

    def blank(self) -> list[int]:
        """Return the numbers of the inputs whose channels are all constant."""
        constant = (self.sketch.low >= self.sketch.high) | np.isnan(self.sketch.low)
        return [int(self.rows[row]) for row in np.flatnonzero(constant.all(axis=1))]

    @property
    def masks(self) -> list[MaskFacts]:
        """What is kept of the readable masks."""
        return [example.mask for example in self.examples if example.mask is not None]


def survey_part(name: str, origin: Origin, through: Callable[[Iterable[int], int], Iterable[int]]) -> Part:
    """Read every example of a split once, in several threads, and return what is kept of it.

    Args:
        name: The name of the split.
        origin: The examples.
        through: A function that yields the given items, of which there are so many, as a progress bar does.
    """
    starts = range(0, len(origin), CHUNK)
    wanted = set(np.linspace(0, max(len(origin) - 1, 0), OUTLINES).round().astype(int).tolist())
    examples: list[Example] = []
    pieces: list[tuple[list[int], Sketch]] = []
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        chunks = pool.map(partial(_chunk, origin, wanted), starts)
        try:
            for _, (kept, sketched) in zip(through(starts, len(starts)), chunks, strict=True):
                examples += kept
                pieces += sketched
        finally:
            pool.shutdown(cancel_futures=True)  # after an error or Ctrl-C, nothing more is read
    return Part(name, origin, examples, *_joined(pieces))


def _chunk(
    origin: Origin, wanted: set[int], start: int
) -> tuple[list[Example], list[tuple[list[int], Sketch]]]:
    """Return what is kept of some examples, with the sketches of those that have one shape and type."""
    examples, pieces = [], []
    waiting: list[tuple[int, np.ndarray]] = []
    held = 0
    for k in range(start, min(start + CHUNK, len(origin))):
        example, values = _example(origin, k, outlined=k in wanted)
        examples.append(example)
        if values is None:
            continue
        first = waiting[0][1] if waiting else values
        if (values.shape, values.dtype) != (first.shape, first.dtype) or held > ELEMENTS:
            pieces.append(_sketched(waiting))
            waiting, held = [], 0
        waiting.append((k, values))
        held += values.size
    return examples, [*pieces, _sketched(waiting)] if waiting else pieces


def _sketched(waiting: list[tuple[int, np.ndarray]]) -> tuple[list[int], Sketch]:
    stack = waiting[0][1][None] if len(waiting) == 1 else np.stack([values for _, values in waiting])
    return [k for k, _ in waiting], sketch(stack)


def _example(origin: Origin, k: int, *, outlined: bool) -> tuple[Example, np.ndarray | None]:
    """Read one example, and return what is kept of it and its values, None if it cannot be read."""
    image, broken = _read(origin.image, k)
    mask, broken_mask = _read(origin.mask, k) if origin.masked else (None, "")
    values = None if image is None else image.values
    target = None if mask is None else mask.values[0]
    drawn = None
    if outlined and values is not None and target is not None:
        drawn = outline(values, target)
    example = Example(
        () if values is None else values.shape,
        "" if values is None else values.dtype.name,
        Header() if image is None else Header.of(image),
        broken,
        None if target is None else mask_facts(target),
        Header() if mask is None else Header.of(mask),
        broken_mask,
        drawn,
    )
    return example, values


def _read(reader: Callable[[int], Picture], k: int) -> tuple[Picture | None, str]:
    """Return a picture, or why it cannot be read."""
    try:
        picture = reader(k)
    except UnreadableError as error:
        return None, str(error)
    if not picture.values.size:
        return None, "it has no values"
    return picture, ""


def _joined(pieces: list[tuple[list[int], Sketch]]) -> tuple[np.ndarray, Sketch]:
    """Return the numbers of the inputs and one sketch of all of them."""
    channels = max((part.mean.shape[1] for _, part in pieces), default=1)
    length = max((part.small.shape[1] for _, part in pieces), default=1)
    rows = np.array([k for numbers, _ in pieces for k in numbers], int)

    def stacked(name: str, width: int) -> np.ndarray:
        parts = [_widened(getattr(part, name), width) for _, part in pieces]
        return np.concatenate(parts) if parts else np.zeros((0, width))

    return rows, Sketch(
        low=stacked("low", channels),
        high=stacked("high", channels),
        mean=stacked("mean", channels),
        std=stacked("std", channels),
        bad=stacked("bad", channels),
        small=stacked("small", length).astype(np.float16),
        digests=tuple(digest for _, part in pieces for digest in part.digests),
    )


def _widened(values: np.ndarray, width: int) -> np.ndarray:
    """Return rows with NaN in the columns that they lack."""
    missing = width - values.shape[1]
    return np.pad(values.astype(float), ((0, 0), (0, missing)), constant_values=np.nan) if missing else values
