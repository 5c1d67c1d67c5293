"""What an output of a real module sees, measured by gradients."""

import torch
from torch import nn


def positive(net: nn.Module) -> nn.Module:
    """All weights and biases positive, so that no gradient cancels and no ReLU cuts one."""
    net = net.double().eval()
    for module in net.modules():
        if isinstance(module, nn.modules.conv._ConvNd):
            nn.init.ones_(module.weight)
            module.weight.data /= module.weight[0].numel()
            if module.bias is not None:
                nn.init.ones_(module.bias)
    return net


def widest_view(net: nn.Module, channels: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Most input positions per axis that an output inside the map of a large input sees."""
    widest = [0] * len(sizes)
    net = positive(net)
    x = torch.ones(1, channels, *sizes, dtype=torch.float64, requires_grad=True)
    y = net(x)[0, 0]
    middle = [size // 2 for size in y.shape]
    for offset in range(-4, 5):
        place = tuple(max(0, min(m + offset, size - 1)) for m, size in zip(middle, y.shape, strict=True))
        (seen,) = torch.autograd.grad(y[place], x, retain_graph=True)
        for axis, positions in enumerate(seen[0].abs().sum(0).nonzero().T):
            widest[axis] = max(widest[axis], int(positions.max() - positions.min()) + 1)
    return tuple(widest)
