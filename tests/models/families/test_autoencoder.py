"""Encoders, decoders, autoencoders."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from models.counting import layers, on_meta, params, runs
from netwright.errors import UsageError
from netwright.models.families.autoencoder import PLAIN_STEPS, RESIDUAL_STEPS, autoencoder, decoder, encoder
from netwright.spec import load


@pytest.mark.parametrize("name", ["", "residual_"])
def test_five_patterns_make_one_position_of_32x32_and_back(name: str):
    net = on_meta(f"{name}autoencoder")
    x = torch.empty(2, 3, 32, 32, device="meta")
    assert net.encoder(x).shape == (2, 1024, 1, 1)
    assert net(x).shape == x.shape


@pytest.mark.parametrize("shape", [(32, 64), (16, 8), (64,), (8, 16, 8)])
@pytest.mark.parametrize("steps", ["plain", "residual"])
def test_the_input_need_not_be_square_nor_two_dimensional(shape: tuple[int, ...], steps: str):
    net = on_meta(f"autoencoder(depth=3, width=4, latent=5, dims={len(shape)}, steps='{steps}')")
    x = torch.empty(2, 3, *shape, device="meta")
    assert net.encoder(x).shape == (2, 5, *(side // 8 for side in shape))
    assert net(x).shape == x.shape


def test_parameters_of_the_plain_encoder_follow_from_its_patterns():
    """Kernels of 4x4 at 32, 64, 128, 256 channels with a norm, then of 2x2 at 1024 with a bias."""
    widths = [3, 32, 64, 128, 256]
    normed = sum(16 * a * b + 2 * b for a, b in pairwise(widths))
    assert params("encoder") == normed + 4 * 256 * 1024 + 1024


def test_the_plain_one_is_patterns_only_and_no_layer_leaves_a_checkerboard():
    net = on_meta("autoencoder")
    convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]
    patterns = [(m.kernel_size[0], m.stride[0], m.padding[0]) for m in convolutions]
    assert patterns == [*[(4, 2, 1)] * 4, *[(2, 2, 0)] * 2, *[(4, 2, 1)] * 4]
    assert layers(net, (nn.ConvTranspose2d,)) == 5


def test_latent_and_result_are_neither_normed_nor_rectified():
    for build in (encoder, decoder):
        assert [name for name, _ in build(width=2, depth=2, latent=3)[-1].named_children()] == ["conv"]


@pytest.mark.parametrize("steps", [PLAIN_STEPS, RESIDUAL_STEPS])
def test_one_forward_and_backward(steps):
    small = {"width": 2, "depth": 2, "latent": 3, "steps": steps, "channels": 1}
    assert runs(lambda: encoder(**small), 1, 8, 4).shape == (2, 3, 2, 1)
    assert runs(lambda: decoder(**small), 3, 2, 1).shape == (2, 1, 8, 4)
    assert runs(lambda: autoencoder(**small), 1, 8, 4).shape == (2, 1, 8, 4)


def test_a_side_that_does_not_divide_is_refused_with_the_next_that_does():
    with pytest.raises(UsageError, match=r"every side of \(30, 33\) must be a multiple of 8; pad to 32x40"):
        autoencoder(width=2, depth=3)(torch.zeros(1, 3, 30, 33))


@pytest.mark.parametrize("name", ["encoder", "decoder", "residual_autoencoder", "autoencoder(depth=1)"])
def test_every_weight_has_a_gradient_at_a_single_latent_position(name: str):
    """Taps that only ever stand on padding, or whose writes are cut off, would have none."""
    torch.manual_seed(0)
    small = name.replace(")", ", ") if name.endswith(")") else f"{name}("
    net = load(f"{small}width=4, latent=6)").train(False)
    side = 2 if "depth=1" in name else 32
    shape = (6, 1, 1) if name == "decoder" else (3, side, side)
    for _ in range(3):
        net(torch.randn(4, *shape)).square().sum().backward()
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            assert (layer.weight.grad.abs().sum(dim=(0, 1)) > 0).all()


def test_one_step_alone_is_the_pattern_without_padding():
    assert decoder(depth=1, latent=3)[0].conv.kernel_size == (2, 2)
    assert encoder(depth=1, latent=3)[0].conv.padding == (0, 0)
