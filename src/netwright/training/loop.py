"""The training loop: a generator of events. Printing, saving and stopping are its callers'."""

from collections.abc import Iterator
from math import isfinite
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from netwright.training.events import Diverged, EpochDone, Event, Started, StepDone
from netwright.training.job import Job
from netwright.training.optimizer import penalty, split
from netwright.training.schedule import lr as scheduled
from netwright.training.schedule import momentum as scheduled_momentum

LOOK = 16  # steps between looks at the losses where a look waits for the device


def fit(job: Job) -> Iterator[Event]:
    """Train from the job's position to its end, one event a step and one an epoch.

    Between two events nothing is under way: the job may be stored, or the generator dropped.
    """
    yield Started(job.step, job.total, job.loader.batches)
    while job.step < job.total:
        for event in _epoch(job):
            yield event
            if isinstance(event, Diverged):
                return


def _epoch(job: Job) -> Iterator[Event]:
    job.model.train()
    decayed = split(job.net)[0] if job.recipe.l1 or job.recipe.l2 else []
    looks = every(job)
    known: float | None = None
    begin = perf_counter()
    for inputs, targets in job.loader.train(job.recipe.seed, job.epoch, skip=job.batch):
        lr = job.lr
        job.losses[job.batch] = _step(job, inputs, targets, lr, decayed)
        job.step, job.batch = job.step + 1, job.batch + 1
        last = job.batch == job.loader.batches or job.step == job.total
        if last or job.step % looks == 0:
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


def every(job: Job) -> int:
    """Steps between two looks at the losses; on one CPU a look waits for nothing."""
    return 1 if job.fabric.device.type == "cpu" and job.fabric.world_size == 1 else LOOK


def _step(job: Job, inputs: Tensor, targets: Tensor, lr: float, decayed: list[Any]) -> Tensor:
    """One optimizer step; returns the task's loss, without penalties, still on the device."""
    recipe = job.recipe
    momentum = scheduled_momentum(recipe, job.step, job.total)
    for group in job.optimizer.param_groups:
        group["lr"] = lr
        if "betas" in group:
            group["betas"] = (momentum, group["betas"][1])
        else:
            group["momentum"] = momentum
    targets = job.task.target(targets)
    output = job.model(inputs)
    loss = job.task.loss(output, targets)
    extra = penalty(decayed, recipe.l1, recipe.l2) if decayed else 0.0
    job.fabric.backward(loss + extra)
    if recipe.clip_grad_norm is not None:
        job.fabric.clip_gradients(
            job.model, job.optimizer, max_norm=recipe.clip_grad_norm, error_if_nonfinite=False
        )
    job.optimizer.step()
    job.optimizer.zero_grad(set_to_none=True)
    if job.ema:
        job.ema.update(job.net)
    for metric in job.metrics.values():
        metric.update(output.detach(), targets)
    return loss.detach()


def look(job: Job) -> tuple[float, Diverged | None]:
    """The last loss, and the first step since the last look whose loss is no finite number."""
    window = job.losses[job.checked : job.batch]
    if job.fabric.world_size > 1:
        window.copy_(torch.as_tensor(job.fabric.all_reduce(window.clone(), reduce_op="mean")))
    values = window.tolist()
    first = job.step - len(values)
    job.checked = job.batch
    for index, value in enumerate(values):
        if not isfinite(value):
            losses = [row["valid"]["loss"] for row in job.rows]
            lr = scheduled(job.recipe, first + index, job.total, losses)
            return value, Diverged(first + index + 1, lr, "train", value)
    return (values[-1] if values else float("nan")), None


def _evaluated(job: Job, lr: float, begin: float) -> Event:
    """Evaluate, close the epoch, and make its row."""
    speed = job.batch * job.loader.share * job.fabric.world_size / max(job.elapsed, 1e-9)
    row: dict[str, Any] = {"kind": "epoch", "epoch": job.epoch + 1, "step": job.step, "lr": lr}
    row["train"] = {"loss": job.losses[: job.batch].double().cpu().mean().item()} | _values(job)
    for part in ("valid", "test"):
        row[part] = evaluate(job, part)
    if not isfinite(row["valid"]["loss"]):
        return Diverged(job.step, lr, "valid", row["valid"]["loss"])
    job.elapsed += perf_counter() - begin
    row |= {"examples_per_second": round(speed, 1), "seconds": round(job.elapsed, 3)}
    job.epoch, job.batch, job.checked, job.elapsed = job.epoch + 1, 0, 0, 0.0
    job.rows.append(row)
    return EpochDone(row)


@torch.no_grad()
def evaluate(job: Job, part: str) -> dict[str, float]:
    """Mean loss and metrics of the tested network over a split."""
    net = job.tested.eval()
    if job.fabric.world_size > 1:  # each process has running statistics of its own share
        for tensor in net.state_dict().values():
            torch.distributed.broadcast(tensor, 0)
    sums = torch.zeros(2, device=job.fabric.device)
    for inputs, raw in job.loader.evaluate(part):
        targets = job.task.target(raw)
        with job.fabric.autocast():
            output = net(inputs).float()
        sums += torch.stack([job.task.loss(output, targets) * len(raw), sums.new_tensor(len(raw))])
        for metric in job.metrics.values():
            metric.update(output, targets)
    if job.fabric.world_size > 1:
        sums = torch.as_tensor(job.fabric.all_reduce(sums, reduce_op="sum"))
    return {"loss": (sums[0] / sums[1]).item()} | _values(job)


def _values(job: Job) -> dict[str, float]:
    values = {}
    for name, metric in job.metrics.items():
        values[name] = metric.compute().item()
        metric.reset()
    return values
