"""Starting values of weights: by name, by pattern, and scaled by data."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn

from netwright.errors import UsageError

Fill = Callable[[Tensor], Tensor]

CONVOLUTIONS = (
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)
KINDS: Mapping[str, tuple[type[nn.Module], ...]] = {
    "conv": CONVOLUTIONS,
    "linear": (nn.Linear,),
    "embedding": (nn.Embedding,),
    "norm": (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm),
}
"""The layers whose weights a kind names; the kind `bias` names every bias."""


def normal(*, mean: float = 0.0, std: float = 1.0) -> Fill:
    """Return a fill that draws from a normal distribution."""
    return partial(nn.init.normal_, mean=mean, std=std)


def uniform(*, low: float, high: float) -> Fill:
    """Return a fill that draws uniformly between `low` and `high`."""
    return partial(nn.init.uniform_, a=low, b=high)


def constant(value: float) -> Fill:
    """Return a fill with one value: for biases and norms, not for weights, whose units must differ."""
    return partial(nn.init.constant_, val=value)


zeros = constant(0.0)
ones = constant(1.0)

INITIALISERS: Mapping[str, Fill] = {
    "normal": normal(std=0.01),
    "zeros": zeros,
    "ones": ones,
    "xavier_normal": nn.init.xavier_normal_,
    "xavier_uniform": nn.init.xavier_uniform_,
    "kaiming_normal": partial(nn.init.kaiming_normal_, nonlinearity="relu"),
    "kaiming_uniform": partial(nn.init.kaiming_uniform_, nonlinearity="relu"),
    "kaiming_normal_out": partial(nn.init.kaiming_normal_, mode="fan_out", nonlinearity="relu"),
    "orthogonal": nn.init.orthogonal_,
    "dirac": nn.init.dirac_,
}
"""Glorot & Bengio 2010 (xavier), He et al. 2015 (kaiming, for rectifiers), Saxe et al. 2014 (orthogonal)."""


def he(net: nn.Module, mode: Literal["fan_in", "fan_out"] = "fan_out") -> nn.Module:
    """Draw the weights of every convolution as in He et al. 2015 (for rectifiers); return `net`.

    Without norms, layers with far fewer outputs than inputs need `fan_in`; otherwise activations grow from
    layer to layer. On the meta device there is nothing to draw, and torch would take seconds for it.
    """
    for module in net.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d) and not module.weight.is_meta:
            nn.init.kaiming_normal_(module.weight, mode=mode, nonlinearity="relu")
    return net


def initialise(net: nn.Module, rules: Mapping[str, str | Fill]) -> nn.Module:
    """Fill the parameters that each rule names, in order, so that a later rule wins; return `net`.

    Args:
        net: any module.
        rules: each key is a kind (`conv`, `linear`, `embedding` and `norm` for the weights of such layers,
            `bias` for every bias) or a pattern of parameter names (`head.*`, `stages.0.*.weight`). Each value
            is a name in `INITIALISERS` or a function that fills a tensor in place.

    Raises:
        UsageError: a rule matches no parameter, a name is unknown, or a shape does not allow a fill.

    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 2))
    >>> net = initialise(net, {"conv": "kaiming_normal", "linear": normal(std=0.01), "2.bias": zeros})
    >>> net[2].bias
    Parameter containing:
    tensor([0., 0.], requires_grad=True)
    """
    for pattern, rule in rules.items():
        fill = _named(rule) if isinstance(rule, str) else rule
        matching = _matching(net, pattern)
        if not matching:
            known = ", ".join([*KINDS, "bias"])
            names = ", ".join(name for name, _ in list(net.named_parameters())[:3])
            raise UsageError(
                f"the rule `{pattern}` matches no parameter; write a kind ({known}) "
                f"or a pattern of names, such as {names}."
            )
        for name, parameter in matching.items():
            _fill(fill, name, parameter)
    return net


def _named(name: str) -> Fill:
    if name not in INITIALISERS:
        raise UsageError(f"no initialiser is called `{name}`; there are {', '.join(INITIALISERS)}.")
    return INITIALISERS[name]


def _matching(net: nn.Module, pattern: str) -> dict[str, nn.Parameter]:
    if pattern in KINDS:
        return {
            f"{path}.weight": module.weight
            for path, module in net.named_modules()
            if isinstance(module, KINDS[pattern]) and isinstance(module.weight, nn.Parameter)
        }
    if pattern == "bias":
        pattern = "*bias"
    return {name: p for name, p in net.named_parameters() if fnmatchcase(name, pattern)}


def _fill(fill: Fill, name: str, parameter: nn.Parameter) -> None:
    try:
        with torch.no_grad():
            fill(parameter)
    except ValueError as error:
        raise UsageError(
            f"`{name}` of shape {tuple(parameter.shape)} cannot be filled this way: {error}; "
            "restrict the rule to weights, as in `*.weight`."
        ) from error


def scale_by_data(net: nn.Module, *inputs: Any) -> nn.Module:
    """Scale each convolution and linear layer so that its output has variance 1 on `inputs`; return `net`.

    This is layer-sequential unit variance (Mishkin & Matas 2016, "LSUV"). One pass suffices, because each
    layer is scaled before the next one sees its output. Draw orthogonal weights first, as
    the paper does: `initialise(net, {"conv": "orthogonal", "linear": "orthogonal", "bias": "zeros"})`. A
    layer called more than once is scaled at its first call. The pass runs in evaluation mode, so norms keep
    their statistics and nothing is dropped; every mode is restored.

    Raises:
        UsageError: the output of a layer does not vary, so it cannot be scaled.

    >>> net = scale_by_data(nn.Linear(8, 8), x := torch.randn(100, 8))
    >>> round(net(x).var().item(), 3)
    1.0
    """
    modes = {module: module.training for module in net.modules()}
    # These are hooks and not a recording, because each layer is changed before the next one runs.
    hooks = [
        module.register_forward_hook(_Once())
        for module in net.modules()
        if isinstance(module, (nn.Linear, *CONVOLUTIONS))
    ]
    try:
        with torch.no_grad():
            net.eval()(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    return net


class _Once:
    """Scale a layer and its output when it is first called."""

    def __init__(self) -> None:
        self.done = False

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> Tensor:
        if self.done:
            return out
        self.done = True
        deviation = out.std()
        if not deviation > 0:
            raise UsageError(f"the output of {layer} does not vary (deviation {deviation}); check its input.")
        for parameter in layer.parameters():
            parameter.div_(deviation)
        return out / deviation
