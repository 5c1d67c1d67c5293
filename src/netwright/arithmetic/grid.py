"""Where the positions of an output lie in the input: plain data, computed above and handed to tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor


@dataclass(frozen=True)
class Axis:
    """One axis of an output: position `i` has its centre at pixel index `offset + i * stride` of the input.

    `size` is the number of positions that the output has for an input of `input` pixels.
    """

    stride: Fraction
    offset: Fraction
    size: int
    input: int

    @property
    def crop(self) -> slice | None:
        """The pixels that lie under the positions, where each position is one pixel; None elsewhere."""
        if self.stride != 1 or self.offset.denominator != 1 or self.offset < 0:
            return None
        start = int(self.offset)
        return slice(start, start + self.size) if start + self.size <= self.input else None

    def pixels(self) -> list[int]:
        """Return the pixel nearest to the centre of each position, -1 where that lies outside of the input.

        Between two pixels the later one is taken.

        >>> Axis(Fraction(4), Fraction(3, 2), size=2, input=6).pixels()
        [2, -1]
        """
        nearest = (floor(self.offset + self.stride * i + Fraction(1, 2)) for i in range(self.size))
        return [pixel if 0 <= pixel < self.input else -1 for pixel in nearest]

    def positions(self) -> list[int]:
        """Return the position whose centre is nearest to each pixel, -1 for a pixel that no position covers.

        A position covers a stride of pixels around its centre; between two positions the earlier one is
        taken, so that the pixels of `pixels` lead back to the positions they were taken for.

        >>> Axis(Fraction(4), Fraction(3, 2), size=1, input=6).positions()
        [0, 0, 0, 0, -1, -1]
        """
        nearest = (ceil((i - self.offset) / self.stride - Fraction(1, 2)) for i in range(self.input))
        return [position if 0 <= position < self.size else -1 for position in nearest]


@dataclass(frozen=True)
class Grid:
    """The axes of an output, in the order of the spatial axes of the input.

    >>> valid_unet = Grid.regular((572, 572), (388, 388))
    >>> valid_unet.axes[0].crop
    slice(92, 480, None)
    """

    axes: tuple[Axis, ...]

    @classmethod
    def regular(cls, input: Sequence[int], output: Sequence[int], stride: int | Fraction = 1) -> "Grid":
        """Return the grid of an output that lies centrally in the input, with one stride for all axes."""
        return cls(
            tuple(
                Axis(Fraction(stride), Fraction(n - 1, 2) - Fraction(stride) * (m - 1) / 2, m, n)
                for n, m in zip(input, output, strict=True)
            )
        )

    @property
    def input(self) -> tuple[int, ...]:
        """The spatial shape of the input."""
        return tuple(axis.input for axis in self.axes)

    @property
    def output(self) -> tuple[int, ...]:
        """The spatial shape of the output."""
        return tuple(axis.size for axis in self.axes)

    @property
    def identity(self) -> bool:
        """Whether the output has one position for each pixel."""
        return all(axis.stride == 1 and axis.offset == 0 and axis.size == axis.input for axis in self.axes)
