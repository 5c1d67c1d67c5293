"""Record one forward pass in evaluation, from the stored batch to what is made of the output.

As in `netwright.trace.step`, the pass runs on tensors without data, and the peak is that of the storages that
are alive as an eager pass on the CPU allocates them.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn

from netwright.arithmetic.shape import show
from netwright.errors import ShapeError
from netwright.trace.allocation import Allocations
from netwright.trace.clone import Cloner
from netwright.trace.observe import unchanged_randomness
from netwright.trace.step import TRUE, copied, output_of, without_data
from netwright.trace.usercode import UserCode, format_error


@dataclass(frozen=True)
class Forward:
    """Bytes of one forward pass.

    Args:
        mode: `fake` (without data) or `real` (run on the CPU, where the network looks at values).
        weights: Bytes of parameters and buffers.
        peak: The most bytes at any time.
        bound: The most bytes together with what the kernels of convolutions allocate beside their results.
    """

    mode: Literal["fake", "real"]
    weights: int
    peak: int
    bound: int


def record_forward(
    net: nn.Module,
    batch: tuple[int, ...],
    *,
    stored: torch.dtype = torch.float32,
    precision: str = "32-true",
    then: Callable[[Tensor], Any] = id,
) -> Forward:
    """Record a pass of a clone of `net` in evaluation mode; the module itself stays untouched.

    Args:
        net: Any module with one input.
        batch: Shape of the batch [b, c, *space].
        stored: The type of the values before they are normalised, which are kept meanwhile.
        precision: The number format, as lightning-fabric names it.
        then: What is made of the output; what it allocates counts.

    Raises:
        ShapeError: The network fails on such a batch.
    """
    recorded: Forward | None = None
    error: BaseException | None = None
    for fake in (True, False):  # whoever looks at values may raise anything
        with unchanged_randomness(), UserCode() as caught, without_data() if fake else nullcontext():
            recorded = _taken(net, batch, stored, precision, then, fake=fake)
        caught.forget()
        error = caught.error
        if recorded is not None:
            return recorded
    assert error is not None
    raise ShapeError(f"a pass over {show(batch)} fails: {format_error(error)}.") from error


@torch.no_grad()
def _taken(
    net: nn.Module,
    batch: tuple[int, ...],
    stored: torch.dtype,
    precision: str,
    then: Callable[[Tensor], Any],
    *,
    fake: bool,
) -> Forward:
    true = TRUE.get(precision)
    clone = Cloner(partial(copied, true, fake=fake)).module(net).eval()
    watch = Allocations([*clone.parameters(), *clone.buffers()], fake=fake)
    weights = watch.now
    kept, inputs = torch.zeros(batch, dtype=stored), torch.zeros(batch, dtype=true or torch.float32)
    watch.hold([kept, inputs])
    with watch:
        then(output_of(clone, inputs, precision))
    return Forward("fake" if fake else "real", weights, watch.peak, watch.bound)
