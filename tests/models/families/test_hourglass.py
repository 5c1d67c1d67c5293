"""Stacked hourglasses."""

import pytest
import torch
from torch import nn

from models.counting import on_meta, params, runs
from netwright.blocks.hourglass import HalfBottleneck
from netwright.models.families.hourglass import hourglass


def test_eight_have_about_25_6_million_parameters():
    """Newell 2016; implementations differ by their biases and the width of the stem."""
    assert params("hourglass8") / 25.6e6 == pytest.approx(1, abs=0.01)


def test_the_biases_that_the_authors_have_and_this_has_not_are_as_many_as_the_docstring_says():
    net = on_meta("hourglass8")
    missing = sum(m.out_channels for m in net.modules() if isinstance(m, nn.Conv2d) and m.bias is None)
    assert missing == 60_864


@pytest.mark.parametrize("stacks", [1, 2])
def test_every_stack_predicts_at_a_quarter_of_the_size(stacks: int):
    net = on_meta(f"hourglass{stacks}")
    assert net(torch.empty(1, 3, 256, 256, device="meta")).shape == (1, stacks, 16, 64, 64)


def test_a_stack_has_fourteen_residuals_and_the_stem_three():
    for stacks in (1, 2, 4):
        blocks = [m for m in on_meta(f"hourglass{stacks}").modules() if isinstance(m, HalfBottleneck)]
        assert len(blocks) == 14 * stacks + 3


def test_the_first_prediction_does_not_hang_on_later_stacks():
    torch.manual_seed(0)
    net = hourglass(2, width=8, depth=1, channels=1, classes=3).eval()
    x = torch.randn(1, 1, 16, 16)
    before = net(x)
    nn.init.zeros_(net.stacks[1].predict.weight)
    after = net(x)
    torch.testing.assert_close(after[:, 0], before[:, 0])
    assert not torch.equal(after[:, 1], before[:, 1])


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_one_forward_and_backward_in_any_dimension(dims: int):
    y = runs(lambda: hourglass(2, width=8, depth=2, dims=dims, channels=1, classes=3), 1, *[16] * dims)
    assert y.shape == (2, 2, 3, *[4] * dims)
