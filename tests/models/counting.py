"""Count what a network would have, without allocating it."""

from collections.abc import Callable

import torch
from torch import nn

from netwright.spec import load


def on_meta(spec: str) -> nn.Module:
    with torch.device("meta"):
        return load(spec)


def params(net: nn.Module | str) -> int:
    built = on_meta(net) if isinstance(net, str) else net
    return sum(p.numel() for p in built.parameters())


def layers(net: nn.Module, kinds: tuple[type[nn.Module], ...] = (nn.Conv2d, nn.Linear)) -> int:
    return sum(isinstance(m, kinds) for m in net.modules())


def runs(build: Callable[[], nn.Module], *shape: int) -> torch.Tensor:
    """One forward and one backward of a batch of two; every parameter gets a gradient."""
    torch.manual_seed(0)
    net = build()
    y = net(torch.randn(2, *shape))
    y.square().sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None] == []
    return y.detach()
