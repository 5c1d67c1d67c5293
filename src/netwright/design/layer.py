"""One planned layer: its shapes and windows, and what it costs.

The counting functions take plain numbers, so that the solver fills its tables with them and a finished layer
reports the same figures.
"""

from dataclasses import dataclass
from math import prod

from netwright.arithmetic.shape import Shape
from netwright.design.problem import Problem


def reduced(channels: int, problem: Problem) -> int:
    """Channels behind the 1x1 convolution of a bottleneck; the same number where there is none.

    >>> reduced(64, Problem((3, 8), (8, 1), bottleneck=4))
    16
    """
    return channels if channels % problem.bottleneck else channels // problem.bottleneck


def grouping(channels: int, out: int, problem: Problem) -> int:
    """Groups of a convolution: those asked for where they divide both sides, else 1."""
    return 1 if channels % problem.groups or out % problem.groups else problem.groups


def window_weights(taps: int, channels: int, out: int, problem: Problem) -> int:
    """Weights of the layer's window; MACs are these times its positions.

    The 1x1 trick: 64 channels to 16 by a 1x1, then 5x5 to 128, in place of 204,800 weights.

    >>> trick = Problem((3, 8, 8), (8, 1, 1), bottleneck=4)
    >>> window_weights(25, 64, 128, trick), reducing_weights(64, trick)
    (51200, 1024)
    """
    inside = reduced(channels, problem)
    return taps * inside * out // grouping(inside, out, problem)


def reducing_weights(channels: int, problem: Problem) -> int:
    """Weights of the bottleneck's 1x1 convolution, 0 where there is none."""
    inside = reduced(channels, problem)
    return 0 if inside == channels else channels * inside


def residual_weights(taps: int, channels: int, problem: Problem) -> int:
    """Weights of the residual blocks behind a layer: two convolutions each."""
    return 2 * problem.residuals * taps * channels * channels // grouping(channels, channels, problem)


def shifts(channels: int, out: int, problem: Problem, *, points: tuple[bool, bool], last: bool) -> int:
    """Parameters that are no weights: biases, and scale and shift of the normalisations.

    A convolution is followed by batch normalisation; where the map is one position (`points`: before, after)
    or the layer the last, it has a bias instead.
    """
    inside = reduced(channels, problem)
    before = 0 if inside == channels else inside * (1 if points[0] else 2)
    after = out * (1 if points[1] or last else 2)
    blocks = 0 if points[1] or last else 4 * problem.residuals * out
    return before + after + blocks


def residual_kernel(size: int) -> int:
    """Kernel of a residual block's convolutions: 3, or 1 on an axis of one position.

    >>> residual_kernel(8), residual_kernel(1)
    (3, 1)
    """
    return 3 if size > 1 else 1


def residual_reach(size: int, *, blocks: int) -> int:
    """Positions that so many residual blocks add to a field on an axis of `size`.

    >>> residual_reach(8, blocks=1), residual_reach(1, blocks=1)
    (4, 0)
    """
    return 2 * blocks * (residual_kernel(size) - 1)


def field_before(field: int, kernel: int, stride: int, *, up: bool) -> int:
    """Positions that `field` adjacent outputs of a window see, at most (Dumoulin & Visin 2016).

    A transposed convolution is seen from its output: `field` positions of it come from these many inputs.

    >>> field_before(3, kernel=3, stride=2, up=False), field_before(3, kernel=4, stride=2, up=True)
    (7, 3)
    """
    return -(-(field + kernel - 1) // stride) if up else (field - 1) * stride + kernel


@dataclass(frozen=True)
class Layer:
    """A window with its shapes (without batch), and the blocks that go with it by the problem's wishes."""

    problem: Problem
    up: bool
    last: bool
    input: Shape
    output: Shape
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    extra: tuple[int, ...]

    @property
    def transposed(self) -> bool:
        """A layer on the way up that changes no size is a plain convolution."""
        return self.up and (self.input[1:] != self.output[1:] or set(self.stride) != {1})

    @property
    def reduced(self) -> int:
        """Channels that the window reads."""
        return reduced(self.input[0], self.problem)

    @property
    def groups(self) -> int:
        """Groups of the window."""
        return grouping(self.reduced, self.output[0], self.problem)

    @property
    def points(self) -> tuple[bool, bool]:
        """Whether the maps before and after have one position only."""
        return prod(self.input[1:]) == 1, prod(self.output[1:]) == 1

    @property
    def residuals(self) -> int:
        """Residual blocks behind the window."""
        return 0 if self.last or self.points[1] else self.problem.residuals

    @property
    def residual_kernel(self) -> tuple[int, ...]:
        """Kernel of the residual blocks."""
        return tuple(residual_kernel(size) for size in self.output[1:])

    @property
    def residual_groups(self) -> int:
        """Groups of the residual blocks' convolutions."""
        return grouping(self.output[0], self.output[0], self.problem)

    @property
    def params(self) -> int:
        """Trainable parameters."""
        channels, out = self.input[0], self.output[0]
        total = window_weights(prod(self.kernel), channels, out, self.problem)
        total += reducing_weights(channels, self.problem)
        if self.residuals:
            total += residual_weights(prod(self.residual_kernel), out, self.problem)
        return total + shifts(channels, out, self.problem, points=self.points, last=self.last)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one example, convolutions only."""
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
        """Input positions that `field` output positions see, per axis."""
        blocks = [residual_reach(size, blocks=self.residuals) for size in self.output[1:]]
        windows = zip(field, blocks, self.kernel, self.stride, strict=True)
        return tuple(field_before(f + b, k, s, up=self.up) for f, b, k, s in windows)


def receptive_field(layers: tuple[Layer, ...]) -> tuple[int, ...]:
    """Input positions per axis that one output of the last layer sees, at most, inside a large map."""
    field: tuple[int, ...] = (1,) * (len(layers[0].input) - 1)
    for layer in reversed(layers):
        field = layer.field_before(field)
    return field
