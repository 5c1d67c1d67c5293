"""The tiles by which a network is applied to one input: the cheapest ones whose peak fits into memory.

The peak of a forward pass over a tile is recorded before anything is computed. Among the numbers of tiles
along each axis, those are taken that compute the fewest positions.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod

import torch
from torch import nn

from netwright.arithmetic.grid import Grid
from netwright.arithmetic.shape import show
from netwright.design import capacity
from netwright.errors import DesignError, ShapeError, SpecError
from netwright.prediction.cheapest import cheapest, choices
from netwright.prediction.ensemble import Ensemble
from netwright.prediction.flips import Flips
from netwright.prediction.predictor import Predictor
from netwright.prediction.shortfall import shortfall
from netwright.receptive.grid import grid as grid_of
from netwright.receptive.needs import Needs, needs, reflected
from netwright.trace.forward import Forward, record_forward
from netwright.training.folder import Folder
from netwright.training.tiles import Tiles, tiles

Sizes = tuple[int, ...]

DEFAULT = 2 * 2**30
"""The most bytes that a prediction takes where the caller does not say."""
SHARE = 0.5
"""The share of the free memory that it takes at most."""
MULTIPLES = (1, 2, 4, 8, 16, 32, 64, 128)
"""Multiples to which sides are mirrored until the network reads them."""
TRIALS = 8
"""How often a tile that does not fit is made smaller."""
EASE = 0.97
"""The share of the memory that a tile is chosen for: the peak is not exactly proportional."""
SURE = 0.5
"""A tile that should take less than this share of the memory is not recorded."""
TWICE = 2.0
"""A plan that computes more positions than this for each one of the input says so."""


@dataclass(frozen=True)
class Tiling:
    """How one input is tiled.

    Args:
        tiles: The tiles.
        peak: Bytes of the forward pass over a tile.
        inexact: Why the result may differ from that of the whole input, and by how much the margin falls
            short; empty where it does not differ, except for rounding.
        notes: What else a user should know.
    """

    tiles: Tiles
    peak: int
    inexact: str
    notes: tuple[str, ...]


def plain(net: nn.Module) -> tuple[nn.Module, bool]:
    """Return a module that sees what `net` sees, but of no reflected input; and whether `net` reflects any.

    Votes are replaced by a mean, which sees the same.
    """
    if isinstance(net, Flips):
        return plain(net.net)[0], True
    if isinstance(net, Ensemble):
        members, flips = zip(*map(plain, net.members), strict=True)
        return Ensemble(members), any(flips)
    return net, False


def budget(memory: int | None, held: int, device: str) -> int:
    """Return the bytes that the pass over a tile may take.

    Args:
        memory: What everything may take; by default 2 GiB, or half of what is free where that is less.
        held: What the input and the map take in memory.
        device: The type of the device.

    Raises:
        DesignError: The input alone takes more.
    """
    if memory is None:
        return min(DEFAULT, int(SHARE * capacity.free(device)))
    if memory <= held:
        raise DesignError(
            f"`memory` (={capacity.show(memory)}) is not more than the {capacity.show(held)} that the "
            "decoded input takes; allow more, or store it as .npy, .zarr or tiled TIFF, which are read in "
            "parts."
        )
    return memory - held


@lru_cache(maxsize=64)
def tiling(predictor: Predictor, shape: Sizes, stored: torch.dtype, most: int) -> Tiling:
    """Return the tiles for an input of shape [c, *space] of stored values; equal calls are answered at once.

    Raises:
        DesignError: Not even the smallest tile fits into `most` bytes.
        SpecError: The network cannot read such inputs.
    """
    facts, own = _facts(predictor, stored), shape[1:]
    refusal: SpecError | None = None
    for multiple in MULTIPLES:
        sides = tuple(-(-side // multiple) * multiple for side in own)
        if multiple > 1 and sides == own:
            continue
        try:
            made, peak = _covering(facts, own, sides, multiple, most)
        except SpecError as error:
            refusal = refusal or error
            continue
        return _described(facts, own, made, peak)
    assert refusal is not None
    return _fixed(facts, own, most, refusal)


class _Facts:
    """What is known of a network, whatever it is applied to; `net` is what it is without reflections."""

    def __init__(self, predictor: Predictor, stored: torch.dtype):
        self.whole, self.task, self.stored = predictor.net, predictor.task, stored
        self.net, self.flips = plain(predictor.net)
        self.channels, self.size = predictor.input[0], predictor.input[1:]
        self.precision = Folder(predictor.run.folder).about()["resolved"]["precision"]

    @cached_property
    def probes(self) -> tuple[Forward, Forward | None]:
        """Passes over one input of the training, and over one that is twice as large along each axis."""
        try:
            twice = self._record(tuple(2 * side for side in self.size))
        except SpecError:  # the network reads one size only
            twice = None
        return self._record(self.size), twice

    @cached_property
    def lost(self) -> Sizes:
        """The pixels before its first position, by axis: what a network of valid convolutions loses."""
        grid = grid_of(self.net, (self.channels, *self.size))
        if grid is None:
            raise SpecError(f"`{type(self.net).__name__}` gives no output with axes of space: no map.")
        return tuple(max(0, int(axis.offset)) if axis.crop else 0 for axis in grid.axes)

    @cached_property
    def needs(self) -> list[Needs]:
        """What a position sees, by axis."""
        input = (self.channels, *self.size)
        known, grid = needs(self.net, input), grid_of(self.net, input)
        return list(map(reflected, known, grid.axes)) if self.flips and grid else known

    def expected(self, size: Sizes) -> int:
        """Return about the peak of a pass over a tile, on the line through two others."""
        once, twice = self.probes
        first, wanted = prod(self.size), prod(size)
        if twice is None:
            return once.weights + (once.bound - once.weights) * wanted // first
        slope = (twice.bound - once.bound) / (first * (2 ** len(size) - 1))
        return once.bound + int(slope * (wanted - first))

    def peak(self, size: Sizes, most: int) -> int:
        """Return the peak of a pass over a tile; it is not recorded where it is surely less than `most`."""
        guess = self.expected(size)
        if guess < SURE * most or self.probes[0].mode == "real":
            return guess
        return self._record(size).bound

    def tiles(self, shape: Sizes, size: Sizes) -> Tiles:
        """Return the tiles of an input, which is mirrored where the network loses its border."""
        return tiles(self.net, shape, size, mirror=any(self.lost), flips=self.flips)

    def _record(self, size: Sizes) -> Forward:
        def decoded(output: torch.Tensor) -> object:
            space = tuple(output.shape[-len(size) :])
            return self.task.decode(output, Grid.regular(space, space))

        try:
            return record_forward(
                self.whole,
                (1, self.channels, *size),
                stored=self.stored,
                precision=self.precision,
                then=decoded,
            )
        except ShapeError as error:
            raise SpecError(str(error)) from error


@lru_cache(maxsize=8)
def _facts(predictor: Predictor, stored: torch.dtype) -> _Facts:
    return _Facts(predictor, stored)


def _covering(facts: _Facts, own: Sizes, sides: Sizes, multiple: int, most: int) -> tuple[Tiles, int]:
    """Return tiles of an input of these sides, or of slightly larger ones, whose output covers all pixels."""
    for _ in range(len(own) + 1):
        made, peak = _fitting(facts, sides, multiple, most)
        ends = [axis.offset + axis.stride * (axis.size - 1) + axis.stride / 2 for axis in made.grid.axes]
        missing = [max(0, side - 1 - int(end)) for side, end in zip(own, ends, strict=True)]
        if not any(missing):
            break
        strides = [axis.stride.numerator for axis in made.grid.axes]
        sides = tuple(
            side + -(-more // stride) * stride
            for side, more, stride in zip(sides, missing, strides, strict=True)
        )
    return made, peak


def _fitting(facts: _Facts, sides: Sizes, multiple: int, most: int) -> tuple[Tiles, int]:
    """Return the cheapest tiles that fit, and the peak of one."""
    total = tuple(side + 2 * lost for side, lost in zip(sides, facts.lost, strict=True))
    shape = (facts.channels, *sides)
    peak = facts.peak(total, most)
    if peak <= most:
        return facts.tiles(shape, total), peak
    candidates = choices(total, facts.needs, multiple)
    positions, size = prod(total) * EASE * most / peak, total
    for _ in range(TRIALS):
        before, size = size, cheapest(candidates, positions)
        if size == before:
            break
        peak = facts.peak(size, most)
        if peak <= most:
            return facts.tiles(shape, size), peak
        positions = prod(size) * min(0.9, EASE * most / peak)
    raise _too_small(size, peak, most)


def _fixed(facts: _Facts, own: Sizes, most: int, refusal: SpecError) -> Tiling:
    """Return tiles of the size of the training, for a network that reads no other."""
    sides = tuple(map(max, own, facts.size))
    try:
        made = tiles(facts.net, (facts.channels, *sides), facts.size, fixed=True)
        peak = facts.peak(facts.size, most)
    except SpecError:
        raise refusal from None
    if peak > most:
        raise _too_small(facts.size, peak, most)
    return _described(facts, own, made, peak)


def _too_small(size: Sizes, peak: int, most: int) -> DesignError:
    return DesignError(
        f"a tile of {show(size)} needs {capacity.show(peak)}, and {capacity.show(most)} may be used; allow "
        "more memory."
    )


def _described(facts: _Facts, own: Sizes, made: Tiles, peak: int) -> Tiling:
    """Return the tiling with what a user should know of it."""
    notes, read = [], made.grid.input
    if read != own:
        notes.append(f"the input of {show(own)} is mirrored to {show(read)}, which the network reads")
    computed = len(made) * prod(made.shape) / prod(read)
    if computed > TWICE:
        notes.append(
            f"tiles of {show(made.shape)} overlap so much that {computed:.1f} times the input is computed; "
            "more memory allows larger ones"
        )
    return Tiling(made, peak, shortfall(made, facts.needs) if made.inexact else "", tuple(notes))
