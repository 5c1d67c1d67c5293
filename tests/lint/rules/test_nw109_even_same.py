"""NW109: even kernels at stride 1 before a merge."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.lint.run import check
from programs import findings, program


class Merged(nn.Module):
    """A map and what a branch makes of it, `times` times, merged."""

    def __init__(self, branch, merge=torch.add, times=1):
        super().__init__()
        self.branch, self.merge, self.times = branch, merge, times

    def forward(self, x):
        y = x
        for _ in range(self.times):
            y = self.branch(y)
        return self.merge(x, y)


class Cropped(nn.Module):
    """An even convolution that pads both sides and cuts one position off at the start."""

    def __init__(self, kernel):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, kernel, padding=kernel // 2)

    def forward(self, x):
        return self.conv(x)[..., 1:, 1:]


def reported(net, shape=(4, 17, 17)):
    return check(net, shape, select=["NW109"])


def stack(x, y):
    return torch.cat([x, y], 1)


@pytest.mark.parametrize("merge", [torch.add, torch.mul, stack])
@pytest.mark.parametrize("kernel", [2, 4, 6])
def test_a_cropped_even_kernel_is_half_a_position_off(merge, kernel):
    [finding] = reported(Merged(Cropped(kernel), merge))
    assert finding.module == "branch.conv"
    assert finding.evidence == {"kernel": [kernel, kernel], "off": "0.5 positions off"}


def test_the_shift_is_where_the_gradient_says():
    """The middle of what one position reads, measured, is half a position from that position."""
    net = Cropped(4)
    x = torch.zeros(1, 4, 17, 17, requires_grad=True)
    net(x)[0, :, 8, 8].sum().backward()
    read = torch.nonzero(x.grad[0].abs().sum(0))
    assert read.float().mean(0).sub(8).abs().tolist() == [0.5, 0.5]


def test_two_even_kernels_shift_a_whole_position():
    [finding] = reported(Merged(Cropped(4), times=2))
    assert finding.evidence["off"] == "1 positions off"


@pytest.mark.parametrize(("padding", "size"), [(1, 16), (2, 18)])
def test_a_merge_that_fails_by_one_position_names_the_even_kernel(padding, size):
    [finding] = reported(Merged(nn.Conv2d(4, 4, 4, padding=padding)))
    assert f"of another size (17x17 and {size}x{size}) than" in finding.message
    assert reported(Merged(nn.Conv2d(4, 4, 3))) == []


def test_only_one_axis_may_be_even():
    [finding] = reported(Merged(nn.Conv2d(4, 4, (2, 3), padding=(0, 1))))
    assert finding.evidence["kernel"] == [2, 3]


@pytest.mark.parametrize(
    "branch",
    [
        nn.Conv2d(4, 4, 3, padding=1),
        nn.Conv2d(4, 4, 4, padding=3, dilation=2),
        nn.Sequential(nn.Conv2d(4, 4, 2, padding=1), nn.Conv2d(4, 4, 2)),
        nn.Sequential(nn.ZeroPad2d((3, 0, 3, 0)), nn.Conv2d(4, 4, 4)),
        nn.Sequential(nn.Conv2d(4, 4, 4, padding=2), nn.AdaptiveAvgPool2d(1)),
    ],
    ids=["odd", "odd by dilation", "one to each side", "causal", "pooled"],
)
def test_symmetric_and_causal_windows_are_silent(branch):
    assert reported(Merged(branch)) == []


def test_causal_layers_of_series_are_silent():
    """As in WaveNet: kernel 2, the padding cut off at the end."""

    class Causal(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Conv1d(4, 4, 2, padding=2**i, dilation=2**i) for i in range(4))

        def forward(self, x):
            for i, layer in enumerate(self.layers):
                x = x + layer(x)[..., : -(2**i)]
            return x

    assert reported(Causal(), (4, 64)) == []


def test_strided_even_kernels_are_silent():
    def halved(x, y):
        return F.avg_pool2d(x, 2) + y

    assert reported(Merged(nn.Conv2d(4, 4, 4, stride=2, padding=1), halved), (4, 16, 16)) == []


def test_pooling_counts_too():
    names = [finding.module for finding in findings(program("NW109", "bad"), select=["NW109"])]
    assert names == ["even", "pool"]


def test_an_even_kernel_with_nothing_beside_it_is_silent():
    assert reported(nn.Sequential(Cropped(4), Cropped(2))) == []
