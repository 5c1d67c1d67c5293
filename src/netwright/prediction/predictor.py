"""A trained network that is ready for new files: how stored values go in, and what comes out."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from netwright.data.task import Task
from netwright.errors import RunError
from netwright.prediction.ensemble import Combine, Ensemble
from netwright.prediction.network import network
from netwright.training.evaluation import resolved_recipe
from netwright.training.job import launch
from netwright.training.placement import REDUCED
from netwright.training.result import Run, Which
from netwright.training.units import Units


@dataclass(frozen=True)
class Normalisation:
    """What a run keeps of the normalisation of its data; see `netwright.training.units.Statistics`."""

    input: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    range: tuple[float, float]

    @classmethod
    def of(cls, run: Run) -> Self:
        """Return the normalisation of a run.

        Raises:
            RunError: Its numbers are not finite, or not one for each channel.
        """
        known = run.data
        low, high = known["range"]
        values = (*known["mean"], *known["std"], low, high)
        if not all(map(isfinite, values)) or {len(known["mean"]), len(known["std"])} != {known["input"][0]}:
            raise RunError(
                f"`{run.folder}` does not describe a run: mean and std are not one finite number for each of "
                f"the {known['input'][0]} channels."
            )
        return cls(tuple(known["input"]), tuple(known["mean"]), tuple(known["std"]), (low, high))


@dataclass(frozen=True, eq=False)
class Predictor:
    """A network in evaluation mode on the device of its training, with the run that says what it is for.

    Args:
        run: The run: its task decodes outputs, its data says how inputs were normalised.
        net: The network, which reads normalised inputs [b, c, *space].
        task: What the network is for.
        units: Converts stored values of any type to what the network reads.
        autocast: The number format of the training.
    """

    run: Run
    net: nn.Module
    task: Task
    units: Units
    autocast: Callable[[], AbstractContextManager[Any]]

    @classmethod
    def of(
        cls,
        run: Run | Ensemble | str | Path,
        others: Sequence[Run | str | Path] = (),
        combine: Combine = "mean",
        flips: bool | Sequence[int] = False,
        *,
        which: Which = "best",
        net: nn.Module | str | None = None,
        trust: bool = False,
    ) -> Self:
        """Return the predictor of a run, or of several: task, units and device are those of the first.

        Args:
            run: The run, its folder, or an `Ensemble` with runs among its members.
            others: Further runs, which are combined with it.
            combine: "mean", "vote" or "maximum"; see `Ensemble`.
            flips: Whether outputs are averaged over reflections (see `netwright.prediction.flips`): True for
                the axes of space that the training flipped, or which axes.
            which: The weights, "best" or "last".
            net: The network of a run of a module, as for `Run.load`.
            trust: Build the specs that the folders of the runs name whatever code they run.

        Raises:
            UsageError: Reflections would shift the output.
            RunError: There is no such run, its task is not installed, it needs `net`, or the runs differ.
            CheckpointError: The weights are damaged.
        """
        run, module = network(run, others, combine, flips, which=which, net=net, trust=trust)
        task, options = run.purpose(), resolved_recipe(run)
        _require_classes(run, task)
        fabric = launch(options.device, options.precision)
        fabric.setup_module(module)
        layout = torch.channels_last if options.channels_last else torch.contiguous_format
        dtype = REDUCED.get(str(options.precision), torch.float32)
        units = Units(Normalisation.of(run), fabric.device, dtype, layout)
        return cls(run, module, task, units, fabric.autocast)

    @property
    def input(self) -> tuple[int, ...]:
        """Shape of one input of the training, without the batch: of a window, or of an example."""
        return tuple(self.run.data["input"])

    @property
    def range(self) -> tuple[float, float]:
        """The stored values that stood for 0 and 1 in the training."""
        low, high = self.run.data["range"]
        return low, high

    def prepare(self, stored: Tensor) -> Tensor:
        """Return a batch of stored values [b, c, *space], of any numeric type, as the network reads it."""
        return self.units.normalised(self.units(stored).to(self.units.device))

    @torch.no_grad()
    def __call__(self, inputs: Tensor) -> Tensor:
        """Return the float output for a batch that `prepare` gave."""
        with self.autocast():
            output: Tensor = self.net(inputs)
        return output.float()


def _require_classes(run: Run, task: Task) -> None:
    """Refuse a run whose task has other classes than its data."""
    known = task.settings().get("classes")
    if known is not None and list(known) != list(run.data["classes"]):
        raise RunError(
            f"`{run.folder}` does not describe a run: the classes of its task are {', '.join(known)}, and "
            f"those of its data are {', '.join(run.data['classes'])}."
        )
