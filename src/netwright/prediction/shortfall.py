"""By how much the margin of tiles falls short of what a position sees, where tiles are not exact."""

from math import ceil, inf

from netwright.receptive.needs import Needs
from netwright.training.cuts import Cuts
from netwright.training.tiles import Tiles


def shortfall(tiles: Tiles, needs: list[Needs]) -> str:
    """Return why tiles are inexact and how many pixels are missing, by axis; empty where they are exact."""
    parts = (
        f"along axis {axis} {cuts.inexact}; {missing(cuts, need)} pixels that a position sees are missing"
        for axis, (cuts, need) in enumerate(zip(tiles.axes, needs, strict=True))
        if cuts.inexact
    )
    return ". ".join(parts)


def missing(cuts: Cuts, need: Needs) -> int:
    """Return how many pixels that a kept position sees lie outside of its tile, on one side, at most.

    Where it is not known what a position sees, that is the whole input.
    """
    radius = (need.size - 1) / 2 if need.size else inf
    most, last = 0.0, cuts.axis.input - 1
    for window, _, place, _ in cuts.parts():
        first, final = (
            float(cuts.axis.offset + cuts.axis.stride * position)
            for position in (place.start, place.stop - 1)
        )
        before = window.start - max(0.0, first - radius)
        after = min(last, final + radius) - (window.stop - 1)
        most = max(most, before, after)
    return ceil(most)
