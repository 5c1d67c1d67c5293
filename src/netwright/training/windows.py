"""Which windows of which examples make the batches of an epoch: a function of seed and epoch.

An epoch visits every example in proportion to its size. A third of the windows are centred on a position of a
rare class, as in nnU-Net (Isensee et al. 2021), so that it occurs in the batches however rare it is.
"""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.data.positions import Positions
from netwright.errors import RecipeError
from netwright.training.randomness import derive

Shape = tuple[int, ...]

CENTRED = 1 / 3
"""The share of windows that are centred on a rare class."""
SIDES = {1: 4096, 2: 256, 3: 64}
"""The largest side of a window by the number of axes, where the recipe names none."""
MULTIPLE = 32
POSITIONS = 1 << 19
"""About how many positions a batch of windows has, where the recipe does not say how many windows."""


class Windows:
    """Draws windows of the size `patch` from examples of the spatial shapes `sides`.

    Args:
        sides: Spatial shape of each example.
        patch: Size of a window; where an example is smaller, the window reaches outside of it.
        batch: Windows of a step, over all processes.
        positions: Where the classes occur; without it every window lies at a random place.
    """

    def __init__(self, sides: Sequence[Shape], patch: Shape, batch: int, positions: Positions | None = None):
        self.sides = torch.tensor(sides)
        self.patch, self.positions = torch.tensor(patch), positions
        self.visits = torch.tensor([max(1, round(prod(side) / prod(patch))) for side in sides])
        self.count = int(self.visits.sum())
        self.batch = min(batch, self.count)

    @property
    def batches(self) -> int:
        """Steps of one epoch; windows that do not fill a batch are left out."""
        return max(1, self.count // self.batch)

    def epoch(self, seed: int, epoch: int) -> list[tuple[Tensor, Tensor]]:
        """Return for each batch the numbers of its examples [b], and where its windows begin [b, dims]."""
        generator = torch.Generator().manual_seed(derive(seed, "windows", epoch))
        order = torch.randperm(self.count, generator=generator)[: self.batches * self.batch]
        examples = torch.arange(len(self.visits)).repeat_interleave(self.visits)[order]
        chances = torch.rand(len(order), len(self.patch) + 2, generator=generator, dtype=torch.float64)
        spare = self.sides[examples] - self.patch
        low, high = spare.clamp(max=0), spare.clamp(min=0)
        starts = low + (chances[:, :-2] * (high - low + 1)).long()
        if self.positions is not None:
            centred = torch.randperm(len(order), generator=generator)[: round(CENTRED * len(order))]
            places = self.positions.draw(examples[centred], chances[centred, -2:])
            centred, places = centred[places >= 0], places[places >= 0]
            centres = _unravelled(places, self.sides[examples[centred]])
            around = centres - self.patch // 2
            starts[centred] = around.clamp(low[centred], high[centred])
        return list(zip(examples.split(self.batch), starts.split(self.batch), strict=True))


def _unravelled(positions: Tensor, sides: Tensor) -> Tensor:
    """Return row-major positions [w] in arrays of shapes [w, dims] as indices [w, dims].

    >>> _unravelled(torch.tensor([7, 7]), torch.tensor([[3, 4], [4, 2]])).tolist()
    [[1, 3], [3, 1]]
    """
    indices = []
    for axis in reversed(range(sides.shape[1])):
        indices.append(positions % sides[:, axis])
        positions = positions // sides[:, axis]
    return torch.stack(indices[::-1], 1)


def suited(data: Data) -> Shape | None:
    """Return the size of windows for a data set; None where whole examples make a batch.

    That is where they are of one size and in memory, and have no maps or are no larger than a window. A
    window is as large as the median example, up to 256x256 or 64x64x64, and a multiple of 32 where it is
    larger than that. `netwright plan` finds the largest that a memory budget allows.

    >>> from types import SimpleNamespace as Fake
    >>> train = Fake(shapes=[(1, 90, 20), (1, 70, 20), (1, 700, 300)])
    >>> suited(Fake(uniform=False, kinds=(), train=train))
    (64, 20)
    """
    shapes = data.train.shapes
    space, dense = shapes[0][1:], any(kind.dense for kind in data.kinds)
    if data.uniform and not (dense and prod(space) > SIDES[len(space)] ** len(space)):
        return None
    middle = [sorted(sides)[len(sides) // 2] for sides in zip(*(shape[1:] for shape in shapes), strict=True)]
    sides = (min(side, SIDES[len(middle)]) for side in middle)
    return tuple(side // MULTIPLE * MULTIPLE or side for side in sides)


def batch_size(patch: Shape) -> int:
    """Return how many windows make a batch, where the recipe does not say: 2 to 64.

    >>> batch_size((256, 256)), batch_size((64, 64, 64))
    (8, 2)
    """
    return max(2, min(64, POSITIONS // prod(patch)))


def fitting(patch: tuple[int, ...], data: Data) -> tuple[int, ...]:
    """Return the size of windows, which must have a side for each axis, of at most twice the largest example.

    Raises:
        RecipeError: It has not.
    """
    axes = len(data.input) - 1
    if len(patch) != axes or min(patch) < 1:
        raise RecipeError(f"`patch` (={patch}) must have a size for each of the {axes} axes of {data.name}.")
    shapes = [data.input] if data.uniform else data.train.shapes
    largest = tuple(map(max, zip(*(shape[1:] for shape in shapes), strict=True)))
    if any(side > 2 * size for side, size in zip(patch, largest, strict=True)):
        raise RecipeError(
            f"`patch` (={show(patch)}) is more than twice the largest example of {data.name}, "
            f"{show(largest)}; give a smaller one."
        )
    return patch
