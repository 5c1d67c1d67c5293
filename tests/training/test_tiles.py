"""Outputs by tiles equal those of the whole input, for every segmentation network of ours."""

import numpy as np
import pytest
import torch
from torch import nn

from netwright.errors import SpecError
from netwright.prediction.flips import Flips
from netwright.spec import load
from netwright.training.tiles import read, tiled, tiles, whole

UNET = "unet_same(width=4, depth=2, dims={dims}, channels=1)"
CASES = [
    (UNET, (201,), (83,)),
    (UNET, (203, 161), (101, 64)),
    (UNET, (63, 50, 75), (56, 50, 61)),
    ("unet_same(width=4, channels=1)", (265, 411), (265, 300)),
    ('unet_same(width=4, depth=2, up="resized", dims={dims}, channels=1)', (201, 90), (100, 90)),
    ('unet_same(width=4, depth=1, up="resized", dims={dims}, channels=1)', (40, 37, 51), (40, 33, 30)),
    ("unet(width=4, depth=2, dims={dims}, channels=1)", (301,), (120,)),
    ("unet(width=4, depth=2, dims={dims}, channels=1)", (203, 174), (140, 120)),
    ("unet3d(width=4, depth=2, channels=1)", (69, 70, 95), (69, 66, 76)),
    ("hourglass(stacks=1, width=8, depth=1, dims={dims}, channels=1)", (401, 128), (190, 128)),
    ("hourglass(stacks=2, width=8, depth=1, dims={dims}, channels=1)", (520,), (300,)),
    ("autoencoder(width=4, depth=3, dims={dims}, channels=1)", (256, 136), (120, 104)),
    ("residual_autoencoder(width=4, depth=2, dims={dims}, channels=1)", (128, 64), (80, 64)),
    ("encoder(width=4, depth=3, latent=5, dims={dims}, channels=1)", (205, 96), (88, 40)),
]
IDS = [f"{spec.split('(')[0]} {'x'.join(map(str, sides))}" for spec, sides, _ in CASES]


def network(spec, dims):
    """Build a network in evaluation mode whose norms have statistics, so that none of them does nothing."""
    torch.manual_seed(3)
    net = load(spec.format(dims=dims))
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return net.double().eval()


def same(x):
    return x


def error(result, expected):
    assert result.shape == expected.shape
    return ((result - expected).abs().max() / expected.abs().max()).item()


@pytest.mark.parametrize(("spec", "sides", "size"), CASES, ids=IDS)
def test_tiles_equal_the_whole_input(spec, sides, size):
    net = network(spec, len(sides))
    example = torch.randn(1, *sides, dtype=torch.float64)
    plan = tiles(net, (1, *sides), size)
    assert plan.inexact == ""
    assert len(plan) > 1
    assert all(length <= most for length, most in zip(plan.shape, size, strict=True))
    with torch.no_grad():
        expected = net(example[None])[0]
    assert plan.grid.output == tuple(expected.shape[-len(sides) :])
    assert error(whole(net, example, plan, same), expected) < 1e-12
    net, example = net.float(), example.float()
    assert error(whole(net, example, plan), expected.float()) < 1e-5


@pytest.mark.parametrize("sides", [(90, 75), (203, 275)])
def test_valid_convolutions_over_a_mirrored_border_give_a_position_for_each_pixel(sides):
    """As Ronneberger et al. 2015, Fig. 2, do; the mirror is checked against that of torch."""
    net = network("unet(width=4, depth=2, channels=1)", 2)
    example = torch.randn(1, *sides, dtype=torch.float64)
    plan = tiles(net, (1, *sides), (140, 124), mirror=True)
    assert plan.inexact == ""
    assert plan.grid.identity
    after = [-(side + 40 - most) % 4 + 20 for side, most in zip(sides, (140, 124), strict=True)]
    framed = nn.functional.pad(example, (20, after[1], 20, after[0]), mode="reflect")
    with torch.no_grad():
        expected = net(framed[None])[0][:, : sides[0], : sides[1]]
    assert error(whole(net, example, plan, same), expected) < 1e-12


def test_mirroring_changes_nothing_for_a_network_that_pads():
    net = network(UNET, 1)
    assert tiles(net, (1, 200), (100,), mirror=True) == tiles(net, (1, 200), (100,))


def test_each_tile_says_where_its_positions_lie():
    net = network("hourglass(stacks=1, width=8, depth=1, dims={dims}, channels=1)", 2)
    plan = tiles(net, (1, 256, 130), (160, 130))
    seen = torch.zeros(plan.grid.output)
    for tile, part in tiled(net, torch.zeros(1, 256, 130, dtype=torch.float64), plan, same):
        assert part.shape[-2:] == tile.grid.output
        seen[tile.place] += 1
        axes = zip(tile.window, tile.place, tile.grid.axes, plan.grid.axes, strict=True)
        for window, place, local, axis in axes:
            assert window.start + local.offset == axis.offset + axis.stride * place.start
            assert local.input == window.stop - window.start
    assert (seen == 1).all()


