"""Plans of tiles: within the memory, exact where that is possible, and open about the rest."""

from math import prod

import pytest
import torch
from torch import nn

import cells
from netwright.errors import DesignError, SpecError
from netwright.prediction.predictor import Predictor
from netwright.prediction.tiling import budget, tiling
from netwright.trace.forward import record_forward
from netwright.training.recipe import Recipe
from netwright.training.run import train

MIB = 2**20


class Plain(nn.Module):
    """A small U-Net, as many write it: it reads multiples of four alone."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 4, 3, padding=1)
        self.deep = nn.Conv2d(4, 4, 3, padding=1)
        self.up = nn.ConvTranspose2d(4, 4, 4, stride=4)
        self.head = nn.Conv2d(8, 3, 1)

    def forward(self, x):
        y = torch.relu(self.down(x))
        return self.head(torch.cat([y, self.up(self.deep(nn.functional.max_pool2d(y, 4)))], 1))


class Fixed(Plain):
    """One that reads 32x32 alone."""

    def forward(self, x):
        if x.shape[2:] != (32, 32):
            raise ValueError("32x32 alone")
        return super().forward(x)


class Strided(nn.Module):
    """One position for every 4x4 pixels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 4, stride=4)

    def forward(self, x):
        return self.conv(x)


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    known = {}

    def of(net):
        if net not in known:
            given = net() if isinstance(net, type) else net
            recipe = Recipe(steps=1, batch=2, patch=(32, 32), augment=())
            data = cells.data(3, smallest=32, largest=32)
            run = train(given, data, recipe, out=tmp_path_factory.mktemp("run"))
            known[net] = Predictor.of(run, net=given if isinstance(net, type) else None)
        return known[net]

    return of


UNET = "unet_same(width=4, depth=1)"


@pytest.mark.parametrize("most", [1, 2, 5, 40])
def test_the_recorded_peak_of_a_tile_is_within_the_memory(predictor, most):
    known = predictor(UNET)
    plan = tiling(known, (1, 151, 230), torch.uint8, most * MIB)
    recorded = record_forward(
        known.net, (1, 1, *plan.tiles.shape), stored=torch.uint8, then=lambda output: output.max(1)
    )
    assert recorded.bound <= most * MIB
    assert plan.inexact == ""
    assert plan.tiles.grid.identity
    assert (len(plan.tiles) == 1) == (most == 40)
    assert 0.9 * recorded.bound <= plan.peak <= 1.2 * recorded.bound


def test_tiles_that_overlap_much_are_said_to(predictor):
    plan = tiling(predictor(UNET), (1, 151, 230), torch.uint8, MIB // 2)
    assert "times the input is computed; more memory allows larger ones" in " ".join(plan.notes)


def test_memory_that_does_not_suffice_is_refused(predictor):
    with pytest.raises(DesignError, match=r"a tile of \d+x\d+ needs .* and 20.00 KiB may be used"):
        tiling(predictor(UNET), (1, 151, 230), torch.uint8, 20 * 1024)
    with pytest.raises(DesignError, match=r"`memory` \(=10.00 MiB\) is not more than the 12.00 MiB"):
        budget(10 * MIB, 12 * MIB, "cpu")
    assert budget(10 * MIB, 4 * MIB, "cpu") == 6 * MIB
    assert 0 < budget(None, 4 * MIB, "cpu") <= 2048 * MIB


def test_an_input_of_another_multiple_is_mirrored_to_what_the_network_reads(predictor):
    plan = tiling(predictor(Plain), (1, 50, 63), torch.uint8, 2 * MIB)
    assert plan.tiles.grid.input == (52, 64)
    assert plan.notes == ("the input of 50x63 is mirrored to 52x64, which the network reads",)
    assert plan.inexact == ""


def test_tiles_of_such_a_network_have_that_multiple_too(predictor):
    plan = tiling(predictor(Plain), (1, 150, 263), torch.uint8, MIB)
    assert len(plan.tiles) > 1
    assert all(side % 4 == 0 for side in plan.tiles.shape)
    assert plan.inexact == ""


def test_a_network_of_one_size_says_that_tiles_are_inexact_and_by_how_much(predictor):
    plan = tiling(predictor(Fixed), (1, 70, 20), torch.uint8, 50 * MIB)
    assert plan.tiles.shape == (32, 32)
    assert plan.inexact.startswith("along axis 0 the network reads tiles of one size only; ")
    assert plan.tiles.grid.input == (70, 32)


def test_an_output_of_larger_steps_covers_every_pixel(predictor):
    plan = tiling(predictor(Strided), (1, 50, 63), torch.uint8, 50 * MIB)
    assert prod(plan.tiles.grid.output) == 13 * 16


def test_a_network_without_a_map_is_refused(predictor):
    known = predictor(UNET)
    bare = Predictor(known.run, nn.Flatten(), known.task, known.units, known.autocast)
    with pytest.raises(SpecError, match="gives no output with axes of space"):
        tiling(bare, (1, 50, 63), torch.uint8, 50 * MIB)
