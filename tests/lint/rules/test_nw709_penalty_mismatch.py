"""NW709: penalties that are weight decay."""

import pytest
import torch
from torch import nn

from programs import script


def test_the_penalty_really_is_twice_its_factor_as_weight_decay():
    torch.manual_seed(0)
    x, factor = torch.rand(8, 4), 0.01
    explicit, decayed = nn.Linear(4, 2), nn.Linear(4, 2)
    decayed.load_state_dict(explicit.state_dict())
    loss = explicit(x).square().mean() + factor * sum(p.pow(2).sum() for p in explicit.parameters())
    loss.backward()
    decayed(x).square().mean().backward()
    torch.optim.SGD(explicit.parameters(), lr=0.1).step()
    torch.optim.SGD(decayed.parameters(), lr=0.1, weight_decay=2 * factor).step()
    for one, other in zip(explicit.parameters(), decayed.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize(
    "square", ["p.pow(2.0).sum()", "(p ** 2).sum()", "torch.sum(p * p)", "p.norm() ** 2", "p.square().sum()"]
)
def test_squares_in_every_spelling(square):
    assert script(f"x = sum({square} for p in net.parameters())\n", "NW709") == [1]


@pytest.mark.parametrize(
    "text",
    [
        "x = sum(p.abs().sum() for p in net.parameters())",
        "x = sum(p.pow(2).sum() for p in net.parameters() if p.ndim > 1)",
        "x = sum(p.pow(2).sum() for p in chosen)",
        "x = sum(q.pow(2).sum() for p in net.parameters())",
        "x = max(p.pow(2).sum() for p in net.parameters())",
    ],
)
def test_other_sums_are_choices(text):
    assert script(text + "\n", "NW709") == []
