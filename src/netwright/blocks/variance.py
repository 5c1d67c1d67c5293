"""Starting values scaled by data: layer by layer to unit variance (Mishkin & Matas 2016, "LSUV")."""

from typing import Any

import torch
from torch import Tensor, nn

from netwright.blocks.initialise import CONVOLUTIONS
from netwright.errors import UsageError


def scale_by_data(net: nn.Module, *inputs: Any) -> nn.Module:
    """Scale each convolution and linear layer so that its output has variance 1 on `inputs`; returns `net`.

    One pass suffices: each layer is scaled before the next sees its output. Draw orthogonal weights first, as
    the paper does: `initialise(net, {"conv": "orthogonal", "linear": "orthogonal", "bias": "zeros"})`. A
    layer called more than once is scaled at its first call. The pass runs in evaluation mode, so norms keep
    their statistics and nothing is dropped; every mode is restored.

    Raises:
        UsageError: a layer whose output does not vary, so that nothing can scale it.

    >>> net = scale_by_data(nn.Linear(8, 8), x := torch.randn(100, 8))
    >>> round(net(x).var().item(), 3)
    1.0
    """
    modes = {module: module.training for module in net.modules()}
    # Hooks, and not a recorder: this changes what it sees while it passes by.
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
    """Scales a layer, and the output it has just made, when it is first called."""

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
