"""What is known of a data set after one pass over its examples: the subject of the rules about data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.data.readers.image import limited
from netwright.lint.finding import Place
from netwright.lint.survey.maps import NOTHING, Values
from netwright.lint.survey.order import beside
from netwright.lint.survey.origin import Origin, Tensors, relative
from netwright.lint.survey.part import Part, survey_part
from netwright.lint.survey.tree import Pairing
from netwright.lint.survey.twins import Twin, nearly, twins

Through = Callable[[str, Iterable[int], int], Iterable[int]]
"""A function of a title, items and their number that yields the items, as a progress bar does."""


@dataclass(frozen=True, eq=False)
class Survey:
    """A data set after one pass.

    Args:
        root: The folder of the data, or their name: where findings about the whole set stand.
        parts: What is kept of each split: train, valid, test.
        classes: The names of the classes.
        values: The values of a mask that stand for the classes; empty: 0, 1, ...
        ignore: The values of a mask that count for nothing.
        layout: What was understood of the files, in one line.
        named: Whether the names or the values of the classes come from the user or from a file of the data.
        augment: The augmentations that are meant, as a recipe names them; None if there is no recipe.
        again: Whether rules may read some examples a second time.
        pairings: Folders of images and of masks, paired by the names of the files.
    """

    side: ClassVar[Literal["data"]] = "data"

    root: str
    parts: Mapping[str, Part]
    classes: tuple[str, ...] = ()
    values: tuple[int, ...] = ()
    ignore: tuple[int, ...] = ()
    layout: str = ""
    named: bool = False
    augment: Sequence[Any] | None = None
    again: bool = True
    pairings: Sequence[Pairing] = ()
    _twins: dict[str, dict[str, list[Twin]]] = field(default_factory=dict, repr=False)

    @property
    def place(self) -> Place:
        """The place of the whole data set."""
        return Place(relative(self.root))

    @property
    def held_out(self) -> list[Part]:
        """The splits other than the training split."""
        return [part for name, part in self.parts.items() if name != "train"]

    @property
    def input(self) -> tuple[int, ...]:
        """The shape of the first readable training input; empty if there is none."""
        train = self.parts.get("train")
        return next((each.shape for each in train.examples if each.shape), ()) if train else ()

    @property
    def name(self) -> str:
        """The name of the data: that of their folder."""
        return Path(self.root).name

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of targets."""
        labelled = any(part.labels is not None for part in self.parts.values())
        return frozenset([Kind.MASK] * self.masked + [Kind.CLASS] * labelled)

    @property
    def masked(self) -> bool:
        """Whether the examples have masks."""
        return any(part.origin.masked for part in self.parts.values())

    @property
    def known(self) -> tuple[int, ...]:
        """The values that a mask may hold, ignored ones too; empty if the classes are not known."""
        return (*(self.values or range(len(self.classes))), *self.ignore) if self.classes else ()

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The value of a mask for each class; those that occur where the classes are not known."""
        known = self.values or tuple(range(len(self.classes)))
        return known or tuple(sorted(set(self.mask_values.counts) - set(self.ignore)))

    @cached_property
    def mask_values(self) -> Values:
        """The values of all masks together."""
        return sum((mask.values for part in self.parts.values() for mask in part.masks), NOTHING)

    def holding(self, values: set[int]) -> list[tuple[Part, int]]:
        """Return the masks that hold one of some values, by their splits and numbers."""
        return [
            (part, k)
            for part in self.parts.values()
            for k, example in enumerate(part.examples)
            if example.mask is not None and not values.isdisjoint(example.mask.values.counts)
        ]

    @cached_property
    def shares(self) -> dict[str, dict[int, int]]:
        """The number of positions, or of examples, of each class in each split, by the class index."""
        return {name: self._counts(part) for name, part in self.parts.items()}

    def _counts(self, part: Part) -> dict[int, int]:
        if part.labels is not None:
            present, numbers = np.unique(part.labels, return_counts=True)
            return dict(zip(present.tolist(), numbers.tolist(), strict=True))
        counts = sum((mask.values for mask in part.masks), NOTHING).counts
        return {label: counts.get(value, 0) for label, value in enumerate(self.order)}

    def constant_channels(self) -> dict[int, float]:
        """Return the channels with one value throughout all inputs, and that value."""
        parts = [part.sketch for part in self.parts.values() if len(part.rows)]
        if sum(len(part.low) for part in parts) < 2:
            return {}
        width = max(part.low.shape[1] for part in parts)
        # fmin and fmax pass over NaN, and are silent where a channel has nothing else.
        low = np.fmin.reduce([_padded(part.low.min(0), width) for part in parts])
        high = np.fmax.reduce([_padded(part.high.max(0), width) for part in parts])
        return {int(channel): float(low[channel]) for channel in np.flatnonzero(low == high)}

    def twins(self, part: Part) -> dict[str, list[Twin]]:
        """Return what nearly equals an input of a held-out split, by the name of the other split.

        The test split is compared with the training and the validation split, and that with the former.
        Neighbours in a sequence are left out: slices and frames are judged by how they are dealt out.
        """
        if not self.again:
            return {}
        if part.name not in self._twins:
            earlier = list(self.parts)[: list(self.parts).index(part.name)]
            limit = nearly(part, self.parts["train"])
            self._twins[part.name] = {
                name: [
                    twin
                    for twin in twins(part, self.parts[name], limit)
                    if not beside(part, twin.k, self.parts[name], twin.like, self.root)
                ]
                for name in earlier
            }
        return self._twins[part.name]

    def name_of(self, label: int) -> str:
        """Return the name of a class index."""
        if 0 <= label < len(self.classes):
            return self.classes[label]
        return str(self.order[label] if self.masked and 0 <= label < len(self.order) else label)


def _padded(values: np.ndarray, width: int) -> np.ndarray:
    """Return the values of channels with NaN for those that a split does not have."""
    return np.pad(values, (0, width - len(values)), constant_values=np.nan)


def passed(
    root: str, origins: Mapping[str, Origin], through: Through, max_pixels: int | None = None
) -> dict[str, Part]:
    """Read every example of some splits once; larger pictures than `max_pixels` count as unreadable."""
    with limited(max_pixels):
        return {name: survey_part(name, origin, partial(through, name)) for name, origin in origins.items()}


def quiet(title: str, items: Iterable[int], count: int) -> Iterable[int]:
    """Yield the items, and show nothing."""
    return items


def of_data(
    data: Data, through: Through = quiet, *, augment: Sequence[Any] | None = None, again: bool = True
) -> Survey:
    """Survey decoded data, whose examples are known by their numbers."""
    splits = {"train": data.train, "valid": data.valid, "test": data.test}
    origins = {name: Tensors(split, data.name) for name, split in splits.items()}
    return Survey(
        data.name,
        passed(data.name, origins, through),
        data.classes,
        data.values,
        data.ignore,
        data.layout,
        named=True,
        augment=augment,
        again=again,
    )
