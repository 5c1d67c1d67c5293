"""Everything that one training needs, and its position, which can be stored and restored."""

import logging
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torchmetrics import Metric

from netwright.arithmetic.grid import Grid
from netwright.data.examples import Data
from netwright.data.scale import Scale
from netwright.data.task import Task
from netwright.training import optimizer, randomness
from netwright.training.ema import EMA
from netwright.training.loader import Loader
from netwright.training.patches import Patches
from netwright.training.placement import placed
from netwright.training.recipe import Recipe
from netwright.training.schedule import SCHEDULES, Schedule

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass
class Job:
    """What is trained, on what and how, and how far it has come.

    `net` holds the weights; `model` is the same network wrapped by Fabric (precision, processes) and by the
    compiler. `batch` counts the steps of the current epoch, whose losses are in `losses`; the first `checked`
    of them are known to be finite. `grid` says where the positions of the output lie in the input, and
    `lower_is_better` is the direction of the task's monitored metric.
    """

    fabric: "Fabric"
    net: nn.Module
    model: nn.Module
    optimizer: Any
    task: Task
    loader: Loader | Patches
    schedule: Schedule
    seed: int
    cycles_momentum: bool
    l1: float
    l2: float
    clip_grad_norm: float | None
    metrics: dict[str, Metric]
    grid: Grid | None
    losses: Tensor
    ema_decay: float | None
    lower_is_better: bool = True
    step: int = 0
    epoch: int = 0
    batch: int = 0
    checked: int = 0
    elapsed: float = 0.0
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ema = EMA(self.net, self.ema_decay) if self.ema_decay else None

    @property
    def tested(self) -> nn.Module:
        """The network that is evaluated and saved: the average where there is one."""
        return self.ema.net if self.ema else self.net

    @property
    def best(self) -> dict[str, Any] | None:
        """The epoch with the best validation score so far; the loss decides between equal ones."""
        return best(self.rows, self.task.monitor, lower_is_better=self.lower_is_better)

    def lr_at(self, step: int) -> float:
        """Return the learning rate of `step`."""
        return self.schedule.lr_at(step, [row["valid"]["loss"] for row in self.rows])

    def state(self) -> dict[str, Any]:
        """Return everything that the rest of the training depends on, except the weights of `tested`.

        It is called in every process, because each has random numbers of its own.
        """
        state = {
            "step": self.step,
            "epoch": self.epoch,
            "batch": self.batch,
            "elapsed": self.elapsed,
            "losses": self.losses[: self.batch],
            "optimizer": self.optimizer.optimizer.state_dict(),
            "precision": self.fabric.strategy.precision.state_dict(),
            "metrics": {name: _stored(metric) for name, metric in self.metrics.items()},
            "random": self._gathered(randomness.capture()),
        }
        if self.ema:
            state |= {"raw": self.net.state_dict(), "updates": self.ema.updates}
        return state

    def restore(self, weights: dict[str, Tensor], state: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        """Go to the position that `state` describes."""
        self.tested.load_state_dict(weights)
        if self.ema:
            self.net.load_state_dict(state["raw"])
            self.ema.updates = state["updates"]
        self.step, self.epoch, self.batch = state["step"], state["epoch"], state["batch"]
        self.elapsed, self.checked, self.rows = state["elapsed"], state["batch"], rows
        self.losses[: self.batch] = state["losses"].to(self.losses.device)
        self.optimizer.optimizer.load_state_dict(state["optimizer"])
        self.fabric.strategy.precision.load_state_dict(state["precision"])
        for name, metric in self.metrics.items():
            _restored(metric, state["metrics"][name], whole=self.fabric.global_rank == 0)
        rank = self.fabric.global_rank
        # cloned, because torch reads a state from the start of its storage
        randomness.restore({name: tensor[rank].clone() for name, tensor in state["random"].items()})

    def _gathered(self, states: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the states of all processes, stacked."""
        stacked = {}
        for name, state in states.items():
            mine = state.to(self.fabric.device)
            parts = [torch.empty_like(mine) for _ in range(self.fabric.world_size)]
            if len(parts) > 1:
                torch.distributed.all_gather(parts, mine)
            stacked[name] = torch.stack(parts if len(parts) > 1 else [mine]).cpu()
        return stacked


def launch(device: str, precision: Any) -> "Fabric":
    """Return Fabric for a device and a precision; under torchrun each process has one device (DDP)."""
    from lightning_fabric import Fabric  # slow to import, so only a training pays for it

    logging.getLogger("lightning_fabric.utilities.rank_zero").setLevel(logging.WARNING)  # ours says it
    world, local = (int(os.environ.get(name, "1")) for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"))
    fabric = Fabric(
        accelerator=device,
        devices=local,
        num_nodes=world // local,
        strategy="ddp" if world > 1 else "auto",
        precision=precision,
    )
    fabric.launch()
    return fabric


def best(rows: list[dict[str, Any]], monitor: str, *, lower_is_better: bool) -> dict[str, Any] | None:
    """Return the row with the best validation `monitor`, then the lowest loss, then the first one.

    A row whose `monitor` has no value (nan) is worse than any other.
    """
    order = Scale(lower_is_better=lower_is_better).order
    return min(rows, key=lambda row: (order(row["valid"][monitor]), row["valid"]["loss"]), default=None)


def scales(task: Task) -> dict[str, Scale]:
    """Return how each metric of a task and the loss are written and judged, by name."""
    measures = {name: measure.scale for name, measure in task.metrics().items()}
    return {
        name: replace(scale, label=scale.label or name.replace("_", " "))
        for name, scale in ({"loss": Scale()} | measures).items()
    }


def measured(task: Task, device: torch.device) -> dict[str, Metric]:
    """Return new metrics of a task by name, on a device."""
    return {name: measure.metric.to(device) for name, measure in task.metrics().items()}


def assemble(
    fabric: "Fabric", net: nn.Module, task: Task, data: Data, recipe: Recipe, grid: Grid | None = None
) -> Job:
    """Wrap the network and its optimizer by `fabric`, and hand each part what it needs of the recipe."""
    recipe = recipe.plain()
    if recipe.channels_last:
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stub lacks it alone
    built = optimizer.chosen(recipe.optimizer)(net, settings(recipe))
    compiled: Any = torch.compile(net) if recipe.compile else net
    model, wrapped = fabric.setup(compiled, built)
    loader = placed(fabric, data, recipe, net)
    ours = isinstance(recipe.optimizer, str) and recipe.optimizer in optimizer.OPTIMIZERS
    return Job(
        fabric=fabric,
        net=net,
        model=model,
        optimizer=wrapped,
        task=task,
        loader=loader,
        schedule=_schedule(recipe, loader.batches),
        seed=recipe.seed,
        cycles_momentum=ours and SCHEDULES[recipe.schedule].cyclic,
        l1=recipe.l1,
        l2=recipe.l2,
        clip_grad_norm=recipe.clip_grad_norm,
        metrics=measured(task, fabric.device),
        grid=grid,
        lower_is_better=scales(task)[task.monitor].lower_is_better,
        losses=torch.zeros(loader.batches, device=fabric.device),
        ema_decay=recipe.ema_decay,
    )


def settings(recipe: Recipe) -> optimizer.Settings:
    """Return what an optimizer needs of a recipe."""
    return optimizer.Settings(
        lr=recipe.lr,
        weight_decay=recipe.weight_decay,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        # a fused optimizer removes the scale of 16-bit gradients itself, which is too late to clip them
        fused=not (recipe.clip_grad_norm and recipe.precision == "16-mixed"),
    )


def _schedule(recipe: Recipe, batches: int) -> Schedule:
    return Schedule(
        kind=recipe.schedule,
        total=recipe.steps if recipe.steps is not None else (recipe.epochs or 0) * batches,
        lr=recipe.lr,
        momentum=recipe.momentum,
        warmup_steps=recipe.warmup_steps,
        pct_start=recipe.pct_start,
        milestones=recipe.milestones,
        factor=recipe.factor,
        patience=recipe.patience,
    )


def _stored(metric: Metric) -> dict[str, Any]:
    """Return the sums of the metric over all processes, and how many batches went in."""
    with metric.sync_context():
        sums = {name: _copied(value) for name, value in metric.metric_state.items()}
    return {"updates": metric.update_count, "sums": sums}


def _copied(value: Tensor | list[Tensor]) -> Tensor | list[Tensor]:
    if isinstance(value, Tensor):
        return value.clone()
    return [item.clone() for item in value]


def _restored(metric: Metric, stored: dict[str, Any], *, whole: bool) -> None:
    """Give the sums to one process; the others start empty, because the sums are those of all."""
    metric.reset()
    metric._update_count = stored["updates"]  # torchmetrics has no public way to set it
    if whole:
        for name, value in stored["sums"].items():
            device = metric.device
            moved = value.to(device) if isinstance(value, Tensor) else [item.to(device) for item in value]
            setattr(metric, name, moved)
