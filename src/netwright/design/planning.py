"""The largest patch and batch that fit into memory, for any network, before anything is trained.

Peaks are allocator bytes of eager execution, from a recorded step that runs on tensors without data. A plan
needs no recipe: `Setup` has what memory depends on.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

from torch import nn

from netwright.arithmetic.shape import show
from netwright.data.catalogue import choose
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.design import capacity
from netwright.design.caution import cautions
from netwright.design.fingerprint import Fingerprint, fingerprint
from netwright.design.search import largest
from netwright.design.sizes import Fitting, Sizes
from netwright.design.trials import Setup, Trials, held
from netwright.errors import DesignError

SMALLEST = 2
"""The batch at which a patch must fit."""
EPOCH = 20
"""The fewest steps of an epoch: a batch has at most this part of all positions (Isensee et al. 2021: 5 %)."""


@dataclass(frozen=True)
class Plan:
    """Patch and batch for a training, and the memory that they need.

    Args:
        patch: the window of space that each example of a batch is; None where inputs are taken whole.
        batch: examples in a step.
        steps: steps of an epoch.
        budget: bytes that the training may take.
        peak: bytes at the peak of a step, everything included.
        parts: the bytes of which the peak consists, by name.
        mode: `fake` if the step was recorded without data, `real` if it had to be run.
        reasons: why each value is what it is, by name.
        warnings: what is unfavourable about the plan.
    """

    patch: Sizes | None
    batch: int
    steps: int
    budget: int
    peak: int
    parts: Mapping[str, int]
    mode: str
    reasons: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the plan as plain values: the content of `plan.json`."""
        patch = None if self.patch is None else list(self.patch)
        return asdict(self) | {"patch": patch, "warnings": list(self.warnings)}

    @property
    def fits(self) -> bool:
        """Whether the peak is within the budget, as it is unless patch and batch were given."""
        return self.peak <= self.budget


def plan(
    net: nn.Module,
    data: Data,
    task: Task | None = None,
    *,
    memory: int | str | None = None,
    patch: Sizes | None = None,
    batch: int | None = None,
    setup: Setup | None = None,
) -> Plan:
    """Return the largest patch and batch with which `net` can be trained on `data` in a given memory.

    The patch is as large as the memory allows at batch 2; then the batch grows, up to a twentieth of the
    positions of the training split. Tasks without a target at each position take whole inputs, so that only
    the batch is planned.

    Args:
        net: any module with one input [b, channels, *space]; it stays untouched.
        data: the data.
        task: what the network is for; by default the one that the targets of the data fit.
        memory: bytes, or a text such as "8GiB"; by default 0.9 of what the device has free.
        patch: sizes of the patch, if they are not to be planned.
        batch: examples in a step, if they are not to be planned.
        setup: optimizer, precision and what else the memory depends on.

    Raises:
        DesignError: The memory is too small for any patch, or the network takes no sizes near those wanted.
    """
    planner = _Planner(net, data, task or choose(data), setup or Setup(), memory)
    sizes, whole = planner.sizes(patch, batch)
    return planner.plan(sizes, planner.batch(sizes) if batch is None else planner.given(batch), whole=whole)


