"""One class for each example."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor
from torchmetrics import Metric

from netwright.arithmetic.grid import Grid
from netwright.arithmetic.shape import show
from netwright.data import overlay
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind, Targets, stacked
from netwright.data.metrics.details import ClassDetails
from netwright.data.task import Measure
from netwright.durable import replace
from netwright.errors import RecipeError

SURE = 100.0
"""The logit of the class in an ideal output; the others are 0."""


class ErrorRate(Metric):
    """The share of examples whose highest output is not the target, which is 1 - accuracy.

    The counts stay on the device, so that an update does not wait for it.
    """

    full_state_update = False
    higher_is_better = False
    is_differentiable = False
    wrong: Tensor
    total: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("wrong", torch.tensor(0), dist_reduce_fx="sum")
        self.add_state("total", torch.tensor(0), dist_reduce_fx="sum")

    def update(self, output: Tensor, target: Tensor) -> None:
        """Count a batch of outputs [b, classes] and targets [b]."""
        self.wrong += (output.argmax(1) != target).sum()
        self.total += len(target)

    def states(self, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Return what each example of a batch adds to the states, [b] each."""
        wrong = (output.argmax(1) != target).long()
        return {"wrong": wrong, "total": torch.ones_like(wrong)}

    def compute(self) -> Tensor:
        """Return the error rate of all batches since the last reset."""
        return self.wrong / self.total


class Classification:
    """One class for each example; outputs are logits [b, classes], targets are class indices [b].

    `label_smoothing` spreads that share of the target over all classes (Szegedy et al. 2016, section 7).
    """

    name = "classification"
    needs: Mapping[str, Kind] = {"class": Kind.CLASS}
    monitor = "error"
    trivial = "most frequent class"
    pipeline = "image-classification"

    def __init__(self, classes: int, label_smoothing: float = 0.0, names: tuple[str, ...] = ()):
        if not 0 <= label_smoothing < 1:
            raise RecipeError(
                f"`label_smoothing` (={label_smoothing}) must be at least 0 and less than 1; 0.1 is usual."
            )
        self.classes = classes
        self.label_smoothing = label_smoothing
        self.names = names or tuple(str(index) for index in range(classes))

    @classmethod
    def from_data(cls, data: Data, *, label_smoothing: float = 0.0) -> Self:
        """Return the task with the classes of the data."""
        return cls(len(data.classes), label_smoothing, data.classes)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Return the task that had these settings."""
        names = tuple(settings["classes"])
        return cls(len(names), settings["label_smoothing"], names)

    def settings(self) -> dict[str, Any]:
        """Return the names of the classes and the label smoothing."""
        return {"classes": list(self.names), "label_smoothing": self.label_smoothing}

    def outputs(self, data: Data) -> int:
        """Return the number of classes: one logit each."""
        return len(data.classes)

    def check(self, output_shape: tuple[int, ...], data: Data) -> str:
        """Return why an output is not one logit for each class of the data; empty if it is."""
        if len(data.classes) != self.classes:
            return f"the task has {self.classes} classes, {data.name} has {len(data.classes)}."
        if output_shape != (self.classes,):
            shown = show(output_shape) or "a scalar"
            needed = f"{data.name} needs {self.classes}, one logit for each class"
            return f"the output of the network is {shown}; {needed}."
        return ""

    def encode(self, targets: Targets, grid: Grid | None) -> Tensor:
        """Return class indices [b] as they are stored."""
        return _stacked(targets)

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the cross-entropy."""
        return F.cross_entropy(output, target, label_smoothing=self.label_smoothing)

    def metrics(self) -> Mapping[str, Measure]:
        """Return the error rate."""
        return {"error": Measure(ErrorRate(), unit="%", factor=100.0, counted=True)}

    def details(self) -> ClassDetails:
        """Return the error of each class."""
        return ClassDetails(self.names)

    def ideal(self, encoded: Tensor) -> Tensor:
        """Return logits [b, classes] that are certain of the targets."""
        return SURE * F.one_hot(encoded, self.classes).float()

    def decode(self, output: Tensor, grid: Grid | None) -> Targets:
        """Return the class with the highest logit."""
        return {Kind.CLASS: output.argmax(1)}

    def baseline(self, data: Data) -> Mapping[str, float]:
        """Return the error on the test split of the most frequent class of the training split."""
        train, test = (_classes(split) for split in (data.train, data.test))
        common = train.bincount(minlength=self.classes).argmax()
        return {"error": (test != common).double().mean().item()}

    def draw(self, image: Tensor, predicted: Targets, truth: Targets | None = None) -> Tensor:
        """Return the image in a frame: green where the prediction is the truth, vermilion elsewhere."""
        picture = overlay.section(image).mul(255).round().to(torch.uint8)
        if truth is not None:
            right = bool((_stacked(predicted) == _stacked(truth)).all())
            colour = torch.tensor([0, 158, 115] if right else [213, 94, 0], dtype=torch.uint8)
            width = max(1, min(picture.shape[1:]) // 16)
            sides = [size + 2 * width for size in picture.shape[1:]]
            framed = colour[:, None, None].repeat(1, *sides)
            framed[:, width:-width, width:-width] = picture
            return framed
        return picture

    def write(self, predicted: Targets, path: Path) -> None:
        """Write the name of the class as JSON."""
        name = self.names[int(_stacked(predicted))]
        replace(path, (json.dumps({"class": name}) + "\n").encode())


def _stacked(targets: Targets) -> Tensor:
    return stacked(targets[Kind.CLASS])


def _classes(split: Split) -> Tensor:
    return _stacked(split.targets)


TASK = Classification
