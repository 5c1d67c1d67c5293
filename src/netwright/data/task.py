"""What a network is for: a task owns everything that depends on it, from the loss to the drawing.

The training, the studies and the commands know a task only by this protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol, Self

from torch import Tensor
from torchmetrics import Metric

from netwright.arithmetic.grid import Grid
from netwright.data.examples import Data
from netwright.data.kinds import Kind, Targets
from netwright.data.scale import Scale


@dataclass(frozen=True)
class Measure(Scale):
    """A new metric, which is updated with (output, encoded target) of each batch, and its scale."""

    metric: Metric

    @property
    def scale(self) -> Scale:
        """How the value of the metric is written and judged."""
        return Scale(**{field.name: getattr(self, field.name) for field in fields(Scale)})


class Details(Protocol):
    """Scores that cost too much for each epoch, or are too many for its row: they are computed on request.

    `tunable` says whether they depend on something, such as a threshold, that is chosen on validation.
    """

    tunable: bool

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics that are updated with (output, encoded target) of each batch of a split."""

    def compute(self) -> dict[str, float]:
        """Return the scores by name; what has no value is left out."""

    def tuned(self) -> "Details":
        """Return new details with what is best on the split that was counted here."""


class Task(Protocol):
    """What the rest of Netwright needs of a task.

    `needs` names the kinds of targets that the task takes. `monitor` is the metric that chooses the best
    epoch on the validation split: "loss" or a key of `metrics`. `settings` is all that `from_settings` needs
    to make the same task without the data; it is JSON, and the run keeps it. `trivial` says in words what
    `baseline` answers, such as "most frequent class". `pipeline` is what the Hugging Face Hub calls the task
    on images, such as "image-segmentation"; empty where it has no word for it.
    """

    name: str
    needs: Mapping[str, Kind]
    monitor: str
    trivial: str
    pipeline: str

    @classmethod
    def from_data(cls, data: Data, **options: Any) -> Self:
        """Return the task for a data set; `options` are those of a recipe that belong to a task."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Return the task that had these `settings()`."""

    def settings(self) -> dict[str, Any]:
        """Return what the task depends on, as JSON: its classes, its options."""

    def outputs(self, data: Data) -> int:
        """Return how many values (channels, classes) the last layer of the network must give."""

    def check(self, output_shape: tuple[int, ...], data: Data) -> str:
        """Return why an output of this shape (without the batch) does not fit; empty if it fits."""

    def encode(self, targets: Targets, grid: Grid | None) -> Tensor:
        """Return a batch of targets, after augmentation, as `loss` and the metrics take them."""

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss over the batch, a scalar."""

    def metrics(self) -> Mapping[str, Measure]:
        """Return new measures by name."""

    def details(self) -> Details:
        """Return new details: the scores by class, and others that a reader wants once."""

    def ideal(self, encoded: Tensor) -> Tensor:
        """Return the output that a perfect network would give for an encoded target."""

    def decode(self, output: Tensor, grid: Grid | None) -> Targets:
        """Return the targets that an output stands for, in the input's own coordinates."""

    def baseline(self, data: Data) -> Mapping[str, float]:
        """Return the metrics on the test split of the trivial answer, such as the most frequent class."""

    def draw(self, image: Tensor, predicted: Targets, truth: Targets | None = None) -> Tensor:
        """Return a picture uint8 [3, h, w] of a prediction on an image [c, *space] with values 0..1."""

    def write(self, predicted: Targets, path: Path) -> None:
        """Write the prediction for one example to a file, in the user's own values."""
