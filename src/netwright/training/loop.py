"""The training loop: a generator of events. Printing, saving and stopping are its callers'."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from time import perf_counter
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torchmetrics import Metric

from netwright.arithmetic.grid import Grid
from netwright.data.kinds import Targets
from netwright.data.task import Task
from netwright.training.job import Job
from netwright.training.listener import Diverged, EpochDone, Event, StepDone
from netwright.training.loader import Loader
from netwright.training.optimizer import split
from netwright.training.patches import Patches
from netwright.training.units import Batch

if TYPE_CHECKING:
    from lightning_fabric import Fabric

LOOK = 16  # steps between looks at the losses where a look waits for the device


def fit(job: Job) -> Iterator[Event]:
    """Train from the job's position to its end, with one event for each step and one for each epoch.

    Between two events nothing is under way: the job may be stored, or the generator dropped.
    """
    while job.step < job.schedule.total:
        for event in _epoch(job):
            yield event
            if isinstance(event, Diverged):
                return


def _epoch(job: Job) -> Iterator[Event]:
    job.model.train()
    decayed = split(job.net)[0] if job.l1 or job.l2 else []
    interval = look_interval(job)
    known: float | None = None
    begin = perf_counter()
    for inputs, targets in job.loader.train(job.seed, job.epoch, skip=job.batch):
        lr = job.lr_at(job.step)
        job.losses[job.batch] = _step(job, inputs, targets, lr, decayed)
        job.step, job.batch = job.step + 1, job.batch + 1
        last = job.batch == job.loader.batches or job.step == job.schedule.total
        if last or job.step % interval == 0:
            known, diverged = look(job)
            if diverged:
                yield diverged
                return
        job.elapsed += perf_counter() - begin
        yield StepDone(job.step, job.epoch + 1, job.batch, lr, known, last)
        begin = perf_counter()
        if last:
            break
    yield _evaluated(job, lr, begin)


def look_interval(job: Job) -> int:
    """Return the steps between two looks at the losses; on one CPU a look waits for nothing."""
    return 1 if job.fabric.device.type == "cpu" and job.fabric.world_size == 1 else LOOK


def _step(job: Job, inputs: Tensor, targets: Targets, lr: float, decayed: list[nn.Parameter]) -> Tensor:
    """Take one optimizer step; return the task's loss, without penalties, still on the device."""
    _set_rates(job, lr)
    target = job.task.encode(targets, job.grid)
    output = job.model(inputs)
    loss = job.task.loss(output, target)
    extra = penalty(decayed, job.l1, job.l2) if decayed else 0.0
    job.fabric.backward(loss + extra)
    if job.clip_grad_norm is not None:
        job.fabric.clip_gradients(
            job.model, job.optimizer, max_norm=job.clip_grad_norm, error_if_nonfinite=False
        )
    job.optimizer.step()
    job.optimizer.zero_grad(set_to_none=True)
    if job.ema:
        job.ema.update(job.net)
    for metric in job.metrics.values():
        metric.update(output.detach(), target)
    return loss.detach()


def _set_rates(job: Job, lr: float) -> None:
    """Set the learning rate of the next step, and its momentum where the schedule moves that too."""
    for group in job.optimizer.param_groups:
        group["lr"] = lr
        if job.cycles_momentum:
            momentum = job.schedule.momentum_at(job.step)
            if "betas" in group:
                group["betas"] = (momentum, group["betas"][1])
            else:
                group["momentum"] = momentum


def penalty(weights: Iterable[Tensor], l1: float, l2: float) -> Tensor:
    """Return the explicit penalty, a scalar: l1 x sum of |w| + l2 x sum of w squared.

    >>> penalty([torch.tensor([1.0, -2.0])], l1=0.5, l2=0.25)
    tensor(2.7500)
    """
    terms = [l1 * w.abs().sum() + l2 * w.square().sum() for w in weights]
    return torch.stack(terms).sum()


