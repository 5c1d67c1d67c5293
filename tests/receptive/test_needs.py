"""What positions need of the input is what float64 gradients say that they read."""

from functools import partial

import pytest
import torch
from torch import nn

from netwright.receptive.needs import RESIZED, needs
from netwright.spec import load

NETS = {
    "same": (partial(load, "unet_same(width=4, depth=2, dims=1)"), 4),
    "resized": (partial(load, 'unet_same(width=4, depth=2, dims=1, up="resized")'), 4),
    "valid": (partial(load, "unet(width=4, depth=2, dims=1)"), 4),
    "hourglass": (partial(load, "hourglass(stacks=1, width=8, depth=2, dims=1, channels=1)"), 16),
    "strides": (lambda: nn.Sequential(nn.Conv1d(1, 1, 3, stride=2), nn.Conv1d(1, 1, 4, stride=3)), 6),
    "a wide skip hides the stride": (lambda: Wide(), 2),
}


class Wide(nn.Module):
    """A sum whose field moves by one, though half of it comes from pairs."""

    def __init__(self):
        super().__init__()
        self.skip = nn.Conv1d(1, 1, 9, padding=4)

    def forward(self, x):
        pairs = nn.functional.max_pool1d(x, 2)
        return self.skip(x) + nn.functional.interpolate(pairs, scale_factor=2)


def seen(net, side, unit):
    """Return the first and the last pixel that changes a position, by adding to one pixel at a time."""
    net = net.double().eval()
    torch.manual_seed(0)
    base = torch.randn(1, 1, side, dtype=torch.float64)
    with torch.no_grad():
        changed = net(torch.cat([base, base + 5 * torch.eye(side, dtype=torch.float64)[:, None]]))
    differs = (changed[1:] - changed[:1]).flatten(1, -2).abs().amax(1)[:, unit]
    (pixels,) = torch.nonzero(differs > 0, as_tuple=True)
    return pixels[0].item(), pixels[-1].item()


@pytest.mark.parametrize(("make", "step"), NETS.values(), ids=NETS)
def test_the_total_stride_is_the_product_of_the_strides(make, step):
    (need,) = needs(make(), (1, 192))
    assert need.step == step


@pytest.mark.parametrize("make", [make for make, _ in NETS.values()], ids=NETS)
def test_positions_from_first_to_stop_see_nothing_outside_and_their_neighbours_may(make):
    net, side = make(), 352
    (need,) = needs(net, (1, side))
    start, end = 48, 288
    first, stop = need.first(start), need.stop(end)
    assert first < stop
    for unit in (first, (first + stop) // 2, stop - 1):
        low, high = seen(net, side, unit)
        assert start <= low
        assert high < end
    assert need.interior.at(first - 1)[0] < start
    assert need.interior.at(stop)[1] >= end


def test_norms_that_take_statistics_in_evaluation_see_everything():
    (need,) = needs(nn.Sequential(nn.Conv1d(1, 4, 3, padding=1), nn.InstanceNorm1d(4)), (1, 32))
    assert (need.interior, need.step, need.reason) == (None, 1, "every position sees the whole input")
    (kept,) = needs(nn.Sequential(nn.Conv1d(1, 4, 3, padding=1), nn.BatchNorm1d(4)), (1, 32))
    assert kept.size == 3


def test_a_size_that_halving_rounds_keeps_the_total_stride_but_has_no_interior():
    net = load("hourglass(stacks=1, width=8, depth=2, dims=1, channels=1)")
    (need,) = needs(net, (1, 150))
    assert (need.interior, need.step, need.reason, need.size) == (None, 16, RESIZED, 0)


@pytest.mark.parametrize(
    ("net", "reason"),
    [
        (lambda: nn.Sequential(nn.Conv1d(1, 1, 3), nn.AdaptiveAvgPool1d(1)), "sees the whole input"),
        (lambda: Blind(), "nothing of the input"),
        (lambda: Unknown(), "`special_bessel_j0`"),
    ],
    ids=["pooled", "blind", "unknown"],
)
def test_a_field_without_such_a_form_says_why(net, reason):
    (need,) = needs(net(), (1, 32))
    assert need.interior is None
    assert reason in need.reason


class Blind(nn.Module):
    def forward(self, x):
        return torch.ones(len(x), 1, 8)


class Unknown(nn.Module):
    def forward(self, x):
        return torch.special.bessel_j0(x)
