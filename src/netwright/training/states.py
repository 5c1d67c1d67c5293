"""The states of the metrics of a split, example by example.

A metric whose states are sums over examples is the same function of the sum of the examples' states, so that
any part of a split, and any resample of it, is scored without running the network again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_sum

from netwright.data.task import Task
from netwright.training.loop import Evaluation

LARGEST = 1 << 24
"""About how many values of states are held densely at a time."""

Numbers = NDArray[Any]
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Counted:
    """The metrics of a split with the state of each example.

    Args:
        loss: The mean loss, as an evaluation gives it.
        metrics: The metrics on the CPU, over the whole split.
        states: By metric, the states of each example, flattened [examples, values]; a metric whose states
            are not sums over examples is missing here.
        losses: The loss of each example by itself, where that was asked for.
        groups: What each example belongs to; empty where the examples are independent.
        examples: The number of examples.
    """

    loss: float
    metrics: Mapping[str, Metric]
    states: Mapping[str, csr_array]
    losses: Numbers
    groups: Sequence[str]
    examples: int

    def each(self, name: str) -> Numbers:
        """Return a metric with a single value for each example by itself."""
        metric = self.metrics[name]
        rows, places = distinct(self.states[name])
        values = []
        for row in rows:
            fill(metric, row.toarray().ravel())
            values.append(metric.compute().item())
        self.whole([name])
        return np.array(values)[places]

    def whole(self, names: Iterable[str]) -> None:
        """Give these metrics the sums of all examples."""
        for name in names:
            fill(self.metrics[name], self.states[name].sum(0))


def count(
    evaluation: Evaluation,
    part: str,
    metrics: Mapping[str, Metric],
    progress: Progress | None = None,
    *,
    losses: bool = False,
) -> Counted:
    """Evaluate a split once, by this process alone, with the state of each example.

    Args:
        evaluation: The network and the loader; its own metrics are not used.
        part: The split.
        metrics: New metrics. They are moved to the CPU, where they hold the whole split afterwards.
        progress: Called with the number of examples that were evaluated.
        losses: Whether to compute the loss of each example by itself.
    """
    alone, device = _alone(evaluation), evaluation.fabric.device
    whole = {name: unsynced(metric).to(device) for name, metric in metrics.items()}
    rows: dict[str, list[csr_array]] = {name: [] for name, metric in whole.items() if _sums(metric)}
    numbers, lost, done, sums = list[int](), list[float](), 0.0, torch.zeros(2, device=device)
    with torch.no_grad():
        for batch, output, target in alone.batches(part):
            sums += torch.stack([alone.task.loss(output, target), sums.new_ones(())]) * batch.weight
            for name, metric in whole.items():
                if name in rows:
                    rows[name] += _states(metric, output, target)
                else:
                    metric.update(output, target)
            if losses:
                share = batch.weight / len(batch.numbers)
                lost += [share * each for each in _losses(alone.task, output, target)]
            numbers += batch.numbers
            done += batch.weight
            if progress:
                progress(done)
    split = alone.loader.splits[part]
    places = np.array(numbers)
    counted = Counted(
        loss=(sums[0] / sums[1]).item(),
        metrics={name: metric.cpu() for name, metric in whole.items()},
        states={name: summed(vstack(parts), places) for name, parts in rows.items()},
        losses=np.bincount(places, lost, len(split)) if losses else np.zeros(0),
        groups=split.groups,
        examples=len(split),
    )
    counted.whole(rows)
    return counted


@runtime_checkable
class ByExample(Protocol):
    """A metric that gives the states of the examples of a batch at once; others are updated one by one."""

    def states(self, output: Tensor, target: Tensor) -> Mapping[str, Tensor]:
        """Return what each example adds to each state [b, ...]."""


def _states(metric: Metric, output: Tensor, target: Tensor) -> Iterator[csr_array]:
    """Yield the states of the examples of a batch, flattened [examples, values]."""
    size = sum(value.numel() for value in tensors(metric).values())
    for part, truth in zip(*(each.split(max(1, LARGEST // size)) for each in (output, target)), strict=True):
        if isinstance(metric, ByExample):
            states = metric.states(part, truth)
        else:
            single = [_single(metric, *pair) for pair in zip(part.split(1), truth.split(1), strict=True)]
            states = {name: torch.stack([each[name] for each in single]) for name in metric.metric_state}
        flat = [states[name].reshape(len(part), -1).cpu() for name in metric.metric_state]
        yield csr_array(torch.cat([each.double() for each in flat], 1).numpy())


def _single(metric: Metric, output: Tensor, target: Tensor) -> Mapping[str, Tensor]:
    """Return the states after one example; a reset replaces them, so that they are not copied."""
    metric.update(output, target)
    states = tensors(metric)
    metric.reset()
    return states


def tensors(metric: Metric) -> dict[str, Tensor]:
    """Return the states of a metric; those that are sums are tensors."""
    return {name: value for name, value in metric.metric_state.items() if isinstance(value, Tensor)}


def fill(metric: Metric, values: Numbers) -> None:
    """Give a metric on the CPU its flattened states, as if they had come from updates."""
    metric.reset()
    metric._update_count = 1  # torchmetrics has no public way to set it
    start = 0
    for name, state in tensors(metric).items():
        part = torch.from_numpy(values[start : start + state.numel()]).reshape(state.shape)
        setattr(metric, name, (part if state.is_floating_point() else part.round()).to(state.dtype))
        start += state.numel()


def _losses(task: Task, output: Tensor, target: Tensor) -> Iterator[float]:
    for one, truth in zip(output.split(1), target.split(1), strict=True):
        yield task.loss(one, truth).item()


def _alone(evaluation: Evaluation) -> Evaluation:
    """Return an evaluation of which this process does the whole."""
    loader = copy(evaluation.loader)
    loader.rank, loader.world = 0, 1
    return replace(evaluation, loader=loader)


def unsynced(metric: Metric) -> Metric:
    """Return a metric that does not wait for those of other processes."""
    metric.distributed_available_fn = bool
    return metric


def _sums(metric: Metric) -> bool:
    """Return whether the states of a metric are sums over examples."""
    return all(reduction is dim_zero_sum for reduction in metric._reductions.values())


def summed(rows: csr_array, numbers: Numbers) -> csr_array:
    """Return the sums [units, values] of the rows of each unit."""
    if np.array_equal(numbers, np.arange(len(numbers))):
        return csr_array(rows)
    places = (np.ones(len(numbers)), (numbers, np.arange(len(numbers))))
    return csr_array(csr_array(places) @ rows)


def distinct(rows: csr_array) -> tuple[csr_array, Numbers]:
    """Return the rows that differ, and which of them each row is."""
    rows.sort_indices()
    known: dict[bytes, int] = {}
    places, firsts = [], []
    for number, (start, stop) in enumerate(pairwise(rows.indptr)):
        key = rows.indices[start:stop].tobytes() + rows.data[start:stop].tobytes()
        if key not in known:
            known[key] = len(known)
            firsts.append(number)
        places.append(known[key])
    return rows[firsts], np.array(places)