def look(job: Job) -> tuple[float, Diverged | None]:
    """Return the last loss, and the first step since the last look whose loss is not finite."""
    window = job.losses[job.checked : job.batch]
    if job.fabric.world_size > 1:
        window.copy_(torch.as_tensor(job.fabric.all_reduce(window.clone(), reduce_op="mean")))
    values = window.tolist()
    first = job.step - len(values)
    job.checked = job.batch
    for index, value in enumerate(values):
        if not isfinite(value):
            return value, Diverged(first + index + 1, job.lr_at(first + index), "train", value)
    return (values[-1] if values else float("nan")), None


def _evaluated(job: Job, lr: float, begin: float) -> Event:
    """Evaluate, close the epoch, and make its row."""
    speed = job.batch * job.loader.share * job.fabric.world_size / max(job.elapsed, 1e-9)
    row: dict[str, Any] = {"kind": "epoch", "epoch": job.epoch + 1, "step": job.step, "lr": lr}
    row["train"] = {"loss": job.losses[: job.batch].double().cpu().mean().item()} | _values(job.metrics)
    evaluation = Evaluation(job.fabric, job.tested, job.task, job.loader, job.metrics, job.grid)
    for part in ("valid", "test"):
        row[part] = evaluation(part)
    if not isfinite(row["valid"]["loss"]):
        return Diverged(job.step, lr, "valid", row["valid"]["loss"])
    job.elapsed += perf_counter() - begin
    row |= {"examples_per_second": round(speed, 1), "seconds": round(job.elapsed, 3)}
    job.epoch, job.batch, job.checked, job.elapsed = job.epoch + 1, 0, 0, 0.0
    job.rows.append(row)
    return EpochDone(row)


@dataclass(frozen=True)
class Evaluation:
    """A network, and what it takes to evaluate it over the splits of a loader."""

    fabric: "Fabric"
    net: nn.Module
    task: Task
    loader: Loader | Patches
    metrics: Mapping[str, Metric]
    grid: Grid | None

    def __call__(self, part: str) -> dict[str, float]:
        """Return the mean loss and the metrics over a split; the metrics are reset."""
        return {"loss": self.count(part)} | _values(self.metrics)

    @torch.no_grad()
    def count(self, part: str) -> float:
        """Update the metrics with the whole of a split; return the mean loss."""
        fabric = self.fabric
        if fabric.world_size > 1:  # each process has running statistics of its own share
            for tensor in self.net.state_dict().values():
                torch.distributed.broadcast(tensor, 0)
        sums = torch.zeros(2, device=fabric.device)
        for batch, output, target in self.batches(part):
            sums += torch.stack([self.task.loss(output, target), sums.new_ones(())]) * batch.weight
            for metric in self.metrics.values():
                metric.to(fabric.device).update(output, target)
        if fabric.world_size > 1:
            sums = torch.as_tensor(fabric.all_reduce(sums, reduce_op="sum"))
        return (sums[0] / sums[1]).item()

    def batches(self, part: str) -> Iterator[tuple[Batch, Tensor, Tensor]]:
        """Yield each batch of a split with its output and its encoded target."""
        for batch in self.loader.evaluate(part):
            output, grid = self.output(batch)
            yield batch, output, self.task.encode(batch.targets, grid)

    @torch.no_grad()
    def output(self, batch: Batch) -> tuple[Tensor, Grid | None]:
        """Return the output for a batch, and where its positions lie; of a tile, those that it has right."""
        net: nn.Module = self.net.eval()
        with self.fabric.autocast():
            output = net(batch.inputs).float()
        if batch.tile is None:
            return output, self.grid
        return batch.tile.part(output), batch.tile.grid


def _values(metrics: Mapping[str, Metric]) -> dict[str, float]:
    values = {}
    for name, metric in metrics.items():
        values[name] = metric.compute().item()
        metric.reset()
    return values
