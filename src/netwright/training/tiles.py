"""Outputs of large inputs by tiles, equal to those of the whole input, with the memory of one tile.

Tiles start at multiples of the total stride, so that every pooling meets the same phase as in the whole
input, and only positions are kept whose receptive field ends inside the tile. A tile at the border of the
input keeps the padding of the network itself. Networks of valid convolutions have no output near the border;
for them the input may be mirrored there (Ronneberger, Fischer & Brox 2015, Fig. 2).

Where a position sees the whole input, no tile is exact: tiles then overlap by half and the inner part of each
is kept, and `Tiles.inexact` says why.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import torch
from torch import Tensor, nn

from netwright.arithmetic.grid import Grid
from netwright.arithmetic.shape import show
from netwright.errors import SpecError
from netwright.receptive.grid import grid as grid_of
from netwright.receptive.needs import Needs, needs, reflected
from netwright.training.cuts import Cuts, Frame, cover, fitted, frame, mirrored

Shape = tuple[int, ...]
Slices = tuple[slice, ...]

FIXED = "the network reads tiles of one size only"


class Example(Protocol):
    """An input [c, *space] that is read in parts: a tensor, also of a memory map, or a view of a file."""

    @property
    def shape(self) -> Shape:
        """Its shape."""

    def __getitem__(self, index: Slices, /) -> Tensor:
        """Return a part."""


@dataclass(frozen=True)
class Tile:
    """One tile, by axis of space.

    Args:
        window: The pixels of the input that it reads; where the input is mirrored, some lie outside.
        kept: The positions of its own output that are kept.
        place: The positions of the whole output that they are.
        grid: Where the kept positions lie in the tile.
    """

    window: Slices
    kept: Slices
    place: Slices
    grid: Grid

    def part(self, output: Tensor) -> Tensor:
        """Return the positions of an output [..., *space] of the tile that are kept."""
        return _part(output, self.kept)


@dataclass(frozen=True)
class Tiles:
    """The tiles that cover an output: a sequence of `Tile`, of one shape, that is cheap to hold.

    Args:
        axes: The cuts along each axis of space.
        grid: Where the positions of the whole output lie in the input.
        inexact: Why the result may differ from that of the whole input; empty where it does not, except for
            rounding.
    """

    axes: tuple[Cuts, ...]
    grid: Grid
    inexact: str = ""

    @property
    def shape(self) -> Shape:
        """The spatial shape of every tile."""
        return tuple(cuts.length for cuts in self.axes)

    def __len__(self) -> int:
        return torch.Size(len(cuts.starts) for cuts in self.axes).numel()

    def __iter__(self) -> Iterator[Tile]:
        for parts in product(*(cuts.parts() for cuts in self.axes)):
            windows, kept, places, axes = zip(*parts, strict=True)
            yield Tile(windows, kept, places, Grid(axes))


def tiles(
    net: nn.Module,
    input: Shape,
    size: Shape | None = None,
    *,
    mirror: bool = False,
    fixed: bool = False,
    flips: bool = False,
) -> Tiles:
    """Return the tiles by which `net` can be applied to an input of shape [c, *space].

    Args:
        net: Any module from [b, c, *space] to [b, ..., *space]; it stays untouched.
        input: Shape of the whole input, without the batch.
        size: The largest tile, by axis of space; the whole input by default.
        mirror: Mirror the input at its borders, so that a network of valid convolutions gives a position for
            each pixel. It changes nothing for networks that pad.
        fixed: Take tiles of exactly this size, for networks that read no other; the result is inexact.
        flips: Make room for what positions see of reflected tiles too, over which outputs are averaged.

    Raises:
        SpecError: The network cannot read such tiles, or its output has no axes of space.
    """
    channels, sides = input[0], input[1:]
    size = sides if size is None else size
    if len(size) != len(sides) or min(size) < 1:
        raise SpecError(f"tiles of {show(size)} do not fit an input of {show(sides)}; give one size an axis.")
    if fixed or (not mirror and all(most >= side for most, side in zip(size, sides, strict=True))):
        lengths = tuple(map(min, size, sides))
        grid, known = _grid(net, (channels, *lengths)), [Needs(1, None, FIXED)] * len(sides)
        frames = [Frame(side, side) for side in sides]
    else:
        lengths, grid, known, frames = _suited(net, input, size, mirror)
    if flips:
        known = list(map(reflected, known, grid.axes))
    cuts = tuple(map(cover, lengths, frames, grid.axes, known))
    reasons = (f"along axis {index} {part.inexact}" for index, part in enumerate(cuts) if part.inexact)
    return Tiles(cuts, Grid(tuple(part.axis for part in cuts)), "; ".join(reasons))


def _suited(
    net: nn.Module, input: Shape, size: Shape, mirror: bool
) -> tuple[Shape, Grid, list[Needs], list[Frame]]:
    """Return the tile that leaves what the whole input leaves at every halving, and what is known of it."""
    channels, sides = input[0], input[1:]
    tried = size if mirror else tuple(map(min, size, sides))
    grid, known = _grid(net, (channels, *tried)), needs(net, (channels, *tried))
    steps = [need.step for need in known]
    frames = [frame(*given, mirror=mirror) for given in zip(sides, size, grid.axes, steps, strict=True)]
    lengths = tuple(map(fitted, size, frames, known, grid.axes))
    if lengths != tried:
        grid, known = _grid(net, (channels, *lengths)), needs(net, (channels, *lengths))
    return lengths, grid, known, frames


def _grid(net: nn.Module, input: Shape) -> Grid:
    """Return the grid of the output for one tile."""
    grid = grid_of(net, input)
    if grid is None:
        raise SpecError(f"`{type(net).__name__}` gives no output with axes of space, so it cannot be tiled.")
    return grid


@torch.no_grad()
def tiled(
    net: nn.Module, example: Tensor, tiles: Tiles, prepare: Callable[[Tensor], Tensor] = Tensor.float
) -> Iterator[tuple[Tile, Tensor]]:
    """Yield each tile with its part of the output [..., *space].

    Args:
        net: The network, in evaluation mode.
        example: The input [c, *space], which may be a memory map: only the tile is read.
        tiles: Its tiles.
        prepare: What makes a batch [1, c, *space] of stored values what the network reads, on its device.
    """
    for tile in tiles:
        output = net(prepare(read(example, tile.window)[None]))[0]
        yield tile, tile.part(output)


def whole(
    net: nn.Module, example: Tensor, tiles: Tiles, prepare: Callable[[Tensor], Tensor] = Tensor.float
) -> Tensor:
    """Return the output [..., *space] for a whole example, put together from its tiles; see `tiled`."""
    result: Tensor | None = None
    for tile, part in tiled(net, example, tiles, prepare):
        if result is None:
            lead = part.shape[: part.ndim - len(tile.place)]
            result = part.new_empty(*lead, *tiles.grid.output)
        _part(result, tile.place).copy_(part)
    assert result is not None
    return result


def read(example: Example, window: Slices) -> Tensor:
    """Return a window of an example [c, *space], mirrored where it reaches outside; nothing else is read."""
    sides = example.shape[1:]
    pixels = [mirrored(part, side) for part, side in zip(window, sides, strict=True)]
    result = example[slice(None), *(slice(min(index), max(index) + 1) for index in pixels)]
    for axis, (index, part, side) in enumerate(zip(pixels, window, sides, strict=True), 1):
        if part.start < 0 or part.stop > side:
            result = result.index_select(axis, torch.tensor(index, device=result.device) - min(index))
    return result


def _part(output: Tensor, slices: Slices) -> Tensor:
    """Return a view of the last axes of an output."""
    view = output
    for axis, part in enumerate(slices, output.ndim - len(slices)):
        view = view.narrow(axis, part.start, part.stop - part.start)
    return view
