"""The parameters of a network as a table, and how to share one on purpose."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from netwright.errors import USER_ERRORS, UsageError


@dataclass(frozen=True)
class ParameterRow:
    """One name of one parameter.

    `mean`, `deviation` and `gradient` (a root mean square) are None where there is nothing to measure: on the
    meta device, for the deviation of one value, or before a backward pass. `tied` lists the other names of
    the same parameter.
    """

    name: str
    shape: tuple[int, ...]
    mean: float | None
    deviation: float | None
    gradient: float | None
    trained: bool
    tied: tuple[str, ...]


def rows(net: nn.Module) -> Iterator[ParameterRow]:
    """Yield every name of every parameter, in the order of the modules; a shared one has several names.

    >>> pair = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    >>> tie(pair[0], "weight", pair[1])
    >>> [(row.name, row.tied) for row in rows(pair)][::2]
    [('0.weight', ('1.weight',)), ('1.weight', ('0.weight',))]
    """
    named = list(net.named_parameters(remove_duplicate=False))
    names = defaultdict(list)
    for name, parameter in named:
        names[parameter].append(name)
    for name, parameter in named:
        values = parameter.detach()
        yield ParameterRow(
            name,
            tuple(parameter.shape),
            _measured(values, values.numel() > 0, Tensor.mean),
            _measured(values, values.numel() > 1, Tensor.std),
            None if parameter.grad is None else _measured(parameter.grad, True, _root_mean_square),
            parameter.requires_grad,
            tuple(other for other in names[parameter] if other != name),
        )


def _root_mean_square(values: Tensor) -> Tensor:
    return values.square().mean().sqrt()


def _measured(values: Tensor, enough: bool, measure: Callable[[Tensor], Tensor]) -> float | None:
    return None if values.is_meta or not enough else float(measure(values.double()))


def measure_gradients(net: nn.Module, *inputs: Tensor) -> None:
    """Set the gradient of every parameter to that of the mean square of the outputs.

    Raises:
        UsageError: the network has no differentiable output, or it fails on `inputs`.
    """
    try:
        outputs = [out for out in _tensors(net(*inputs)) if out.requires_grad]
    except USER_ERRORS as error:
        shapes = ", ".join(str(tuple(x.shape)) for x in inputs)
        raise UsageError(f"the network fails on an input of {shapes}: {error}") from error
    if not outputs:
        raise UsageError("no output of the network depends on a trained parameter, so none has a gradient.")
    net.zero_grad()
    torch.stack([out.square().mean() for out in outputs]).sum().backward()


def _tensors(outputs: object) -> Iterator[Tensor]:
    if isinstance(outputs, Tensor):
        yield outputs
    elif isinstance(outputs, Mapping):
        yield from _tensors(list(outputs.values()))
    elif isinstance(outputs, list | tuple):
        for output in outputs:
            yield from _tensors(output)


def tie(module: nn.Module, name: str, other: nn.Module, *, as_name: str | None = None) -> None:
    """Let `other` use the parameter `name` of `module`, so that both train one parameter.

    Args:
        module: the module that has the parameter.
        name: the name of the parameter in `module`.
        other: the module that will use it too.
        as_name: its name in `other`; `name` by default.

    Raises:
        UsageError: one of them has no such parameter, or their shapes differ.
    """
    there = name if as_name is None else as_name
    for owner, wanted in ((module, name), (other, there)):
        if wanted not in owner._parameters:
            has = ", ".join(owner._parameters) or "none"
            raise UsageError(f"{type(owner).__name__} has no parameter `{wanted}`; it has {has}.")
    mine, theirs = module.get_parameter(name), other.get_parameter(there)
    if mine.shape != theirs.shape:
        raise UsageError(
            f"`{name}` {tuple(mine.shape)} and `{there}` {tuple(theirs.shape)} cannot be one parameter: "
            "their shapes differ."
        )
    setattr(other, there, mine)
