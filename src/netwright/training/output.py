"""What a network reads of a data set, what it gives for that, and where its output lies."""

from copy import deepcopy
from typing import Literal

import torch
from torch import nn

from netwright.arithmetic.grid import Grid
from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.errors import USER_ERRORS, SpecError
from netwright.receptive.grid import grid as grid_of
from netwright.training.windows import suited


def input_shape(data: Data, patch: tuple[int, ...] | Literal["auto"] | None) -> tuple[int, ...]:
    """Return the shape of one input of a training, without the batch: of a window, or of an example.

    `patch` is that of the recipe.
    """
    size = suited(data) if patch == "auto" else patch
    return data.input if size is None else (data.channels, *size)


MOST = 256
"""By how many pixels the shortest side is enlarged at most, in search of a size that a network reads."""


def grid(net: nn.Module, input: tuple[int, ...], shape: tuple[int, ...]) -> Grid | None:
    """Return where the positions of an output lie, by the shapes without the batch; None without space."""
    return grid_of(net, input) if len(shape) >= len(input) > 1 else None


def output_shape(module: nn.Module, input: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Return the shape of one output without the batch, from a run that leaves no trace in the module."""
    first = next(module.parameters(), torch.zeros(()))
    training = module.training
    try:
        with torch.no_grad():
            output = module.eval()(torch.zeros(2, *input, device=first.device, dtype=first.dtype))
    except RuntimeError as error:
        text = f"`{name}` cannot read inputs of {show(input)}: {str(error).rstrip('.')}"
        larger = _larger(module, input)
        size = f" (images by --size {max(larger[1:])})" if larger and len(larger) == 3 else ""
        remedy = (
            f"; it reads {show(larger)}: enlarge the inputs{size} or change the network" if larger else ""
        )
        raise SpecError(f"{text}{remedy}.") from error
    finally:
        module.train(training)
    if not isinstance(output, torch.Tensor):
        raise SpecError(f"`{name}` returns a {type(output).__name__}; training needs one tensor.")
    return tuple(output.shape[1:])


def _larger(module: nn.Module, input: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the input with the shortest sides enlarged until the network reads it; None if it reads none."""
    channels, *sides = input
    if not sides:
        return None
    copy = deepcopy(module).to("meta").eval()
    dtype = next((each.dtype for each in module.parameters()), torch.float32)
    for least in range(min(sides) + 1, min(sides) + MOST + 1):
        space = [max(side, least) for side in sides]
        try:
            with torch.no_grad():
                copy(torch.zeros(2, channels, *space, device="meta", dtype=dtype))
        except USER_ERRORS:
            continue
        return (channels, *space)
    return None
