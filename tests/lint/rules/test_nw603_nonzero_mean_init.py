"""NW603: weights from U(0, 1)."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check


@pytest.mark.parametrize(
    ("fill", "count"),
    [
        (lambda w: nn.init.uniform_(w), 1),
        (lambda w: w.data.copy_(torch.rand(w.shape)), 1),
        (lambda w: nn.init.uniform_(w, -1, 1), 0),
        (lambda w: nn.init.kaiming_normal_(w), 0),
        (lambda w: nn.init.constant_(w, 0.5), 0),
        (lambda w: nn.init.eye_(w), 0),
    ],
)
def test_only_the_positive_uniform_is_found(fill, count):
    torch.manual_seed(0)
    layer = nn.Linear(32, 32)
    fill(layer.weight)
    assert len(check(layer, (32,), select=["NW603"])) == count


def test_positive_weights_really_shift_the_mean_by_half_the_fan_in():
    torch.manual_seed(0)
    layer = nn.Linear(1000, 100, bias=False)
    nn.init.uniform_(layer.weight)
    assert layer(torch.ones(1, 1000)).mean().item() == pytest.approx(500, rel=0.02)


def test_a_small_head_is_judged_and_what_torch_draws_for_it_is_not():
    for seed in range(50):
        torch.manual_seed(seed)
        layer = nn.Linear(16, 1)
        assert check(layer, (16,), select=["NW603"]) == []
        nn.init.uniform_(layer.weight)
        if layer.weight.max() > 0.8:
            assert len(check(layer, (16,), select=["NW603"])) == 1
