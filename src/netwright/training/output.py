"""What a network gives for the examples of a data set: the shape of its output, and where that lies."""

import torch
from torch import nn

from netwright.arithmetic.grid import Grid
from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.errors import SpecError


def grid(data: Data, shape: tuple[int, ...]) -> Grid | None:
    """Return where the positions of an output lie; None for an output without space."""
    if len(shape) != len(data.input):
        return None
    return Grid.regular(data.input[1:], shape[1:])


def output_shape(module: nn.Module, data: Data, name: str) -> tuple[int, ...]:
    """Return the shape of one output without the batch, from a run that leaves no trace in the module."""
    first = next(module.parameters(), torch.zeros(()))
    training = module.training
    try:
        with torch.no_grad():
            output = module.eval()(torch.zeros(2, *data.input, device=first.device, dtype=first.dtype))
    except RuntimeError as error:
        raise SpecError(f"`{name}` cannot read inputs of {show(data.input)}: {error}") from error
    finally:
        module.train(training)
    if not isinstance(output, torch.Tensor):
        raise SpecError(f"`{name}` returns a {type(output).__name__}; training needs one tensor.")
    return tuple(output.shape[1:])
