"""Attention against torch's own and against plain loops."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.blocks.attention import (
    ChannelAttention,
    PositionAttention,
    SelfAttention,
    SqueezeExcite,
    attend,
)
from netwright.errors import UsageError


def test_attend_is_torch_s_scaled_dot_product():
    query, key, value = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 7, 4), torch.randn(2, 3, 7, 6)
    torch.testing.assert_close(attend(query, key, value), F.scaled_dot_product_attention(query, key, value))


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_self_attention_is_torch_s_multihead_attention(heads: int):
    torchs = nn.MultiheadAttention(8, heads, batch_first=True)
    nn.init.normal_(torchs.in_proj_bias)
    ours = SelfAttention(8, heads)
    ours.project.load_state_dict({"weight": torchs.in_proj_weight, "bias": torchs.in_proj_bias})
    ours.out.load_state_dict(torchs.out_proj.state_dict())
    x = torch.randn(3, 6, 8)
    torch.testing.assert_close(ours(x), torchs(x, x, x)[0])


def test_self_attention_is_the_formula_for_each_head():
    ours, x = SelfAttention(8, 2), torch.randn(3, 6, 8)
    query, key, value = ours.project(x).split(8, -1)
    heads = [attend(query[..., s], key[..., s], value[..., s]) for s in (slice(0, 4), slice(4, 8))]
    torch.testing.assert_close(ours(x), ours.out(torch.cat(heads, -1)))


def test_channels_that_do_not_divide_into_heads_are_refused_with_the_next_that_do():
    with pytest.raises(UsageError, match=r"`channels` \(=10\) must be a multiple of `heads` \(=4\); take 12"):
        SelfAttention(10, 4)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_attention_on_maps_starts_as_the_identity(dims: int):
    x = torch.randn(2, 4, *[3] * dims)
    for block in (PositionAttention(4, dims=dims), ChannelAttention()):
        torch.testing.assert_close(block(x), x)


def test_every_position_sums_the_values_of_all_by_likeness():
    block, x = PositionAttention(4, reduction=2), torch.randn(1, 4, 2, 3)
    nn.init.constant_(block.gamma, 0.5)
    query, key, value = (part(x)[0].flatten(1) for part in (block.query, block.key, block.value))
    expected = torch.empty(4, 6)
    for i in range(6):
        weights = torch.stack([query[:, i] @ key[:, j] for j in range(6)]).softmax(0)
        expected[:, i] = (value * weights).sum(1)
    torch.testing.assert_close(block(x), x + 0.5 * expected.view_as(x))


def test_every_channel_sums_all_channels_by_likeness():
    block, x = ChannelAttention(), torch.randn(1, 3, 2, 2)
    nn.init.constant_(block.gamma, 2.0)
    flat = x[0].flatten(1)
    rows = [torch.stack([a @ b for b in flat]).softmax(0) @ flat for a in flat]
    torch.testing.assert_close(block(x), x + 2 * torch.stack(rows).view_as(x))


def test_squeeze_and_excite_scales_channels_by_the_mean_of_the_map():
    block, x = SqueezeExcite(8, reduction=4), torch.randn(2, 8, 3, 5)
    first, _, second, _ = block.excite
    weights = torch.sigmoid(second(first(x.mean((2, 3))).relu()))
    torch.testing.assert_close(block(x), x * weights[:, :, None, None])
