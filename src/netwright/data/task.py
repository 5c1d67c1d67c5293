"""What a network is for: a task owns the loss, the metrics and how a stored target becomes a training one.

The training loop knows tasks only by the protocol, so it never says "label".
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
    """What the training loop asks of a task.

    `monitor` is the metric that picks the best epoch on the validation split, lower is better: "loss" or a
    key of `metrics`.
    """

    name: str
    monitor: str

    def target(self, raw: Tensor) -> Tensor:
        """Turn a batch of stored targets into what `loss` and the metrics take."""

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """Mean loss over the batch, a scalar."""

    def metrics(self) -> dict[str, Metric]:
        """Fresh metrics by name, to be updated with (output, target) of each batch; values lie in 0..1."""

    def check(self, output_shape: tuple[int, ...], data: Data) -> str:
        """Why a network's output, its shape without the batch, does not fit; empty text: it fits."""


class ErrorRate(Metric):
    """Share of examples whose highest output is not the target: 1 - accuracy.

    Counts stay on the device, so an update waits for nothing.
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
        """Count a batch: outputs [b, classes], targets [b]."""
        self.wrong += (output.argmax(1) != target).sum()
        self.total += len(target)

    def compute(self) -> Tensor:
        """The error rate of all batches since the last reset."""
        return self.wrong / self.total


class Classification:
    """One class an example; outputs are logits [b, classes], targets class indices [b].

    `label_smoothing` spreads that share of the target over all classes (Szegedy et al. 2016, section 7).
    """

    name = "classification"
    monitor = "error"

    def __init__(self, classes: int, label_smoothing: float = 0.0):
        if not 0 <= label_smoothing < 1:
            raise RecipeError(
                f"`label_smoothing` (={label_smoothing}) must lie in 0..1, 1 left out; 0.1 is usual."
            )
        self.classes = classes
        self.label_smoothing = label_smoothing

    def target(self, raw: Tensor) -> Tensor:
        """Class indices, as they are stored."""
        return raw

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """Cross-entropy."""
        return F.cross_entropy(output, target, label_smoothing=self.label_smoothing)

    def metrics(self) -> dict[str, Metric]:
        """The error rate."""
        return {"error": ErrorRate()}

    def check(self, output_shape: tuple[int, ...], data: Data) -> str:
        """One logit a class is what fits."""
        if len(data.classes) != self.classes:
            return f"the task has {self.classes} classes, {data.name} has {len(data.classes)}."
        if output_shape != (self.classes,):
            shown = show(output_shape) or "a scalar"
            return f"the network's output is {shown}; {data.name} needs {self.classes}, one logit a class."
        return ""
