"""Everything one training needs, put together once, with a position that can be stored and restored."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torchmetrics import Metric

from netwright.data.task import Task
from netwright.training import randomness, schedule
from netwright.training.ema import EMA
from netwright.training.loader import Loader
from netwright.training.optimizer import build
from netwright.training.recipe import Recipe

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass
class Job:
    """What is trained, on what, how, and how far it is.

    `net` holds the weights; `model` is the same network behind Fabric (precision, processes) and compiler.
    `batch` counts the steps of the current epoch, whose losses stand in `losses`; the first `checked` of them
    are known to be finite.
    """

    fabric: "Fabric"
    net: nn.Module
    model: nn.Module
    optimizer: Any
    task: Task
    loader: Loader
    recipe: Recipe
    total: int
    metrics: dict[str, Metric]
    losses: Tensor
    ema: EMA | None
    step: int = 0
    epoch: int = 0
    batch: int = 0
    checked: int = 0
    elapsed: float = 0.0
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def tested(self) -> nn.Module:
        """The network that is evaluated and kept: the average where there is one."""
        return self.ema.net if self.ema else self.net

    @property
    def lr(self) -> float:
        """Learning rate of the next step."""
        losses = [row["valid"]["loss"] for row in self.rows] if self.recipe.schedule == "plateau" else ()
        return schedule.lr(self.recipe, self.step, self.total, losses)

    @property
    def best(self) -> dict[str, Any] | None:
        """The epoch with the best validation score so far; the loss decides between equal ones."""
        return best(self.rows, self.task.monitor)

    def state(self) -> dict[str, Any]:
        """All that the rest of training depends on but the weights of `tested`; call it on every rank."""
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
        """The states of all ranks, stacked."""
        stacked = {}
        for name, state in states.items():
            mine = state.to(self.fabric.device)
            parts = [torch.empty_like(mine) for _ in range(self.fabric.world_size)]
            if len(parts) > 1:
                torch.distributed.all_gather(parts, mine)
            stacked[name] = torch.stack(parts if len(parts) > 1 else [mine]).cpu()
        return stacked


def best(rows: list[dict[str, Any]], monitor: str) -> dict[str, Any] | None:
    """The row with the lowest `monitor` on the validation split, then the lowest loss, then the first."""
    return min(rows, key=lambda row: (row["valid"][monitor], row["valid"]["loss"]), default=None)


def assemble(fabric: "Fabric", net: nn.Module, task: Task, loader: Loader, recipe: Recipe) -> Job:
    """Set the network and its optimizer up behind `fabric`."""
    if recipe.channels_last:
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stub lacks it alone
    optimizer = build(net, recipe)
    built: Any = torch.compile(net) if recipe.compile else net
    model, wrapped = fabric.setup(built, optimizer)
    steps = recipe.steps if recipe.steps is not None else (recipe.epochs or 0) * loader.batches
    return Job(
        fabric=fabric,
        net=net,
        model=model,
        optimizer=wrapped,
        task=task,
        loader=loader,
        recipe=recipe,
        total=steps,
        metrics={name: metric.to(fabric.device) for name, metric in task.metrics().items()},
        losses=torch.zeros(loader.batches, device=fabric.device),
        ema=EMA(net, recipe.ema_decay) if recipe.ema_decay else None,
    )


def _stored(metric: Metric) -> dict[str, Any]:
    """The metric's sums over all ranks, and how many batches went in."""
    with metric.sync_context():
        sums = {name: _copied(value) for name, value in metric.metric_state.items()}
    return {"updates": metric.update_count, "sums": sums}


def _copied(value: Tensor | list[Tensor]) -> Tensor | list[Tensor]:
    if isinstance(value, Tensor):
        return value.clone()
    return [item.clone() for item in value]


def _restored(metric: Metric, stored: dict[str, Any], *, whole: bool) -> None:
    """Give the sums to one rank; the others start empty, as the sums are of all."""
    metric.reset()
    metric._update_count = stored["updates"]  # torchmetrics has no public way to say it
    if whole:
        for name, value in stored["sums"].items():
            device = metric.device
            moved = value.to(device) if isinstance(value, Tensor) else [item.to(device) for item in value]
            setattr(metric, name, moved)
