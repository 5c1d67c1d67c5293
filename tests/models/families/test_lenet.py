"""LeNet-5."""

import pytest
import torch

from models.counting import params, runs
from netwright.analysis.macs import macs
from netwright.errors import UsageError
from netwright.models.families.lenet import lenet5


def test_the_counts_follow_from_figure_2():
    """C1 156, C3 2,416 with all connections, C5 48,120 and F6 10,164 as printed, and ten outputs."""
    assert params(lenet5()) == 156 + 2_416 + 48_120 + 10_164 + 850 == 61_706


def test_macs_follow_from_the_map_sizes():
    """28x28, 10x10, then the linear layers."""
    expected = 28**2 * 6 * 25 + 10**2 * 16 * 6 * 25 + 400 * 120 + 120 * 84 + 84 * 10
    assert macs(lenet5(), (1, 32, 32)) == expected


@pytest.mark.parametrize("size", [16, 20, 28, 32])
def test_one_forward_and_backward(size: int):
    assert runs(lambda: lenet5(channels=3, size=size, classes=4), 3, size, size).shape == (2, 4)


@pytest.mark.parametrize(("size", "good"), [(12, 16), (30, 32), (33, 36)])
def test_a_size_that_does_not_fit_is_refused(size: int, good: int):
    with pytest.raises(UsageError, match=rf"`size` \(={size}\) .* pad to {good}"):
        lenet5(size=size)


def test_it_is_tanh_throughout():
    assert sum(isinstance(m, torch.nn.Tanh) for m in lenet5()) == 4
