"""One class for each position of an image or a volume."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from netwright.arithmetic.grid import Axis, Grid
from netwright.arithmetic.shape import show
from netwright.data import losses, mask_file, overlay
from netwright.data.examples import Data
from netwright.data.kinds import IGNORE, Kind, Targets
from netwright.data.metrics.confusion import Confusion, mean_dice, mean_iou, pixel_error
from netwright.data.metrics.details import MapDetails
from netwright.data.shares import sizes
from netwright.data.task import Measure
from netwright.errors import DataError

SURE = 100.0
"""The logit of the class in an ideal output; the others are 0."""

LOSS = "dice+cross-entropy"
SCORES = {"dice": mean_dice, "iou": mean_iou, "pixel_error": pixel_error}


class Segmentation:
    """One class for each position: outputs are logits [b, classes, *space], targets indices [b, *space].

    Positions that hold `IGNORE` count for nothing. Two classes are two channels, as any number is: there is
    one way to write a loss, a metric and a prediction.

    Args:
        classes: The names of the classes.
        loss: A loss of `netwright.data.losses`, or several joined by `+`.
        values: The value of each class in the user's files; by default 0, 1, ...
        ignore: The values in the user's files that count for nothing.
        dtype: The type of the values in the user's files, as NumPy names it.
    """

    name = "segmentation"
    needs: Mapping[str, Kind] = {"mask": Kind.MASK}
    monitor = "dice"
    trivial = "most frequent class everywhere"
    pipeline = "image-segmentation"

    def __init__(
        self,
        classes: Sequence[str],
        *,
        loss: str = LOSS,
        values: Sequence[int] = (),
        ignore: Sequence[int] = (),
        dtype: str = "uint8",
    ):
        self.classes, self.loss_name, self.ignore = tuple(classes), loss, tuple(ignore)
        self.values = tuple(values) or tuple(range(len(self.classes)))
        self.dtype = np.dtype(dtype)
        self._loss = losses.named(loss)

    @classmethod
    def from_data(cls, data: Data, *, loss: str = "auto") -> Self:
        """Return the task with the classes and the stored values of the data."""
        return cls(
            data.classes,
            loss=LOSS if loss == "auto" else loss,
            values=data.values,
            ignore=data.ignore,
            dtype=str(data.train.targets[Kind.MASK][0].dtype).removeprefix("torch."),
        )

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Return the task that had these settings."""
        return cls(**settings)

    def settings(self) -> dict[str, Any]:
        """Return the classes, their values in the user's files, and the loss."""
        return {
            "classes": list(self.classes),
            "loss": self.loss_name,
            "values": list(self.values),
            "ignore": list(self.ignore),
            "dtype": self.dtype.name,
        }

    def outputs(self, data: Data) -> int:
        """Return the number of classes: one channel each, two for two classes."""
        return len(data.classes)

    def check(self, output_shape: tuple[int, ...], data: Data) -> str:
        """Return why an output is not a map with one channel for each class; empty if it is."""
        if len(data.classes) != len(self.classes):
            return f"the task has {len(self.classes)} classes, {data.name} has {len(data.classes)}."
        channels, *space = output_shape or (0,)
        shown = f"the output of the network is {show(output_shape) or 'a scalar'}"
        axes = len(data.input) - 1
        if len(space) != axes:
            return (
                f"{shown}; {data.name} needs a map with {axes} axes after the channels, one class for each "
                "position. Use a network that ends in a map, such as unet_same."
            )
        if channels != len(self.classes):
            sigmoid = " One channel with a sigmoid is written as two with a softmax." if channels == 1 else ""
            return f"{shown}; {data.name} needs {len(self.classes)} channels, one for each class.{sigmoid}"
        return ""

    def encode(self, targets: Targets, grid: Grid | None) -> Tensor:
        """Return the class at the pixel nearest to each position of the output, int64 [b, *grid].

        Without a grid the output has one position for each pixel. Positions outside of the image are ignored.
        """
        mask = _mask(targets).long()
        for axis, each in enumerate(grid.axes if grid else (), start=1):
            mask = _cropped(mask, axis, each) if each.crop else _gathered(mask, axis, each.pixels())
        return mask

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the loss over the positions of the batch that count."""
        return self._loss(output, target)

    def metrics(self) -> Mapping[str, Measure]:
        """Return mean Dice coefficient, mean IoU and pixel error over the whole set."""
        new = {name: Confusion(len(self.classes), score) for name, score in SCORES.items()}
        return {
            "dice": Measure(new["dice"], lower_is_better=False, label="Dice"),
            "iou": Measure(new["iou"], lower_is_better=False, label="IoU"),
            "pixel_error": Measure(new["pixel_error"], unit="%", factor=100.0, label="pixel error"),
        }

    def details(self) -> MapDetails:
        """Return the scores by class, of outlines and of regions."""
        return MapDetails(self.classes)

    def ideal(self, encoded: Tensor) -> Tensor:
        """Return logits [b, classes, *space] that are certain of the targets; any class where ignored."""
        hot = F.one_hot(encoded.clamp(min=0), len(self.classes))
        return SURE * hot.movedim(-1, 1).float()

    def decode(self, output: Tensor, grid: Grid | None) -> Targets:
        """Return the most probable class of each pixel, `IGNORE` where the output does not cover it."""
        mask = output.max(1).indices
        for axis, each in enumerate(grid.axes if grid else (), start=1):
            mask = _gathered(mask, axis, each.positions())
        return {Kind.MASK: mask}

    def baseline(self, data: Data) -> Mapping[str, float]:
        """Return the metrics on the test split of the most frequent class of the training split."""
        train, test = (sizes(split, data) for split in (data.train, data.test))
        matrix = torch.zeros(len(self.classes), len(self.classes), dtype=torch.int64)
        matrix[:, int(train.argmax())] = test
        return {name: score(matrix).item() for name, score in SCORES.items()}

    def draw(self, image: Tensor, predicted: Targets, truth: Targets | None = None) -> Tensor:
        """Return the prediction over the image [c, *space]; with a truth, that and what is wrong beside it.

        Of a volume it is the plane with most of the classes other than the first, in the truth if known.
        """
        masks = [_mask(targets).cpu() for targets in (predicted, truth) if targets is not None]
        masks = [mask.expand(overlay.BAND, -1) if mask.ndim == 1 else mask for mask in masks]
        index = overlay.plane(masks[-1])
        colours, planes = overlay.section(image.cpu(), index), [mask[index] for mask in masks]
        pictures = [overlay.over(colours, mask) for mask in planes]
        return overlay.beside(pictures + ([overlay.wrong(colours, *planes)] if len(planes) == 2 else []))

    def write(self, predicted: Targets, path: Path, *, affine: Any = None) -> None:
        """Write the prediction for one example as PNG, TIFF, NumPy or NIfTI, in the user's values and type.

        Positions without a prediction become the first value that counts for nothing.

        Raises:
            DataError: The format cannot hold the values, or there is no value for positions without a class.
        """
        try:
            values = self.stored(_mask(predicted).cpu().numpy())
        except DataError as error:
            raise DataError(f"`{path}`: {error}") from error
        mask_file.write(values, path, affine)

    def stored(self, mask: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return class indices in the user's values and type; `IGNORE` is the first that counts for nothing.

        Raises:
            DataError: There is no value for positions without a class.
        """
        if not self.ignore and (missing := int((mask == IGNORE).sum())):
            raise DataError(
                f"the prediction leaves out {missing} of {mask.size} positions, and the data has no value "
                "for them; predict with a margin around the image."
            )
        return np.array([*self.values, *self.ignore[:1]], dtype=self.dtype)[mask]


def _mask(targets: Targets) -> Tensor:
    mask = targets[Kind.MASK]
    return mask if isinstance(mask, Tensor) else torch.stack(list(mask))


def _cropped(mask: Tensor, axis: int, each: Axis) -> Tensor:
    assert each.crop is not None
    return mask.narrow(axis, each.crop.start, each.size)


def _gathered(mask: Tensor, axis: int, places: list[int]) -> Tensor:
    """Return the values at `places` along an axis, `IGNORE` at -1."""
    index = torch.tensor(places, device=mask.device)
    shape = (-1, *(1,) * (mask.ndim - axis - 1))
    return torch.where(index.reshape(shape) < 0, IGNORE, mask.index_select(axis, index.clamp(min=0)))


TASK = Segmentation
