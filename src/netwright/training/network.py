"""The network of a run: built from its spec or given, and checked against data and task before it trains."""

import torch
from torch import nn

from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import SpecError
from netwright.spec import load, remember


def network(net: nn.Module | str, data: Data, task: Task) -> tuple[str | None, nn.Module]:
    """The spec, where there is one, and the module.

    Raises:
        SpecError: the network cannot read the data's examples, or its output does not fit the task.
    """
    spec = net if isinstance(net, str) else None
    module = load(net, input=data.input, classes=len(data.classes)) if isinstance(net, str) else net
    if spec:
        remember(spec)
    name = spec or type(module).__name__
    reason = task.check(_output(module, data, name), data)
    if reason:
        raise SpecError(f"`{name}` does not fit: {reason}")
    return spec, module


def _output(module: nn.Module, data: Data, name: str) -> tuple[int, ...]:
    """Shape of one output without the batch, from a run that leaves no trace in the module."""
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
        raise SpecError(f"`{name}` yields a {type(output).__name__}; training needs one tensor.")
    return tuple(output.shape[1:])
