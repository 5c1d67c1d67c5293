"""Decoded examples: the three splits of a data set, with what a training needs to know about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from torch import Tensor

from netwright.data.kinds import Kind
from netwright.data.moments import moments
from netwright.data.reading import Reading
from netwright.data.tensors import Split

__all__ = ["Data", "Split", "moments"]


@dataclass(frozen=True, eq=False)
class Data:
    """A data set ready to train on.

    `mean` and `std` are per channel, in units in which `range` is 0..1, and come from the training split
    alone; `range` is (0, 255) and (0, 65535) for images of 8 and 16 bits, and the extremes of the training
    split for every other type. `classes` are the names of the classes of CLASS or MASK. `values` are the
    values of a mask that stand for them, in the same order (none: 0, 1, ...), and `ignore` those that count
    for nothing. `layout` says in one line what was understood of the files. Equal digests mean equal tensors
    in the same splits. `skipped` counts the images that could not be read and were left out on request.
    `size` is the one to which images were resized and cropped; None where they were not. `options` are those
    of `load` that were given, as JSON, so that the same data can be loaded again.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    valid: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    digest: str
    skipped: int = 0
    range: tuple[float, float] = (0.0, 255.0)
    values: tuple[int, ...] = ()
    ignore: tuple[int, ...] = ()
    layout: str = ""
    size: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def input(self) -> tuple[int, ...]:
        """Shape of one input, without the batch; where sizes differ, the smallest along each axis."""
        inputs = self.train.inputs
        if isinstance(inputs, Tensor):
            return tuple(inputs.shape[1:])
        return tuple(map(min, zip(*self.train.shapes, strict=True)))

    @property
    def channels(self) -> int:
        """Channels of every input."""
        return self.input[0]

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of targets that the examples have."""
        return frozenset(self.train.targets)

    @property
    def uniform(self) -> bool:
        """Whether the inputs of every split have one shape and are held in memory."""
        return all(isinstance(split.inputs, Tensor) for split in (self.train, self.valid, self.test))

    @classmethod
    def load(  # noqa: PLR0913  # one for each thing that files leave open
        cls,
        name: str,
        *,
        layout: str = "",
        task: str = "",
        classes: Sequence[str] = (),
        ignore: Sequence[int] = (),
        group: str = "",
        dims: int | None = None,
        limit: int | None = None,
        size: int | None = None,
        skip_bad: bool = False,
        max_pixels: int | None = None,
    ) -> Self:
        """Load a data set by name or from a folder, in three splits.

        Args:
            name: digits, cifar10, a data set of the hub, or a folder (see `netwright.data.source`).
            layout: The layout of the folder, where several fit.
            task: The task, where a layout has targets for several.
            classes: The names of the classes of masks in the order of their values, or `value=name` for each.
            ignore: Values of masks that count for nothing.
            group: What stays together in one split: "folder", "none", or a regular expression that is
                searched in the path of each image; by default names that differ in a number at the end.
            dims: 2 reads the pages of a stack as images; 3 reads them, or consecutive slices, as volumes.
            limit: Train on this many examples; validation and test shrink in proportion.
            size: Resize the shorter side to this and crop the centre.
            skip_bad: Leave out and count images that cannot be read.
            max_pixels: The largest picture that is decoded; by default the limit of Pillow.

        Raises:
            DataError: There is no data of that name, or it is empty, mixed or damaged.
        """
        from netwright.data.source import fields as read

        reading = Reading(layout, task, tuple(classes), tuple(ignore), group, dims, max_pixels)
        every = {
            **{"layout": layout, "task": task, "classes": list(classes), "ignore": list(ignore)},
            **{"group": group, "dims": dims, "limit": limit, "size": size},
            **{"skip_bad": skip_bad, "max_pixels": max_pixels},
        }
        given = {option: value for option, value in every.items() if value}
        return cls(**read(name, reading, limit=limit, size=size, skip_bad=skip_bad), options=given)

    @classmethod
    def of(
        cls,
        inputs: Any,
        targets: Any = None,
        *,
        valid: Any = None,
        test: Any = None,
        classes: Sequence[str] = (),
        ignore: Sequence[int] = (),
        name: str = "arrays",
    ) -> Self:
        """Return a data set from arrays, or from any map-style Dataset of (input, target).

        Args:
            inputs: Arrays or tensors [n, c, *space], or a sequence of arrays [c, *space]; pictures without an
                axis for channels are grey. Alternatively a Dataset, which is read once into memory.
            targets: Integers [n], one class for each input; or one map of integers for each.
            valid: The validation split, (inputs, targets) or a Dataset; by default it is held out.
            test: The test split in the same way.
            classes: The names of the classes, in the order of their values, or `value=name` for each.
            ignore: Values of masks that count for nothing.
            name: What messages call the data.

        Raises:
            DataError: Inputs and targets do not belong together, or the classes cannot be told.
        """
        from netwright.data.arrays import fields

        reading = Reading(classes=tuple(classes), ignore=tuple(ignore))
        return cls(**fields(inputs, targets, {"valid": valid, "test": test}, reading, name))
