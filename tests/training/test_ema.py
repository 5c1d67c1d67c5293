"""The moving average against its formula."""

import pytest
import torch

from netwright.training.ema import EMA
from tiny import Net


@pytest.mark.parametrize("decay", [0.5, 0.999])
def test_it_follows_the_formula(decay):
    net = Net()
    average = EMA(net, decay)
    expected = {name: value.double() for name, value in net.state_dict().items()}
    for update in range(5):
        for value in net.state_dict().values():
            value.copy_(torch.randn(value.shape) if value.is_floating_point() else value + 3)
        average.update(net)
        d = min(decay, (1 + update) / (10 + update))
        for name, value in net.state_dict().items():
            expected[name] = d * expected[name] + (1 - d) * value if value.is_floating_point() else value
    for name, value in average.net.state_dict().items():
        torch.testing.assert_close(value.double(), expected[name].double(), rtol=1e-5, atol=1e-6)


def test_it_neither_trains_nor_touches_the_network():
    net = Net()
    average = EMA(net, 0.9)
    assert not average.net.training
    assert not any(parameter.requires_grad for parameter in average.net.parameters())
    before = [value.clone() for value in net.state_dict().values()]
    average.update(net)
    assert all(torch.equal(a, b) for a, b in zip(before, net.state_dict().values(), strict=True))
