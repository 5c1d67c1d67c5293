"""What is known of a data set after one pass over its examples: the subject of the rules about data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from netwright.data.examples import Data
from netwright.data.readers.image import limited
from netwright.lint.finding import Place
from netwright.lint.survey.maps import NOTHING, Values
from netwright.lint.survey.origin import Files, Origin, Tensors, relative
from netwright.lint.survey.part import Part, survey_part
from netwright.lint.survey.twins import Twin, nearly, twins

Through = Callable[[str, Iterable[int], int], Iterable[int]]
"""A function of a title, items and their number that yields the items, as a progress bar does."""

NAMED = 4
"""The most files that a message names; the evidence has all of them."""


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
    """

    side: ClassVar = "data"

    root: str
    parts: Mapping[str, Part]
    classes: tuple[str, ...] = ()
    values: tuple[int, ...] = ()
    ignore: tuple[int, ...] = ()
    layout: str = ""
    named: bool = False
    augment: Sequence[Any] | None = None
    again: bool = True
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
    def masked(self) -> bool:
        """Whether the examples have masks."""
        return any(part.origin.masked for part in self.parts.values())

    @property
    def known(self) -> tuple[int, ...]:
        """The values that a mask may hold: those of the classes and those that are ignored."""
        return (*(self.values or range(len(self.classes))), *self.ignore)

    @cached_property
    def mask_values(self) -> Values:
        """The values of all masks together."""
        return sum((mask.values for part in self.parts.values() for mask in part.masks), NOTHING)

    @cached_property
    def shares(self) -> dict[str, dict[int, int]]:
        """The number of positions, or of examples, of each class in each split, by the class index."""
        return {name: self._counts(part) for name, part in self.parts.items()}

    def _counts(self, part: Part) -> dict[int, int]:
        if part.labels is not None:
            present, numbers = np.unique(part.labels, return_counts=True)
            return dict(zip(present.tolist(), numbers.tolist(), strict=True))
        counts = sum((mask.values for mask in part.masks), NOTHING).counts
        classes = self.values or range(len(self.classes))
        return {label: counts.get(value, 0) for label, value in enumerate(classes)}

    def twins(self, part: Part) -> dict[str, list[Twin]]:
        """Return what nearly equals an input of a held-out split, by the name of the other split.

        The test split is compared with the training and the validation split, and that with the former.
        """
        if not self.again:
            return {}
        if part.name not in self._twins:
            earlier = list(self.parts)[: list(self.parts).index(part.name)]
            limit = nearly(part, self.parts["train"])
            self._twins[part.name] = {name: twins(part, self.parts[name], limit) for name in earlier}
        return self._twins[part.name]

    def name_of(self, label: int) -> str:
        """Return the name of a class index."""
        return self.classes[label] if 0 <= label < len(self.classes) else str(label)


def passed(root: str, origins: Mapping[str, Origin], through: Through) -> dict[str, Part]:
    """Read every example of some splits once."""
    with limited():
        return {
            name: survey_part(name, origin, lambda items, count, name=name: through(name, items, count))
            for name, origin in origins.items()
        }


def quiet(title: str, items: Iterable[int], count: int) -> Iterable[int]:
    """Yield the items, and show nothing."""
    return items


def of_data(data: Data, through: Through = quiet, *, augment: Sequence[Any] | None = None) -> Survey:
    """Survey decoded data, whose examples are known by their numbers."""
    splits = {"train": data.train, "valid": data.valid, "test": data.test}
    origins = {name: Tensors(split, data.name) for name, split in splits.items()}
    parts = passed(data.name, origins, through)
    return Survey(data.name, parts, data.classes, data.values, data.ignore, data.layout, augment)


def listed(places: Iterable[str]) -> str:
    """Return the first few places in words.

    >>> listed(["`a`"]), listed(["`a`", "`b`"]), listed(f"`{k}`" for k in range(7))
    ('`a`', '`a` and `b`', '`0`, `1`, `2`, `3` and 3 more')
    """
    names = list(dict.fromkeys(places))
    shown = names[:NAMED]
    if len(names) > NAMED:
        return f"{', '.join(shown)} and {len(names) - NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "image"), count(2_000, "image"), count(2, "class", "classes")
    ('1 image', '2,000 images', '2 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
