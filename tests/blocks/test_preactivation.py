"""Pre-activated blocks against the equations of He et al. 2016."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.blocks.norm import none
from netwright.blocks.preactivation import PreBasic, PreBottleneck, Wide


@pytest.mark.parametrize("block", [PreBasic, PreBottleneck, Wide])
def test_the_identity_path_is_clean(block):
    """With a silent branch the input comes out as it went in, negative values too."""
    net = block(8, 8)
    for parameter in net.branch.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(2, 8, 5, 5)
    torch.testing.assert_close(net(x), x)


def test_a_changed_shape_takes_its_shortcut_from_the_rectified_input():
    block, x = PreBasic(4, 6, stride=2).eval(), torch.randn(2, 4, 6, 6)
    y = F.relu(block.pre[0](x))
    side = F.conv2d(y, block.shortcut.weight, stride=2)
    torch.testing.assert_close(block(x), block.branch(y) + side)
    assert block.shortcut.bias is None


def test_the_basic_branch_is_convolution_norm_activation_convolution():
    block, x = PreBasic(4, 4), torch.randn(2, 4, 6, 6)
    conv, second = block.branch
    y = F.conv2d(F.relu(block.pre[0](x)), conv.weight, padding=1)
    y = F.conv2d(F.relu(second.norm(y)), second.conv.weight, padding=1)
    torch.testing.assert_close(block(x), x + y)


def test_the_bottleneck_narrows_to_a_quarter_and_strides_on_its_3x3():
    kernels = [m for m in PreBottleneck(8, 16, stride=2).branch.modules() if isinstance(m, nn.Conv2d)]
    assert [tuple(conv.weight.shape) for conv in kernels] == [(4, 8, 1, 1), (4, 4, 3, 3), (16, 4, 1, 1)]
    assert [conv.stride[0] for conv in kernels] == [1, 2, 1]


def test_wide_drops_between_its_convolutions_in_training_only():
    torch.manual_seed(0)
    block, x = Wide(4, 4, dropout=0.5), torch.randn(2, 4, 6, 6)
    assert not torch.equal(block(x), block(x))
    assert torch.equal(block.eval()(x), block(x))
    assert [type(part).__name__ for part in block.branch][-2:] == ["Dropout", "Conv2d"]


def test_groups_dilation_and_norm_reach_the_block():
    block = PreBasic(4, 8, groups=2, dilation=2, norm=none)
    first, second = block.branch
    assert (first.groups, first.dilation, second.conv.groups) == (2, (2, 2), 2)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in block.modules())
