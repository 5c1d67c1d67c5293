"""What one layer can do to one axis: every legal (kernel, stride, padding) and why the others are not.

The reasons are those of the rules of `netwright check`, from the same arithmetic: a plan that keeps them is
one that the linter is silent about.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from netwright.arithmetic.coverage import (
    live_taps,
    lost_border,
    overhang,
    transposed_live_taps,
    uneven_overlap,
)
from netwright.arithmetic.window import count, span, transposed_misfit
from netwright.design.problem import Problem

LONG = 128
"""Beyond so many positions an axis is like a shorter one with the same rest."""


@dataclass(frozen=True, order=True)
class Step:
    """One axis through one layer; `extra` is the output padding of a transposed convolution."""

    size: int
    out: int
    kernel: int
    stride: int
    padding: int
    extra: int = 0


@dataclass(frozen=True)
class Rules:
    """The part of a problem that decides which steps are legal."""

    up: bool
    kernels: tuple[int, int]
    strides: tuple[int, int]
    patterns: tuple[tuple[int, int, int], ...]
    overlap: bool
    no_dead_taps: bool
    no_skips: bool
    kernel_multiple: bool
    all_strides: bool = False

    @classmethod
    def of(cls, problem: Problem, *, up: bool) -> "Rules":
        """The rules of a problem for its convolutions or its transposed ones."""
        return cls(
            up,
            problem.kernels,
            problem.strides,
            () if up and problem.direction == "mirror" else problem.patterns,
            problem.overlap,
            problem.no_dead_taps,
            problem.no_skips,
            problem.kernel_multiple,
            (problem.min_receptive_field, problem.max_receptive_field) != (None, None),
        )


@lru_cache(maxsize=2**16)
def steps(size: int, rules: Rules) -> tuple[Step, ...]:
    """Every legal step from `size`, of those with the same (out, kernel) the least awkward.

    Strides are told apart (`all_strides`) where a receptive field is asked for, unless a single window
    stands: its stride does nothing.
    """
    best: dict[tuple[int, ...], tuple[tuple[float, ...], Step]] = {}
    for step in _candidates(size, rules):
        reason, shift = _judged(_alike(step, up=rules.up), rules)
        if reason:
            continue
        alone = (step.size if rules.up else step.out) == 1
        key = (step.out, step.kernel, step.stride if rules.all_strides and not alone else 0)
        rank = (step.extra, abs(step.stride - max(size, step.out) / min(size, step.out)), shift, step.padding)
        if key not in best or rank < best[key][0]:
            best[key] = rank, step
    return tuple(sorted(step for _, step in best.values()))


def _alike(step: Step, *, up: bool) -> Step:
    """A step from a shorter axis that keeps and breaks the same rules: the rest after the strides decides."""
    cut = max(0, step.size - LONG) if up else max(0, (step.size - LONG) // step.stride * step.stride)
    grown = cut * step.stride if up else cut // step.stride
    return replace(step, size=step.size - cut, out=step.out - grown)


@lru_cache(maxsize=2**16)
def _judged(step: Step, rules: Rules) -> tuple[str, int]:
    """Why a step is not legal, and how far it shifts the map: two ends whose padding differs in use."""
    if reason := why_not(step, rules):
        return reason, 0
    if rules.up:
        return "", abs(step.kernel - step.stride - 2 * step.padding + step.extra)
    before, after = overhang(step.size, step.kernel, step.stride, step.padding)
    return "", abs(before - after)


def _candidates(size: int, rules: Rules) -> Iterator[Step]:
    """Every pattern in range that fits the axis and neither grows it downwards nor shrinks it upwards."""
    for kernel, stride, padding in rules.patterns or _all_patterns(rules):
        if not rules.up:
            out = count(size, kernel, stride, padding)
            if 1 <= out <= size:
                yield Step(size, out, kernel, stride, padding)
            continue
        for extra in range(min(stride, padding + 1)):
            if not transposed_misfit(size, kernel, stride, padding, extra):
                out = (size - 1) * stride - 2 * padding + span(kernel) + extra
                if out >= size:
                    yield Step(size, out, kernel, stride, padding, extra)


def _all_patterns(rules: Rules) -> Iterator[tuple[int, int, int]]:
    """Kernels and strides in range, padded by at most half a kernel."""
    for kernel in range(rules.kernels[0], rules.kernels[1] + 1):
        for stride in range(rules.strides[0], rules.strides[1] + 1):
            for padding in range(kernel // 2 + 1):
                yield kernel, stride, padding


def why_not(step: Step, rules: Rules) -> str:
    """Why a step breaks a rule; empty when it breaks none.

    >>> rules = Rules(False, (1, 7), (1, 4), (), True, True, True, True)
    >>> why_not(Step(2, 1, kernel=4, stride=2, padding=1), rules)
    '2 of 4 taps never touch data on an axis of 2 (NW104)'
    >>> why_not(Step(8, 4, kernel=3, stride=2, padding=1), rules)
    ''
    """
    alone = (step.size if rules.up else step.out) == 1
    if rules.overlap and not alone and step.kernel <= step.stride:
        return f"windows of kernel {step.kernel} at stride {step.stride} share no position"
    if rules.no_skips and (reason := skipped(step, up=rules.up)):
        return reason
    if rules.up and rules.kernel_multiple and (reason := checkered(step.kernel, step.stride)):
        return reason
    return dead(step, up=rules.up) if rules.no_dead_taps else ""


def dead(step: Step, *, up: bool) -> str:
    """Why some taps do nothing (NW104)."""
    if up:
        live = transposed_live_taps(step.size, step.kernel, step.stride, step.padding, step.extra)
    else:
        live = live_taps(step.size, step.kernel, step.stride, step.padding)
    idle = live.count(False)
    return f"{idle} of {step.kernel} taps never touch data on an axis of {step.size} (NW104)" if idle else ""


def skipped(step: Step, *, up: bool) -> str:
    """Why some positions are never read, or never written (NW105, NW106).

    >>> skipped(Step(8, 4, kernel=1, stride=2, padding=0), up=False)
    'stride 2 steps over positions that kernel 1 never reads (NW105)'
    """
    several = (step.size if up else step.out) > 1
    if several and step.stride > step.kernel:
        verb = "writes" if up else "reads"
        return f"stride {step.stride} steps over positions that kernel {step.kernel} never {verb} (NW105)"
    if up:
        blank = max(0, step.extra - step.padding)
        return f"the last {blank} positions are never written (NW105)" if blank else ""
    lost = lost_border(step.size, step.kernel, step.stride, step.padding)
    return f"the last {lost} of {step.size} positions are never read (NW106)" if lost else ""


def checkered(kernel: int, stride: int) -> str:
    """Why a transposed convolution draws a checkerboard (NW108).

    >>> checkered(3, 2)
    'kernel 3 writes 1 to 2 times to a position at stride 2: a checkerboard (NW108)'
    """
    fewest, most = uneven_overlap(kernel, stride)
    if fewest == most:
        return ""
    times = f"{fewest} to {most} times to a position at stride {stride}"
    return f"kernel {kernel} writes {times}: a checkerboard (NW108)"
