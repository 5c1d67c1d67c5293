"""FracTAL ResUNet."""

import pytest
import torch
from torch import nn

from models.counting import on_meta, params, runs
from netwright.blocks.fractal import FractalAttention, FractalUnit
from netwright.models.families.fractal_resunet import AttentiveUp, PyramidPooling, fractal_resunet


@pytest.mark.parametrize("shape", [(13, 18), (11,), (8, 9, 8)])
def test_the_output_has_the_size_of_the_input(shape: tuple[int, ...]):
    net = on_meta(f"fractal_resunet(width=4, depth=2, units=1, dims={len(shape)}, channels=1, classes=3)")
    assert net(torch.empty(2, 1, *shape, device="meta")).shape == (2, 3, *shape)


def test_every_size_has_its_units_down_and_up():
    net = on_meta("fractal_resunet(depth=3, units=2)")
    units = [m for m in net.modules() if isinstance(m, FractalUnit)]
    assert [unit.branch[0].conv.in_channels for unit in units] == [
        *(32, 32, 64, 64, 128, 128, 256, 256),
        *(128, 128, 64, 64, 32, 32),
    ]


def test_attention_has_four_channels_a_group():
    convolutions = [
        part.conv
        for m in on_meta("fractal_resunet").modules()
        if isinstance(m, FractalAttention)
        for part in (m.query, m.key, m.value)
    ]
    assert {conv.in_channels // conv.groups for conv in convolutions} == {4}


def test_pyramid_pooling_sees_the_whole_and_its_parts():
    block = PyramidPooling(4)
    merged: list[torch.Tensor] = []
    block.merge = nn.Identity()
    for point in block.points:
        point.conv.weight.data.fill_(0.25)
        del point.norm
    x = torch.rand(1, 4, 8, 8)
    merged = block(x)
    assert merged.shape == (1, 4 + 4, 8, 8)
    whole = x.amax((2, 3)).mean()
    torch.testing.assert_close(merged[:, 4], whole.expand(1, 8, 8))
    torch.testing.assert_close(merged[:, 7], x.mean(1))


def test_the_way_up_meets_an_odd_skip():
    up = AttentiveUp(8, 4, nn.Identity())
    assert up(torch.zeros(2, 8, 3, 3), torch.zeros(2, 4, 7, 7)).shape == (2, 4, 7, 7)


def test_one_forward_and_backward():
    small = {"width": 4, "depth": 1, "units": 1, "channels": 1, "classes": 3}
    assert runs(lambda: fractal_resunet(**small), 1, 6, 6).shape == (2, 3, 6, 6)


def test_width_and_depth_set_the_weights():
    assert params("fractal_resunet(depth=4)") < params("fractal_resunet") / 3
