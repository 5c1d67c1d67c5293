"""The outputs of a file beside those of the network that it was written from."""

from collections.abc import Callable

import torch
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.errors import USER_ERRORS, ExportError, NetwrightError, UsageError
from netwright.prediction.place import line
from netwright.prediction.sizes import Shape
from netwright.prediction.subject import Subject
from netwright.trace.usercode import format_error


class DifferenceError(Exception):
    """The file does not give the outputs of the network."""


def require(subject: Subject) -> None:
    """Refuse a network that cannot be compared: it must take one tensor, and give one, the same every time.

    Raises:
        UsageError: It does not read inputs of that shape.
        ExportError: It gives something else than a tensor, or another one for the same input.
    """
    inputs = subject.random(1, subject.input[1:])
    try:
        with torch.no_grad():
            output, again = subject.net(inputs.clone()), subject.net(inputs.clone())
    except NetwrightError:
        raise
    except USER_ERRORS as error:
        reason = f"{line(error)}: {format_error(error)[:300]}"
        raise UsageError(f"the network does not read inputs of {show(subject.input)}{reason}") from error
    if not isinstance(output, Tensor):
        raise ExportError(
            f"the network gives a {type(output).__name__}; a graph has one tensor. Export a module that "
            "returns the one that is needed."
        )
    if output.shape != again.shape or not torch.equal(output.nan_to_num(), again.nan_to_num()):
        raise ExportError(
            "the network gives another output for the same input the second time, so no file can be compared "
            "with it; it draws random numbers, or keeps a state between calls."
        )


def compared(subject: Subject, run: Callable[[Tensor], Tensor], other: Shape | None) -> tuple[float, int]:
    """Return the largest difference, and how many random inputs were tried.

    Args:
        subject: The network, and examples of its data.
        run: Runs the file.
        other: Another size that the file takes.

    Raises:
        DifferenceError: An output has another shape.
    """
    own = subject.input[1:]
    inputs = [subject.random(1, own), subject.random(3, own)]
    if other:
        inputs.append(subject.random(2, other))
    tried = sum(map(len, inputs))
    if subject.real is not None:
        inputs.append(subject.real)
    worst = 0.0
    for batch in inputs:
        with torch.no_grad():
            mine, theirs = subject.net(batch.clone()), run(batch.clone())
        if theirs.shape != mine.shape:
            raise DifferenceError(
                f"the file gives {show(theirs.shape)} for {show(batch.shape)}, not {show(mine.shape)}"
            )
        worst = max(worst, difference(mine, theirs))
    return worst, tried


def difference(mine: Tensor, theirs: Tensor) -> float:
    """Return the largest difference of two outputs, relative to the largest value of the first.

    Of integers, such as classes, it is the share of the values that differ. Values that are not finite differ
    infinitely.

    >>> difference(torch.tensor([2.0, -4.0]), torch.tensor([2.0, -3.0]))
    0.25
    >>> difference(torch.tensor([2, 4]), torch.tensor([2, 3]))
    0.5
    """
    if not mine.numel():
        return 0.0
    if not mine.is_floating_point():
        return float((mine != theirs).double().mean())
    gap = (mine.double() - theirs.double()).abs().max() / mine.double().abs().max().clamp(min=1e-12)
    return float(gap) if bool(gap.isfinite()) else float("inf")
