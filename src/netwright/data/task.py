"""What a network is for: a task owns the loss, the metrics, and the encoding of the stored targets.

The training loop knows a task only by this protocol, so that nothing there depends on classes.
"""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor
from torchmetrics import Metric

from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.errors import RecipeError


class Task(Protocol):
    """What the training loop needs of a task.

    `monitor` is the metric that chooses the best epoch on the validation split: "loss" or a key of `metrics`.
    Lower is better.
    """

    name: str
    monitor: str

    def target(self, raw: Tensor) -> Tensor:
        """Return a batch of stored targets as `loss` and the metrics take them."""

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss over the batch, a scalar."""

    def metrics(self) -> dict[str, Metric]:
        """Return new metrics by name, which are updated with (output, target) of each batch."""

    def check(self, output_shape: tuple[int, ...], data: Data) -> str:
        """Return why an output of this shape (without the batch) does not fit; empty if it fits."""


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

    def compute(self) -> Tensor:
        """Return the error rate of all batches since the last reset."""
        return self.wrong / self.total


class Classification:
    """One class for each example; outputs are logits [b, classes], targets are class indices [b].

    `label_smoothing` spreads that share of the target over all classes (Szegedy et al. 2016, section 7).
    """

    name = "classification"
    monitor = "error"

    def __init__(self, classes: int, label_smoothing: float = 0.0):
        if not 0 <= label_smoothing < 1:
            raise RecipeError(
                f"`label_smoothing` (={label_smoothing}) must be at least 0 and less than 1; 0.1 is usual."
            )
        self.classes = classes
        self.label_smoothing = label_smoothing

    def target(self, raw: Tensor) -> Tensor:
        """Return class indices as they are stored."""
        return raw

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the cross-entropy."""
        return F.cross_entropy(output, target, label_smoothing=self.label_smoothing)

    def metrics(self) -> dict[str, Metric]:
        """Return the error rate."""
        return {"error": ErrorRate()}

    def check(self, output_shape: tuple[int, ...], data: Data) -> str:
        """Return why an output is not one logit for each class of the data; empty if it is."""
        if len(data.classes) != self.classes:
            return f"the task has {self.classes} classes, {data.name} has {len(data.classes)}."
        if output_shape != (self.classes,):
            shown = show(output_shape) or "a scalar"
            needed = f"{data.name} needs {self.classes}, one logit for each class"
            return f"the output of the network is {shown}; {needed}."
        return ""
