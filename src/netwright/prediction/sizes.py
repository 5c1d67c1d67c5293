"""Which sizes of input a network takes besides the one that it was made for."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from netwright.arithmetic.shape import show
from netwright.errors import USER_ERRORS, NetwrightError
from netwright.prediction.place import line
from netwright.prediction.subject import Subject
from netwright.trace.usercode import format_error

STEPS = (1, 2, 4, 8, 16, 32, 64)
"""By how many positions a size is enlarged, until the network takes one."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Sizes:
    """The sizes that a network takes.

    Args:
        axes: The axes of space whose size is free, counted from 0, the first one after the channels.
        other: Another size that the network takes; its own one where no axis is free.
        fixed: Why an axis is not free; empty where all are.
    """

    axes: tuple[int, ...]
    other: Shape
    fixed: str = ""


def sizes(subject: Subject) -> Sizes:
    """Return the sizes that a network takes: of all axes together, or else of those that can change alone."""
    own = subject.input[1:]
    reasons = []
    for space in _larger(own):
        reasons.append(_refusal(subject, space))
        if not reasons[-1]:
            return Sizes(tuple(range(len(own))), space)
    steps = [_alone(subject, axis) if len(own) > 1 else 0 for axis in range(len(own))]
    other = tuple(size + step for size, step in zip(own, steps, strict=True))
    if other == own or _refusal(subject, other):
        return Sizes((), own, reasons[0])
    return Sizes(tuple(axis for axis, step in enumerate(steps) if step), other, reasons[0])


def _larger(own: Shape) -> Iterator[Shape]:
    """Yield larger sizes: first those that grow differently along the axes, and at last one that does not."""
    for step in STEPS:
        yield tuple(size + step * (1 + axis % 2) for axis, size in enumerate(own))
    if len(own) > 1:
        yield tuple(size + STEPS[-1] for size in own)


def _alone(subject: Subject, axis: int) -> int:
    """Return by how much one axis can grow while the others stay; 0 if it cannot."""
    own = subject.input[1:]
    for step in (STEPS[0], STEPS[-1]):
        if not _refusal(subject, (*own[:axis], own[axis] + step, *own[axis + 1 :])):
            return step
    return 0


def _refusal(subject: Subject, space: Shape) -> str:
    """Return why a network does not take inputs of a size; empty if it does."""
    try:
        with torch.no_grad():
            subject.net(subject.random(1, space))
    except (*USER_ERRORS, NetwrightError) as error:
        reason = f"{line(error)}: {format_error(error)[:200]}"
        return f"the network does not read {show(subject.input[:1] + space)}{reason}"
    return ""
