import pytest
import torch
from torch import nn

from netwright.design.sizes import Fitting
from netwright.errors import DesignError
from netwright.spec import load


def runs(net, channels, sizes):
    with torch.no_grad():
        return net.eval()(torch.zeros(1, channels, *sizes)).shape[2:]


def test_a_padded_unet_takes_multiples_of_its_stride():
    fitting = Fitting(load("unet_same(width=2)", input=(1, 64, 64)), 1)
    assert fitting.below((64, 64)) == (64, 64)
    assert fitting.below((79, 70)) == (64, 64)
    assert fitting.periods((64, 96)) == (16, 16)


def test_an_unpadded_unet_takes_the_sizes_of_its_paper():
    """Ronneberger et al. 2015: the tile is chosen so that every pooling sees an even size, such as 572."""
    fitting = Fitting(load("unet(width=2)", input=(1, 572, 572)), 1)
    assert fitting.misfit((572, 572)) == ""
    assert fitting.below((580, 571)) == (572, 556)
    assert "leaves out the far border" in fitting.misfit((574, 574))


def test_each_axis_has_its_own_stride():
    net = nn.Sequential(nn.Conv3d(1, 2, 3, padding=1), nn.MaxPool3d((1, 2, 4)))
    fitting = Fitting(net, 1)
    assert fitting.below((7, 9, 11)) == (7, 8, 8)
    assert fitting.periods((7, 8, 8)) == (1, 2, 4)


def test_padding_is_no_loss_and_a_reader_of_the_border_is_enough():
    padded = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1))
    assert Fitting(padded, 3).below((33, 32)) == (33, 32)
    assert Fitting(load("resnet20"), 3).misfit((32, 32)) == ""


def test_a_series_has_one_size():
    net = nn.Sequential(nn.Conv1d(2, 4, 4, stride=4), nn.ReLU())
    assert Fitting(net, 2).below((103,)) == (100,)


def test_what_is_returned_runs_and_loses_nothing():
    net = load("unet3d_same(width=2)", input=(1, 16, 32, 32), classes=3)
    sizes = Fitting(net, 1).below((19, 37, 45))
    assert runs(net, 1, sizes) == sizes


def test_a_network_of_one_size_says_so():
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    fitting = Fitting(net, 1)
    assert fitting.below((8, 8)) == (8, 8)
    assert fitting.periods((8, 8)) == (0, 0)
    with pytest.raises(DesignError, match=r"`Sequential` takes no input near 7x7: "):
        fitting.below((7, 7))
