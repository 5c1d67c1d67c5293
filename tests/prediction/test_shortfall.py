"""By how much a margin falls short, counted by hand and by gradients."""

import torch
from torch import nn

from netwright.prediction.shortfall import missing, shortfall
from netwright.receptive.needs import needs
from netwright.training.tiles import tiles


def stack(convolutions):
    return nn.Sequential(*[nn.Conv1d(1, 1, 3, padding=1, bias=False) for _ in range(convolutions)]).eval()


def test_exact_tiles_lack_nothing():
    net = stack(4)
    known = needs(net, (1, 40))
    made = tiles(net, (1, 100), (30,))
    assert shortfall(made, known) == ""
    assert missing(made.axes[0], known[0]) == 0


def test_what_a_position_sees_outside_of_its_tile_is_counted_by_gradients():
    net = stack(9)
    known, made = needs(net, (1, 60)), tiles(net, (1, 100), (16,))
    most = 0
    for tile in made:
        for position in range(tile.place[0].start, tile.place[0].stop):
            x = torch.ones(1, 1, 100, requires_grad=True)
            net(x)[0, 0, position].backward()
            seen = x.grad[0, 0].nonzero()
            window = tile.window[0]
            most = max(most, window.start - int(seen.min()), int(seen.max()) - (window.stop - 1))
    assert missing(made.axes[0], known[0]) == most > 0
    assert shortfall(made, known).endswith(f"; {most} pixels that a position sees are missing")


def test_of_a_position_that_sees_everything_the_whole_rest_is_missing():
    net = nn.Sequential(nn.Conv1d(1, 4, 3, padding=1), nn.GroupNorm(1, 4)).eval()
    made = tiles(net, (1, 100), (40,))
    known = needs(net, (1, 40))
    assert made.inexact
    first = next(iter(made))
    assert first.window[0] == slice(0, 40)
    assert missing(made.axes[0], known[0]) == 60
