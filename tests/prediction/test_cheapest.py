"""The sizes of tiles, beside every other size that the tiler could be given."""

from itertools import product
from math import prod

import pytest

from netwright.prediction.cheapest import cheapest, choices
from netwright.receptive.needs import needs
from netwright.spec import load
from netwright.training.tiles import tiles

NETS = ["unet_same(width=2, depth=1, channels=1)", "unet_same(width=2, depth=2, channels=1)"]


@pytest.mark.parametrize("side", [97, 240])
@pytest.mark.parametrize("spec", NETS)
def test_a_choice_keeps_its_promise(spec, side):
    """As many tiles of that length cover the axis, exactly where that is promised."""
    net = load(spec).eval()
    known = needs(net, (1, 64, 64))
    for choice in choices((side, 64), known, 1)[0]:
        made = tiles(net, (1, side, 64), (choice.length, 64))
        assert made.shape[0] == choice.length
        assert len(made) <= choice.count
        assert (made.inexact == "") or not choice.exact


def test_no_other_size_that_fits_computes_fewer_positions():
    net, sides, room = load(NETS[0]).eval(), (90, 130), 3000
    known = needs(net, (1, 64, 64))
    size = cheapest(choices(sides, known, 1), room)
    assert prod(size) <= room
    mine = len(tiles(net, (1, *sides), size)) * prod(size)
    best = min(
        len(made) * prod(made.shape)
        for each in product(range(20, 91, 14), range(25, 131, 15))
        if prod(each) <= room
        for made in [tiles(net, (1, *sides), each)]
        if not made.inexact
    )
    assert mine <= 1.1 * best


def test_lengths_differ_from_the_axis_by_multiples():
    known = needs(load(NETS[1]).eval(), (1, 64, 64))
    assert all((208 - choice.length) % 16 == 0 for choice in choices((208, 64), known, 16)[0])


def test_exact_tiles_come_before_cheaper_ones_and_the_smallest_where_none_fits():
    known = needs(load(NETS[0]).eval(), (1, 64, 64))
    candidates = choices((200, 200), known, 1)
    smallest = tuple(each[-1].length for each in candidates)
    assert cheapest(candidates, 1) == smallest
    chosen = cheapest(candidates, 40 * 40)
    exact = [[choice.length for choice in each if choice.exact] for each in candidates]
    assert all(length in known for length, known in zip(chosen, exact, strict=True))