def test_a_network_that_sees_everything_says_that_tiles_are_inexact():
    net = network("fractal_resunet(width=8, depth=2, channels=1)", 2)
    plan = tiles(net, (1, 96, 64), (64, 64))
    assert plan.inexact == "along axis 0 every position sees the whole input"
    result = whole(net, torch.randn(1, 96, 64, dtype=torch.float64), plan, same)
    assert result.shape == (2, 96, 64)
    assert result.isfinite().all()


def test_a_tile_below_the_field_says_by_how_much_it_falls_short():
    net = network(UNET, 1)
    plan = tiles(net, (1, 200), (32,))
    assert plan.shape == (32,)
    assert "32 pixels are too short" in plan.inexact
    assert whole(net, torch.randn(1, 200, dtype=torch.float64), plan, same).shape == (2, 200)


def test_one_tile_is_the_whole_input():
    net = network("fractal_resunet(width=8, depth=2, channels=1)", 2)
    plan = tiles(net, (1, 37, 50))
    assert (len(plan), plan.inexact, plan.shape) == (1, "", (37, 50))


def test_only_the_tile_is_read_of_a_memory_map(tmp_path):
    values = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.uint16, (1, 40, 1000))
    values[0, :, 300:420] = np.random.default_rng(0).integers(0, 60_000, (40, 120))
    mapped = torch.from_numpy(np.load(tmp_path / "x.npy", mmap_mode="c"))
    window = read(mapped, (slice(0, 40), slice(310, 400)))
    assert window.data_ptr() == mapped[:, :, 310:].data_ptr()
    assert torch.equal(window.int(), torch.from_numpy(values[:, :, 310:400].astype(np.int32)))
    framed = read(mapped.int(), (slice(-3, 42), slice(300, 310)))
    assert np.array_equal(framed.numpy()[0], np.pad(values[0, :, 300:310], ((3, 2), (0, 0)), mode="reflect"))


@pytest.mark.parametrize(
    ("net", "size", "message"),
    [
        ("resnet20", (16, 16), "gives no output with axes of space"),
        ("unet(width=4)", (100, 100), "cannot read inputs of"),
        ("unet_same(width=4)", (100,), "tiles of 100 do not fit an input of 300x300"),
    ],
)
def test_what_cannot_be_tiled_is_refused(net, size, message):
    shape = (3, 300, 300) if net == "resnet20" else (1, 300, 300)
    with pytest.raises(SpecError, match=message):
        tiles(load(net), shape, size)


class Multiples(nn.Module):
    """A network that reads multiples of 16 alone."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)

    def forward(self, x):
        if any(side % 16 for side in x.shape[2:]):
            raise RuntimeError("multiples of 16")
        return self.conv(x)


def test_tiles_of_a_fixed_size_overlap_and_say_that_they_are_inexact():
    """Three quarters of a tile are kept at the border; a quarter on each side is left out inside."""
    net, example = Multiples().double(), torch.randn(1, 70, 48, dtype=torch.float64)
    plan = tiles(net, (1, 70, 48), (32, 48), fixed=True)
    assert plan.shape == (32, 48)
    assert plan.inexact == "along axis 0 the network reads tiles of one size only"
    with torch.no_grad():
        expected = net.conv(example[None])[0]
    assert error(whole(net, example, plan, same), expected) < 1e-12  # the field is smaller than the margin


class Strided(nn.Module):
    """A way down, a convolution that looks ahead alone, and a way up."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv1d(1, 4, 3, stride=2, padding=1)
        self.wide = nn.Sequential(nn.ConstantPad1d((0, 7), 0.0), nn.Conv1d(4, 4, 8))
        self.up = nn.ConvTranspose1d(4, 2, 4, stride=2, padding=1)

    def forward(self, x):
        return self.up(torch.relu(self.wide(torch.relu(self.down(x)))))


@pytest.mark.parametrize("sides", [(200,), (76,), (97, 120)])
def test_tiles_have_room_for_reflected_inputs(sides):
    net = Strided().double() if len(sides) == 1 else network(UNET, 2)
    flipped = Flips(net)
    example = torch.randn(1, *sides, dtype=torch.float64)
    plan = tiles(net, (1, *sides), tuple(min(side, 64) for side in sides), flips=True)
    assert len(plan) > 1
    assert plan.inexact == ""
    with torch.no_grad():
        expected = flipped(example[None])[0]
    assert error(whole(flipped, example, plan, same), expected) < 1e-12
