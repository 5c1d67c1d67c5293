"""One layer of a solution: its shapes and windows, and what it costs.

The counting functions take plain numbers, so that the solver fills its tables with them and a finished layer
reports the same figures.
"""

from dataclasses import dataclass
from math import prod

from netwright.arithmetic.shape import Shape
from netwright.design.problem import Problem


def reduced(channels: int, problem: Problem) -> int:
    """Return the channels after the 1x1 convolution of a bottleneck; the same number where there is none.

    >>> reduced(64, Problem((3, 8), (8, 1), bottleneck=4))
    16
    """
    return channels if channels % problem.bottleneck else channels // problem.bottleneck


def grouping(channels: int, out: int, problem: Problem) -> int:
    """Return the groups of a convolution: the required number where it divides both channels, else 1."""
    return 1 if channels % problem.groups or out % problem.groups else problem.groups


def window_weights(taps: int, channels: int, out: int, problem: Problem) -> int:
    """Return the weights of a layer's window; its MACs are the weights times the positions.

    The 1x1 trick: 64 channels to 16 by a 1x1, then 5x5 to 128, in place of 204,800 weights.

    >>> trick = Problem((3, 8, 8), (8, 1, 1), bottleneck=4)
    >>> window_weights(25, 64, 128, trick), reducing_weights(64, trick)
    (51200, 1024)
    """
    inside = reduced(channels, problem)
    return taps * inside * out // grouping(inside, out, problem)


def reducing_weights(channels: int, problem: Problem) -> int:
    """Return the weights of the bottleneck's 1x1 convolution; 0 where there is none."""
    inside = reduced(channels, problem)
    return 0 if inside == channels else channels * inside


def residual_weights(taps: int, channels: int, problem: Problem) -> int:
    """Return the weights of the residual blocks after a layer, which have two convolutions each."""
    return 2 * problem.residuals * taps * channels * channels // grouping(channels, channels, problem)


def shifts(channels: int, out: int, problem: Problem, *, points: tuple[bool, bool], last: bool) -> int:
    """Return the parameters other than weights: biases, and the scale and shift of normalisations.

    A convolution is followed by batch normalisation. It has a bias instead in the last layer, and where the
    map has a single position (`points`: before, after).
    """
    inside = reduced(channels, problem)
    before = 0 if inside == channels else inside * (1 if points[0] else 2)
    after = out * (1 if points[1] or last else 2)
    blocks = 0 if points[1] or last else 4 * problem.residuals * out
    return before + after + blocks


def residual_kernel(size: int) -> int:
    """Return the kernel of a residual block's convolutions: 3, or 1 on an axis of one position.

    >>> residual_kernel(8), residual_kernel(1)
    (3, 1)
    """
    return 3 if size > 1 else 1


def residual_reach(size: int, *, blocks: int) -> int:
    """Return the positions that residual blocks add to a receptive field on an axis of `size`.

    >>> residual_reach(8, blocks=1), residual_reach(1, blocks=1)
    (4, 0)
    """
    return 2 * blocks * (residual_kernel(size) - 1)


def field_before(field: int, kernel: int, stride: int, *, up: bool) -> int:
    """Return how many positions `field` adjacent outputs of a window see at most (Dumoulin & Visin 2016).

    For a transposed convolution it is the number of inputs from which `field` outputs come.

    >>> field_before(3, kernel=3, stride=2, up=False), field_before(3, kernel=4, stride=2, up=True)
    (7, 3)
    """
    return -(-(field + kernel - 1) // stride) if up else (field - 1) * stride + kernel


@dataclass(frozen=True)
class Layer:
    """A window with its shapes (without the batch), and the blocks that the problem requires around it."""

    problem: Problem
    up: bool
    last: bool
    input: Shape
    output: Shape
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    output_padding: tuple[int, ...]

    @property
    def transposed(self) -> bool:
        """Whether the window is a transposed convolution; one that changes no size is a plain convolution."""
        return self.up and (self.input[1:] != self.output[1:] or set(self.stride) != {1})

    @property
    def reduced(self) -> int:
        """The channels that the window reads."""
        return reduced(self.input[0], self.problem)

    @property
    def groups(self) -> int:
        """The groups of the window."""
        return grouping(self.reduced, self.output[0], self.problem)

    @property
    def points(self) -> tuple[bool, bool]:
        """Whether the maps before and after have a single position."""
        return prod(self.input[1:]) == 1, prod(self.output[1:]) == 1

    @property
    def residuals(self) -> int:
        """The number of residual blocks after the window."""
        return 0 if self.last or self.points[1] else self.problem.residuals

    @property
    def residual_kernel(self) -> tuple[int, ...]:
        """The kernel of the residual blocks."""
        return tuple(residual_kernel(size) for size in self.output[1:])

    @property
    def residual_groups(self) -> int:
        """The groups of the convolutions in the residual blocks."""
        return grouping(self.output[0], self.output[0], self.problem)

    @property
    def params(self) -> int:
        """The number of trainable parameters."""
        channels, out = self.input[0], self.output[0]
        total = window_weights(prod(self.kernel), channels, out, self.problem)
        total += reducing_weights(channels, self.problem)
        if self.residuals:
            total += residual_weights(prod(self.residual_kernel), out, self.problem)
        return total + shifts(channels, out, self.problem, points=self.points, last=self.last)

    @property
    def macs(self) -> int:
        """The multiply-accumulates of the convolutions for one example."""
        channels, out = self.input[0], self.output[0]
        before, after = prod(self.input[1:]), prod(self.output[1:])
        total = window_weights(prod(self.kernel), channels, out, self.problem) * (
            before if self.up else after
        )
        total += reducing_weights(channels, self.problem) * before
        if self.residuals:
            total += residual_weights(prod(self.residual_kernel), out, self.problem) * after
        return total

    def field_before(self, field: tuple[int, ...]) -> tuple[int, ...]:
        """Return the input positions that `field` output positions see, along each axis."""
        blocks = [residual_reach(size, blocks=self.residuals) for size in self.output[1:]]
        windows = zip(field, blocks, self.kernel, self.stride, strict=True)
        return tuple(field_before(f + b, k, s, up=self.up) for f, b, k, s in windows)


def receptive_field(layers: tuple[Layer, ...]) -> tuple[int, ...]:
    """Return how many input positions along each axis an output sees at most, inside a large map."""
    field: tuple[int, ...] = (1,) * (len(layers[0].input) - 1)
    for layer in reversed(layers):
        field = layer.field_before(field)
    return field
