"""The mean over reflections is that of a loop over torch.flip."""

from itertools import product

import pytest
import torch
from torch import nn

import netwright as nw
from netwright.errors import UsageError
from netwright.prediction.flips import Flips
from netwright.training.tiles import tiles, whole


def by_hand(net, x, axes, *, dense=True):
    """Return the mean over every choice of reflecting each axis or not."""
    kept = []
    for choice in product([False, True], repeat=len(axes)):
        dims = [axis + 2 for axis, wanted in zip(axes, choice, strict=True) if wanted]
        output = net(torch.flip(x, dims)) if dims else net(x)
        kept.append(torch.flip(output, dims) if dims and dense else output)
    return torch.stack(kept).mean(0)


@torch.no_grad()
@pytest.mark.parametrize(
    ("sides", "axes"),
    [((9,), None), ((8, 6), None), ((8, 6), (1,)), ((4, 5, 6), None), ((4, 5, 6), (0, 2))],
)
def test_maps_are_mapped_back_before_the_mean(sides, axes):
    dims = len(sides)
    torch.manual_seed(dims)
    conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dims - 1](2, 3, 3, padding=1)
    x, calls = torch.randn(2, 2, *sides), []
    conv.register_forward_hook(lambda *_: calls.append(1))
    found = Flips(conv, axes)(x)
    assert len(calls) == 2 ** len(axes or sides)
    torch.testing.assert_close(found, by_hand(conv, x, axes or range(dims)))


@torch.no_grad()
def test_classes_are_averaged_as_they_are():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(30, 4))
    x = torch.randn(3, 1, 5, 6)
    torch.testing.assert_close(Flips(net)(x), by_hand(net, x, (0, 1), dense=False))


@torch.no_grad()
def test_the_mean_does_not_change_when_the_input_is_reflected():
    torch.manual_seed(0)
    net, x = Flips(nw.load("unet_same(width=2, depth=2)").eval()), torch.randn(1, 1, 16, 12)
    torch.testing.assert_close(net(x.flip(3)).flip(3), net(x), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_tiles_of_the_mean_equal_the_whole_for_odd_sizes():
    """The reflections of a tile meet other phases of pooling; the tiler sees that when it records `Flips`."""
    torch.manual_seed(0)
    net = nw.load("unet_same(width=2, depth=1)").eval().double()
    shape = (1, 51, 46)
    x, mean = torch.randn(shape, dtype=torch.float64), Flips(net)
    plan = tiles(mean.float(), shape, (40, 40))
    assert len(plan) > 1
    assert plan.inexact == ""
    cut = whole(mean.double(), x, plan, lambda stored: stored)
    assert (cut - mean(x[None])[0]).abs().max() <= 1e-12 * cut.abs().max()


def test_axes_that_are_not_there_are_refused():
    for axes in ((0, 0), (-1,)):
        with pytest.raises(UsageError, match="must be different axes of space"):
            Flips(nn.Identity(), axes)
    with pytest.raises(UsageError, match="names axis 2, and inputs have 2 axes of space"):
        Flips(nn.Identity(), (0, 2))(torch.zeros(1, 1, 4, 4))


def test_it_is_summarised_and_exported_as_any_network(tmp_path):
    net = nn.Conv2d(1, 2, 3, padding=1)
    assert nw.summary(Flips(net), (1, 16, 16)).macs == 4 * nw.summary(net, (1, 16, 16)).macs
    done = nw.export(Flips(net), tmp_path / "net.pt2", input=(1, 16, 16))
    assert done.difference < 1e-5
    assert repr(Flips(net, (1,))).startswith("Flips(\n  axes=(1,)")
