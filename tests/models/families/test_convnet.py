"""The course's ConvNet and the multilayer perceptron."""

import pytest
import torch
from einops import rearrange
from torch import nn

from netwright.analysis.macs import macs
from netwright.errors import UsageError
from netwright.models.families.convnet import convnet, mlp


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def test_the_convnet_has_the_course_s_counts():
    assert count(convnet()) == 16 * 27 + 16 + 8 * 144 + 8 + 512 * 32 + 32 + 32 * 10 + 10 == 18_354
    assert macs(convnet(), (3, 32, 32)) == 753_984


def test_the_convnet_takes_other_sizes_and_refuses_what_two_poolings_cannot_halve():
    assert convnet(channels=1, size=8, classes=3)(torch.zeros(2, 1, 8, 8)).shape == (2, 3)
    with pytest.raises(UsageError, match=r"`size` \(=30\) must be a multiple of 4; pad to 32"):
        convnet(size=30)


def test_the_coffee_image_goes_through_the_perceptron():
    """(400, 600, 3), ten times, by einops to (10, 3, 400, 600), to one number each."""
    coffee = torch.rand(400, 600, 3)
    batch = rearrange([coffee] * 10, "b h w c -> b c h w")
    assert batch.shape == (10, 3, 400, 600)
    net = mlp(size=(400, 600), hidden=(4,), classes=1)
    assert net(batch).shape == (10, 1)
    assert count(net) == 4 * 720_000 + 4 + 5


@pytest.mark.parametrize(
    ("size", "shape"), [(6, (6, 6)), ((5, 7), (5, 7)), ((9,), (9,)), ((2, 3, 4), (2, 3, 4))]
)
def test_the_perceptron_takes_any_space(size, shape: tuple[int, ...]):
    net = mlp(channels=2, size=size, hidden=(3, 5), classes=4)
    y = net(torch.randn(2, 2, *shape))
    y.sum().backward()
    assert y.shape == (2, 4)
    assert [m.out_features for m in net if isinstance(m, nn.Linear)] == [3, 5, 4]


def test_without_hidden_layers_the_perceptron_is_linear():
    assert [type(m) for m in mlp(hidden=())] == [nn.Flatten, nn.Linear]
