"""A fault operator: a function that yields, for a good program, every way to put one fault into it."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from faults.source import Mutant, Source

Build = Callable[[], nn.Module]
Oracle = Callable[[Build, list[Tensor]], bool]


@dataclass(frozen=True)
class Operator:
    """One kind of fault.

    Args:
        name: of the function that makes it.
        code: the rule that is to find it, which may be yet to be written; None where no rule is planned.
        description: the first sentence of the function.
        mutate: yields the mutants.
        oracle: decides by running torch whether a network has the fault; None where the fault is in a
            script, or keeps the network from being built.
        network: the networks of the mutant are checked, and not only its source.
        scripts: mutants of programs without a network count too, although networks are checked.
    """

    name: str
    code: str | None
    description: str
    mutate: Callable[[Source], Iterator[Mutant]]
    oracle: Oracle | None
    network: bool
    scripts: bool = False


OPERATORS: dict[str, Operator] = {}
"""Every operator by its name; importing `faults` fills it."""


def fault(
    code: str | None, *, oracle: Oracle | None = None, network: bool | None = None, scripts: bool = False
) -> Callable:
    """Register a function as an operator."""

    def register(mutate: Callable[[Source], Iterator[Mutant]]) -> Callable[[Source], Iterator[Mutant]]:
        first = (inspect.getdoc(mutate) or "").split("\n")[0].rstrip(".")
        checked = oracle is not None if network is None else network
        OPERATORS[mutate.__name__] = Operator(mutate.__name__, code, first, mutate, oracle, checked, scripts)
        return mutate

    return register


def outputs(net: nn.Module, inputs: list[Tensor]) -> Tensor:
    """The first tensor that a network returns; the same numbers are drawn each time."""
    torch.manual_seed(0)
    return tensors(net(*inputs))[0]


def tensors(returned: Tensor | Sequence) -> list[Tensor]:
    """Every tensor that a network returns."""
    if isinstance(returned, Tensor):
        return [returned]
    return [tensor for value in returned for tensor in tensors(value)]


def attempt(build: Build, inputs: list[Tensor]) -> Tensor | None:
    """What a network returns in evaluation mode, None where torch refuses to build or to run it."""
    try:
        with torch.no_grad():
            return outputs(build().eval(), inputs)
    except (RuntimeError, ValueError, IndexError, TypeError, AttributeError):
        return None


def runs(build: Build, inputs: list[Tensor]) -> bool:
    """The network still takes its input: the fault is a silent one."""
    return attempt(build, inputs) is not None


def fails(build: Build, inputs: list[Tensor]) -> bool:
    """The network is built, and cannot take its input."""
    build()
    return attempt(build, inputs) is None


def resized(inputs: list[Tensor], change: Callable[[int], int]) -> list[Tensor]:
    """Inputs of another height and width."""
    return [torch.randn(*x.shape[:2], *map(change, x.shape[2:])) if x.ndim > 2 else x for x in inputs]


def folds(build: Build, inputs: list[Tensor]) -> bool:
    """At twice the size the number of outputs is no longer the number of examples."""
    larger = attempt(build, resized(inputs, lambda size: 2 * size))
    return runs(build, inputs) and larger is not None and len(larger) != len(inputs[0])


def fragile(build: Build, inputs: list[Tensor]) -> bool:
    """The network takes its input, and none that is one pixel larger."""
    return runs(build, inputs) and not runs(build, resized(inputs, lambda size: size + 1))


def constant(build: Build, inputs: list[Tensor]) -> bool:
    """The output is the same whatever the input."""
    one, other = attempt(build, inputs), attempt(build, [x.flip(0) * 2 for x in inputs])
    return one is not None and other is not None and torch.equal(one, other)


def noisy(build: Build, inputs: list[Tensor]) -> bool:
    """Two runs in evaluation mode differ."""
    if not runs(build, inputs):
        return False
    net = build().eval()
    with torch.no_grad():
        one, other = tensors(net(*inputs))[0], tensors(net(*inputs))[0]
    return not torch.equal(one, other)


def skips(build: Build, inputs: list[Tensor]) -> bool:
    """Some layer is given a map of which most positions get no gradient, in any channel of any example."""
    if not runs(build, inputs):
        return False
    net, given = build(), []

    def keep(module: nn.Module, args: tuple[Tensor, ...]) -> None:
        for x in args:
            x.retain_grad()
        given.extend(args)

    for module in net.modules():
        if isinstance(module, (nn.Conv1d, nn.Conv2d)):
            module.register_forward_pre_hook(keep)
    returned = net(*[x.clone().requires_grad_() for x in inputs])
    sum(out.square().sum() for out in tensors(returned)).backward()
    maps = [x.grad.abs().sum(dim=(0, 1)) for x in given if x.grad is not None]
    return any(bool((seen == 0).float().mean() > 0.6) for seen in maps if seen.numel() > 3)


def untrainable(build: Build, inputs: list[Tensor]) -> bool:
    """A training step on a single example is refused, though evaluation runs."""
    if not runs(build, inputs):
        return False
    try:
        outputs(build().train(), [x[:1] for x in inputs])
    except ValueError:
        return True
    return False


def untrained(build: Build, inputs: list[Tensor]) -> bool:
    """Some parameter gets no gradient from the output."""
    if not runs(build, inputs):
        return False
    net = build()
    returned = [out.sum() for out in tensors(net(*inputs)) if out.requires_grad]
    if not returned:
        return True
    sum(returned).backward()
    return any(p.grad is None and p.requires_grad for p in net.parameters())


def positive_weights(build: Build, inputs: list[Tensor]) -> bool:
    """The weights of some layer are all drawn above zero, and differ."""
    layers = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)
    weights = [m.weight for m in build().modules() if isinstance(m, layers)]
    return any(bool(w.min() >= 0) and bool(w.std() > 0.2) for w in weights)


def loud_start(build: Build, inputs: list[Tensor]) -> bool:
    """The cross-entropy of the untrained classifier is over twice that of a uniform guess."""
    if not runs(build, inputs):
        return False
    out = outputs(build(), inputs)
    if out.ndim != 2 or out.shape[1] < 2:
        return False
    labels = torch.arange(len(out)) % out.shape[1]
    uniform = torch.log(torch.tensor(float(out.shape[1])))
    return bool(nn.functional.cross_entropy(out, labels) > 2 * uniform)