class _Planner:
    """The steps of a plan; each leaves its reason in `reasons`."""

    def __init__(self, net: nn.Module, data: Data, task: Task, setup: Setup, memory: int | str | None):
        self.net, self.data, self.task = net, data, task
        self.reasons: dict[str, str] = {}
        self.budget = self._budget(memory, setup.device)
        self.facts = fingerprint(data, setup.spacing)
        counted = held(data) if memory is not None or setup.device != "cpu" else 0
        self.trials = Trials(net, data, task, setup, counted)
        self.fitting = Fitting(net, data.channels)

    def _budget(self, memory: int | str | None, device: str) -> int:
        if memory is None:
            share = f"{capacity.SHARE:.0%} of what is free on this {device}"
            self.reasons["memory"] = f"{share}, beside the data" if device == "cpu" else share
            return int(capacity.SHARE * capacity.free(device))
        self.reasons["memory"] = "as given, for everything: data, network, optimizer and the step"
        return capacity.parse(memory) if isinstance(memory, str) else memory

    def sizes(self, patch: Sizes | None, batch: int | None) -> tuple[Sizes, bool]:
        """Return the sizes of an example of a batch, and whether inputs are taken whole."""
        if self.data.uniform and not any(kind.dense for kind in self.task.needs.values()):
            if patch is not None:
                raise DesignError(
                    f"`patch` (={show(patch)}): {self.task.name} takes whole inputs; leave it out."
                )
            self.reasons["patch"] = f"{self.task.name} takes whole inputs"
            return self.data.input[1:], True
        if patch is not None:
            return self._given(patch), False
        return self._patch(batch or SMALLEST), False

    def _given(self, patch: Sizes) -> Sizes:
        if len(patch) != len(self.facts.median):
            raise DesignError(
                f"`patch` (={show(patch)}) must have a size for each of the {len(self.facts.median)} axes."
            )
        self.reasons["patch"] = "as given"
        return patch

    def _patch(self, batch: int) -> Sizes:
        """Return the largest patch of which a batch fits."""
        median = self.facts.median
        whole = self.fitting.below(median)
        peak = self.trials.peak(whole, batch)
        if peak <= self.budget:
            fitted = "" if whole == median else f", less what the network cannot take of {show(median)}"
            self.reasons["patch"] = f"the median example{fitted}"
            return whole
        start = self.fitting.search(proportional(self.facts, self.budget / peak)) or whole
        path = _shrinking(start, self.fitting.periods(start), median)
        while len(path) > 1 and self.fitting.misfit(path[-1]):
            path.pop()
        low, high = -1, len(path) - 1
        if self.trials.peak(path[high], batch) > self.budget:
            raise self._too_small(path[high], batch)
        while high - low > 1:
            middle = (low + high) // 2
            fits = self.trials.peak(path[middle], batch) <= self.budget
            low, high = (low, middle) if fits else (middle, high)
        self.reasons["patch"] = f"the largest part of {show(median)} of which {batch} fit"
        return path[high]

    def _too_small(self, sizes: Sizes, batch: int) -> DesignError:
        needed, given = (capacity.show(size) for size in (self.trials.peak(sizes, batch), self.budget))
        return DesignError(
            f"{'one example' if batch == 1 else f'{batch} examples'} of {show(sizes)} "
            f"need{'s' * (batch == 1)} {needed}, and the budget is {given}; take more memory"
            f"{' or a smaller network' if batch == 1 else ', a smaller network or a smaller batch'}."
        )

    def _windows(self, sizes: Sizes) -> int:
        """Return the patches of an epoch: as many of each example as have its positions."""
        volumes = (prod(shape[1:]) for shape in self.data.train.shapes)
        return sum(max(1, round(volume / prod(sizes))) for volume in volumes)

    def given(self, batch: int) -> int:
        """Return a batch that was given."""
        if batch < 1:
            raise DesignError(f"`batch` (={batch}) must be at least 1.")
        self.reasons["batch"] = "as given"
        return batch

    def batch(self, sizes: Sizes) -> int:
        """Return the largest batch that fits, up to a twentieth of the positions of the split."""
        most = max(SMALLEST, self._windows(sizes) // EPOCH)
        low = min(SMALLEST, most)
        if self.trials.peak(sizes, low) > self.budget:
            low = most = 1
            if self.trials.peak(sizes, 1) > self.budget:
                raise self._too_small(sizes, 1)
        batch = largest(lambda number: self.trials.peak(sizes, number), self.budget, low, most)
        share = f"1/{EPOCH} of the training split"
        limited = share if batch > SMALLEST else f"the least that is planned; {share} is no more"
        self.reasons["batch"] = limited if batch == most > 1 else "the largest that fits"
        return batch

    def plan(self, sizes: Sizes, batch: int, *, whole: bool) -> Plan:
        """Return the plan for sizes and a batch that were chosen."""
        step, parts = self.trials.step(sizes, batch), self.trials.parts(sizes, batch)
        peak = sum(parts.values())
        self.reasons["peak"] = _recorded(step.mode)
        warnings = cautions(self.net, self.facts, sizes, batch)
        if peak > self.budget:
            over = capacity.show(peak - self.budget)
            warnings.insert(0, f"the peak is {over} above the budget")
        return Plan(
            None if whole else sizes,
            batch,
            max(1, self._windows(sizes) // batch),
            self.budget,
            peak,
            parts,
            step.mode,
            dict(self.reasons),
            tuple(warnings),
        )


def _recorded(mode: str) -> str:
    how = "recorded without data" if mode == "fake" else "run on the CPU, since the network looks at values"
    return f"allocator bytes of an eager step, {how}"


def proportional(facts: Fingerprint, share: float) -> Sizes:
    """Return sizes in proportion 1 / spacing, within the median, with a share of its positions.

    >>> facts = Fingerprint(1, 1, (8, 64), (8, 64), (8, 64), (1.0, 1.0))
    >>> proportional(facts, 0.25), proportional(facts, 1.0)
    ((8, 16), (8, 64))
    """
    wanted = share * facts.positions
    low, high = 0.0, max(size * space for size, space in zip(facts.median, facts.spacing, strict=True))
    for _ in range(64):
        side = (low + high) / 2
        volume = prod(
            min(size, side / space) for size, space in zip(facts.median, facts.spacing, strict=True)
        )
        low, high = (side, high) if volume < wanted else (low, side)
    return tuple(
        max(1, min(size, round(high / space)))
        for size, space in zip(facts.median, facts.spacing, strict=True)
    )


def _shrinking(start: Sizes, periods: Sizes, median: Sizes) -> list[Sizes]:
    """Return ever smaller patches: each time, the side that is largest relative to the median is reduced."""
    path = [start]
    while True:
        last = path[-1]
        axes = [axis for axis, period in enumerate(periods) if period and last[axis] > period]
        if not axes:
            return path
        longest = max(axes, key=lambda axis: last[axis] / median[axis])
        path.append(tuple(size - periods[axis] * (axis == longest) for axis, size in enumerate(last)))
