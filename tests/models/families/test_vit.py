"""Vision transformers, against torch's own encoder layer."""

import pytest
import torch
from torch import nn

from models.counting import on_meta, params, runs
from netwright.analysis.macs import macs
from netwright.errors import UsageError
from netwright.models.families.vit import TransformerLayer, vit


@pytest.mark.parametrize(
    ("width", "heads", "count"), [(192, 3, 5_717_416), (384, 6, 22_050_664), (768, 12, 86_567_656)]
)
def test_tiny_small_and_base_have_what_their_released_weights_have(width: int, heads: int, count: int):
    assert params(f"vit_tiny(width={width}, heads={heads})") == count


def test_the_small_one_is_named():
    assert params("vit_small") == 22_050_664


def test_macs_of_the_tiny_one_follow_from_197_words():
    """Projections, attention, perceptron of 12 layers, the patches and the head."""
    n, d = 197, 192
    layer = n * (3 * d * d + d * d + 8 * d * d) + 2 * n * n * d
    assert macs(on_meta("vit_tiny"), (3, 224, 224)) == 12 * layer + 196 * 768 * d + d * 1000


def test_a_layer_is_torch_s_encoder_layer():
    ours = TransformerLayer(8, 2)
    theirs = nn.TransformerEncoderLayer(
        8, 2, 32, dropout=0.0, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    (norm1, attention), (norm2, wide, _, narrow) = ours[0].fn, ours[1].fn
    norm1.load_state_dict(theirs.norm1.state_dict())
    norm2.load_state_dict(theirs.norm2.state_dict())
    wide.load_state_dict(theirs.linear1.state_dict())
    narrow.load_state_dict(theirs.linear2.state_dict())
    attention.out.load_state_dict(theirs.self_attn.out_proj.state_dict())
    projection = {"weight": theirs.self_attn.in_proj_weight, "bias": theirs.self_attn.in_proj_bias}
    attention.project.load_state_dict(projection)
    x = torch.randn(2, 5, 8)
    torch.testing.assert_close(ours(x), theirs(x))


def test_without_positions_the_order_of_patches_does_not_matter():
    torch.manual_seed(0)
    net = vit(size=8, patch=4, width=8, depth=2, heads=2, channels=1, classes=3).eval()
    x = torch.randn(1, 1, 8, 8)
    swapped = torch.cat([x[..., 4:], x[..., :4]], -1)
    assert not torch.allclose(net(x), net(swapped), atol=1e-6)
    nn.init.zeros_(net.positions)
    torch.testing.assert_close(net(x), net(swapped))


def test_one_forward_and_backward():
    small = {"size": 8, "patch": 4, "width": 8, "depth": 2, "heads": 2, "channels": 1, "classes": 3}
    assert runs(lambda: vit(**small), 1, 8, 8).shape == (2, 3)


def test_a_patch_that_does_not_divide_is_refused():
    with pytest.raises(UsageError, match=r"`size` \(=30\) must be a multiple of `patch` \(=4\); pad to 32"):
        vit(size=30, patch=4)
