"""What one layer can do to one axis: every legal (kernel, stride, padding), and why the others are not legal.

The reasons are the rules of `netwright check`, by the same arithmetic, so the linter finds nothing in a
solution that keeps them.
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
"""A longer axis behaves like a shorter one with the same remainder after the strides."""


@dataclass(frozen=True, order=True)
class Step:
    """One axis through one layer; only a transposed convolution has output padding."""

    size: int
    out: int
    kernel: int
    stride: int
    padding: int
    output_padding: int = 0


@dataclass(frozen=True)
class StepLimits:
    """The requirements of a problem that decide which steps are legal."""

    up: bool
    kernels: tuple[int, int]
    strides: tuple[int, int]
    windows: tuple[tuple[int, int, int], ...]
    overlap: bool
    no_dead_taps: bool
    no_skips: bool
    kernel_multiple: bool
    all_strides: bool = False

    @classmethod
    def of(cls, problem: Problem, *, up: bool) -> "StepLimits":
        """Return the limits of a problem for its convolutions, or for its transposed ones."""
        return cls(
            up,
            problem.kernels,
            problem.strides,
            () if up and problem.direction == "mirror" else problem.windows,
            problem.overlap,
            problem.no_dead_taps,
            problem.no_skips,
            problem.kernel_multiple,
            (problem.min_receptive_field, problem.max_receptive_field) != (None, None),
        )


@lru_cache(maxsize=2**16)
def steps(size: int, limits: StepLimits) -> tuple[Step, ...]:
    """Return the legal steps from `size`; of several with the same (out, kernel), the simplest one.

    Steps that differ in stride only are all returned (`all_strides`) where a receptive field is required,
    unless there is a single window, whose stride has no effect.
    """
    best: dict[tuple[int, ...], tuple[tuple[float, ...], Step]] = {}
    for step in _candidates(size, limits):
        reason, shift = _legality(_shortened(step, up=limits.up), limits)
        if reason:
            continue
        single = (step.size if limits.up else step.out) == 1
        key = (step.out, step.kernel, step.stride if limits.all_strides and not single else 0)
        rank = (
            step.output_padding,
            abs(step.stride - max(size, step.out) / min(size, step.out)),
            shift,
            step.padding,
        )
        if key not in best or rank < best[key][0]:
            best[key] = rank, step
    return tuple(sorted(step for _, step in best.values()))


def _shortened(step: Step, *, up: bool) -> Step:
    """Return a step on a shorter axis with the same remainder, which is legal or not for the same reasons."""
    cut = max(0, step.size - LONG) if up else max(0, (step.size - LONG) // step.stride * step.stride)
    grown = cut * step.stride if up else cut // step.stride
    return replace(step, size=step.size - cut, out=step.out - grown)


@lru_cache(maxsize=2**16)
def _legality(step: Step, limits: StepLimits) -> tuple[str, int]:
    """Return why a step is not legal, and how far different padding at its two ends shifts the map."""
    if reason := why_not(step, limits):
        return reason, 0
    if limits.up:
        return "", abs(step.kernel - step.stride - 2 * step.padding + step.output_padding)
    before, after = overhang(step.size, step.kernel, step.stride, step.padding)
    return "", abs(before - after)


def _candidates(size: int, limits: StepLimits) -> Iterator[Step]:
    """Yield the windows in range that fit, and that change the size in the direction of the layer."""
    for kernel, stride, padding in limits.windows or _all_windows(limits):
        if not limits.up:
            out = count(size, kernel, stride, padding)
            if 1 <= out <= size:
                yield Step(size, out, kernel, stride, padding)
            continue
        for output_padding in range(min(stride, padding + 1)):
            if not transposed_misfit(size, kernel, stride, padding, output_padding):
                out = (size - 1) * stride - 2 * padding + span(kernel) + output_padding
                if out >= size:
                    yield Step(size, out, kernel, stride, padding, output_padding)


def _all_windows(limits: StepLimits) -> Iterator[tuple[int, int, int]]:
    """Yield the kernels and strides in range, padded by at most half a kernel."""
    for kernel in range(limits.kernels[0], limits.kernels[1] + 1):
        for stride in range(limits.strides[0], limits.strides[1] + 1):
            for padding in range(kernel // 2 + 1):
                yield kernel, stride, padding


def why_not(step: Step, limits: StepLimits) -> str:
    """Return why a step is not legal; empty when it is.

    >>> limits = StepLimits(False, (1, 7), (1, 4), (), True, True, True, True)
    >>> why_not(Step(2, 1, kernel=4, stride=2, padding=1), limits)
    '2 of 4 taps never touch data on an axis of 2 (NW104)'
    >>> why_not(Step(8, 4, kernel=3, stride=2, padding=1), limits)
    ''
    """
    single = (step.size if limits.up else step.out) == 1
    if limits.overlap and not single and step.kernel <= step.stride:
        return f"windows of kernel {step.kernel} at stride {step.stride} share no position"
    if limits.no_skips and (reason := skipped(step, up=limits.up)):
        return reason
    if limits.up and limits.kernel_multiple and (reason := checkered(step.kernel, step.stride)):
        return reason
    return dead(step, up=limits.up) if limits.no_dead_taps else ""


def dead(step: Step, *, up: bool) -> str:
    """Return why some taps have no effect (NW104); empty when all have one."""
    if up:
        live = transposed_live_taps(step.size, step.kernel, step.stride, step.padding, step.output_padding)
    else:
        live = live_taps(step.size, step.kernel, step.stride, step.padding)
    idle = live.count(False)
    return f"{idle} of {step.kernel} taps never touch data on an axis of {step.size} (NW104)" if idle else ""


def skipped(step: Step, *, up: bool) -> str:
    """Return why some positions are never read, or never written (NW105, NW106); empty when none is.

    >>> skipped(Step(8, 4, kernel=1, stride=2, padding=0), up=False)
    'stride 2 steps over positions that kernel 1 never reads (NW105)'
    """
    several = (step.size if up else step.out) > 1
    if several and step.stride > step.kernel:
        verb = "writes" if up else "reads"
        return f"stride {step.stride} steps over positions that kernel {step.kernel} never {verb} (NW105)"
    if up:
        blank = max(0, step.output_padding - step.padding)
        return f"the last {blank} positions are never written (NW105)" if blank else ""
    lost = lost_border(step.size, step.kernel, step.stride, step.padding)
    return f"the last {lost} of {step.size} positions are never read (NW106)" if lost else ""


def checkered(kernel: int, stride: int) -> str:
    """Return why a transposed convolution draws a checkerboard (NW108); empty when it does not.

    >>> checkered(3, 2)
    'kernel 3 writes 1 to 2 times to a position at stride 2: a checkerboard (NW108)'
    """
    fewest, most = uneven_overlap(kernel, stride)
    if fewest == most:
        return ""
    times = f"{fewest} to {most} times to a position at stride {stride}"
    return f"kernel {kernel} writes {times}: a checkerboard (NW108)"
