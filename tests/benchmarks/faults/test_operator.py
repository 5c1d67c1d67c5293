"""The oracles, which decide by running torch whether a network has a fault."""

import pytest
import torch
from faults import operator
from torch import nn
from torch.nn import functional as F

PICTURES = [torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(7))]
CONVOLUTION = nn.Conv2d(3, 4, 3, padding=1)


class Call(nn.Module):
    def __init__(self, forward, *layers: nn.Module):
        super().__init__()
        self.call, self.layers = forward, nn.ModuleList(layers)

    def forward(self, x):
        return self.call(self, x)


def pooled(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), *layers)


def drop(net: Call, x: torch.Tensor) -> torch.Tensor:
    return F.dropout(x, 0.5)


def join(net: Call, x: torch.Tensor) -> torch.Tensor:
    return torch.cat([x, F.interpolate(F.avg_pool2d(x, 2), scale_factor=2)], 1)


def cut(net: Call, x: torch.Tensor) -> torch.Tensor:
    return net.layers[1](net.layers[0](x).detach())


def wide() -> nn.Module:
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 10))
    nn.init.normal_(net[1].weight, std=3.0)
    return net


def positive() -> nn.Module:
    net = nn.Linear(8, 8)
    nn.init.uniform_(net.weight)
    return net


CASES = {
    "fails": (lambda: nn.Conv2d(4, 4, 3), lambda: CONVOLUTION),
    "runs": (lambda: CONVOLUTION, lambda: nn.Conv2d(4, 4, 3)),
    "folds": (
        lambda: Call(lambda net, x: x.view(-1, 192)),
        lambda: nn.Flatten(),
    ),
    "fragile": (lambda: Call(join), lambda: CONVOLUTION),
    "constant": (lambda: pooled(nn.Conv2d(4, 1, 1), nn.Softmax(dim=1)), lambda: pooled(nn.Softmax(dim=1))),
    "noisy": (lambda: Call(drop), lambda: nn.Dropout()),
    "skips": (
        lambda: nn.Sequential(CONVOLUTION, nn.Conv2d(4, 4, 1, stride=2)),
        lambda: nn.Sequential(CONVOLUTION, nn.Conv2d(4, 4, 3, stride=2, padding=1)),
    ),
    "untrainable": (lambda: pooled(nn.BatchNorm2d(4)), lambda: pooled(nn.GroupNorm(2, 4))),
    "untrained": (
        lambda: Call(cut, nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1)),
        lambda: nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1)),
    ),
    "loud_start": (wide, lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 10))),
}


@pytest.mark.parametrize("name", CASES)
def test_an_oracle_tells_a_faulty_network_from_a_good_one(name: str):
    torch.manual_seed(0)
    faulty, good = CASES[name]
    oracle = getattr(operator, name)
    assert (oracle(faulty, PICTURES), oracle(good, PICTURES)) == (True, False)


def test_weights_drawn_above_zero():
    assert operator.positive_weights(positive, [])
    assert not operator.positive_weights(lambda: nn.Linear(8, 8), [])


def test_a_mutant_that_lacks_an_import_is_not_taken_for_a_network_that_fails():
    def missing(net: Call, x: torch.Tensor) -> torch.Tensor:
        return undefined(x)

    with pytest.raises(NameError):
        operator.fails(lambda: Call(missing), PICTURES)
