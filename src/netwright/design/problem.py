"""A design problem, declared: shapes, budgets and rules, each with its loosest value.

A requirement is a field of `Problem`. The rules that hold by default are those of `netwright check`, so a
solution breaks none of them. Dropping a requirement (`without`) sets it to its loosest value; conflicts and
relaxations name requirements by their fields.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from math import prod
from typing import Any, Literal, TypedDict

from netwright.arithmetic.shape import Shape, show
from netwright.errors import DesignError

Window = tuple[int, int, int]
Direction = Literal["down", "up", "mirror"]
Objective = Literal["even", "params", "macs"]

MOST_LAYERS = 64
TRIED_LAYERS = 16
WIDEST = 16
SKIPLESS = 20
"""The number of weighted layers in a row that still train without shortcuts (He 2015, Fig. 6)."""


class Requirements(TypedDict, total=False):
    """The options of every design function; `Problem` documents each."""

    layers: int | tuple[int, int] | None
    through: Shape | Iterable[Shape]
    retrace: Iterable[Shape]
    kernels: int | tuple[int, int]
    strides: int | tuple[int, int]
    windows: Iterable[Window]
    max_params: int | None
    max_macs: int | None
    min_receptive_field: int | None
    max_receptive_field: int | None
    monotone: bool
    multiple: int
    max_step: float | None
    residuals: int
    groups: int
    bottleneck: int
    overlap: bool
    no_dead_taps: bool
    no_skips: bool
    kernel_multiple: bool
    no_collapse: bool
    objective: Objective


@dataclass(frozen=True)
class Problem:
    """Shapes without the batch, and the requirements.

    Args:
        input: channels and sizes of the input.
        output: channels and sizes of the output; for an autoencoder, of the code.
        direction: `down` uses convolutions, `up` uses transposed convolutions, `mirror` goes down and then
            back up over the same sizes.
        layers: the fewest and the most layers; for an autoencoder, of its encoder.
        through: shapes that must occur somewhere between the layers.
        retrace: the shape before each layer and after the last one, all of them fixed.
        kernels: the smallest and the largest kernel.
        strides: the smallest and the largest stride.
        windows: the only allowed (kernel, stride, padding); when empty, every window within `kernels` and
            `strides` is allowed.
        max_params: the most trainable parameters.
        max_macs: the most multiply-accumulates of one example.
        min_receptive_field: the fewest positions of every input axis that an output (for an autoencoder: the
            code) sees.
        max_receptive_field: the most positions that it sees.
        monotone: the channels only grow, or only shrink, from input to output.
        multiple: the channels between the ends are multiples of this number.
        max_step: the largest factor between the channels before and after a layer.
        residuals: residual blocks after every layer but the last, on maps of more than one position.
        groups: groups of the convolutions whose channels are divisible by this number.
        bottleneck: the factor by which a 1x1 convolution first reduces channels that are divisible by it.
        overlap: neighbouring windows share positions: kernel > stride, unless there is a single window.
        no_dead_taps: every kernel tap touches data (NW104).
        no_skips: every position is read by a window, or written by a tap (NW105, NW106).
        kernel_multiple: transposed kernels are multiples of their stride (NW108).
        no_collapse: no layer shrinks the representation more than 8x (NW404).
        objective: what is optimised first: `even` (even shrinking, even channel growth, then the fewest
            parameters), `params` or `macs`.
        further_multiples: other multiples that the channels may be of, after `multiple` was relaxed.
    """

    input: Shape
    output: Shape
    direction: Direction = "down"
    layers: tuple[int, int] = (1, TRIED_LAYERS)
    through: tuple[Shape, ...] = ()
    retrace: tuple[Shape, ...] = ()
    kernels: tuple[int, int] = (1, 7)
    strides: tuple[int, int] = (1, 4)
    windows: tuple[Window, ...] = ()
    max_params: int | None = None
    max_macs: int | None = None
    min_receptive_field: int | None = None
    max_receptive_field: int | None = None
    monotone: bool = True
    multiple: int = 8
    max_step: float | None = None
    residuals: int = 0
    groups: int = 1
    bottleneck: int = 1
    overlap: bool = True
    no_dead_taps: bool = True
    no_skips: bool = True
    kernel_multiple: bool = True
    no_collapse: bool = True
    objective: Objective = "even"
    further_multiples: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for reason in (self._shapes(), self._counts(), self._ranges(), self._depth()):
            if reason:
                raise DesignError(reason)

    @property
    def rank(self) -> int:
        """The number of spatial axes: 1 for a series, 2 for an image, 3 for a volume."""
        return len(self.input) - 1

    def _shapes(self) -> str:
        """Return why the shapes are not valid; empty when they are."""
        shapes = (self.input, self.output, *self.through, *self.retrace)
        for shape in shapes:
            if not shape or any(not isinstance(size, int) or size < 1 for size in shape):
                return f"`{show(shape)}` is not a shape: channels and sizes must be at least 1."
            if len(shape) not in (2, 3, 4):
                return f"`{show(shape)}` has {len(shape) - 1} axes of space; use 1, 2 or 3, as in 3x32x32."
            if len(shape) != self.rank + 1:
                return f"`{show(shape)}` and `{show(self.input)}` differ in rank; give each the same axes."
            if max(shape) > 2**20 or prod(shape) > 2**32:
                return f"`{show(shape)}` is too large: at most 2^20 an axis and 2^32 numbers in all."
        small, large = (self.input, self.output) if self.direction == "up" else (self.output, self.input)
        for axis, (least, most) in enumerate(zip(small[1:], large[1:], strict=True), start=1):
            if least > most:
                verb, other = ("shrink", "an encoder") if self.direction == "up" else ("grow", "a decoder")
                return (
                    f"axis {axis} would {verb} from {self.input[axis]} to {self.output[axis]}: "
                    f"ask for {other}."
                )
        return ""

    def _counts(self) -> str:
        """Return which number is out of range; empty when none is."""
        for name in ("multiple", "groups", "bottleneck"):
            if getattr(self, name) < 1:
                return f"`{name}` (={getattr(self, name)}) must be at least 1."
        for name in ("max_params", "max_macs", "min_receptive_field", "max_receptive_field"):
            value = getattr(self, name)
            if value is not None and not 1 <= value < 2**62:
                return f"`{name}` (={value}) must be at least 1 and below 2^62."
        if not 0 <= self.residuals <= 16:
            return f"`residuals` (={self.residuals}) must be 0 to 16 blocks a layer."
        if self.max_step is not None and self.max_step < 1:
            return f"`max_step` (={self.max_step}) must be at least 1."
        if self.objective not in ("even", "params", "macs"):
            return f"`objective` (={self.objective!r}) must be 'even', 'params' or 'macs'."
        return ""

    def _ranges(self) -> str:
        """Return which range or window is not valid; empty when all are."""
        for name, most in (("layers", MOST_LAYERS), ("kernels", WIDEST), ("strides", WIDEST)):
            low, high = getattr(self, name)
            if not 1 <= low <= high <= most:
                value = low if low == high else f"{low} to {high}"
                return f"`{name}` (={value}) must be 1 to {most}, smaller first."
        for kernel, stride, padding in self.windows:
            if not (1 <= kernel <= WIDEST and 1 <= stride <= WIDEST and 0 <= padding <= kernel // 2):
                return (
                    f"the window {kernel},{stride},{padding} (kernel, stride, padding) is not valid: kernel "
                    f"and stride must be 1 to {WIDEST}, padding at most half the kernel."
                )
        if self.retrace and (self.retrace[0], self.retrace[-1]) != (self.input, self.output):
            return f"`retrace` must start at {show(self.input)} and end at {show(self.output)}."
        return ""

    def _depth(self) -> str:
        """Return why this many layers in a row would not train; empty when they would."""
        if self.counts():
            return ""
        return (
            f"`layers` (={self.layers[0]}) puts {self._in_row(self.layers[0])} weighted layers in a row "
            f"without a shortcut (NW209); use at most {SKIPLESS} or `residuals` 1."
        )

    def _in_row(self, layers: int) -> int:
        ways = 2 if self.direction == "mirror" else 1
        return layers * ways * (2 if self.bottleneck > 1 else 1)

    def counts(self) -> list[int]:
        """Return the numbers of layers that may be tried (in a mirrored network: each way)."""
        low, high = self.layers
        return [n for n in range(low, high + 1) if self.residuals or self._in_row(n) <= SKIPLESS]

    def without(self, name: str) -> "Problem":
        """Return the same problem with one requirement at its loosest value."""
        if name == "multiple":
            return replace(self, multiple=1, further_multiples=(*self.further_multiples, self.multiple))
        if name == "layers":
            return replace(self, layers=(1, max(TRIED_LAYERS, self.layers[1])))
        if name in ("kernels", "strides"):
            wide: dict[str, Any] = {name: (1, max(LOOSEST[name][1], getattr(self, name)[1]))}
            return replace(self, **wide)
        return replace(self, **{name: LOOSEST[name]})

    def requirements(self) -> list[str]:
        """Return the names of the requirements that are tighter than their loosest value."""
        return [name for name in LOOSEST if getattr(self.without(name), name) != getattr(self, name)]


LOOSEST: dict[str, Any] = {
    "windows": (),
    "kernels": (1, 11),
    "strides": (1, 8),
    "overlap": False,
    "no_dead_taps": False,
    "no_skips": False,
    "kernel_multiple": False,
    "no_collapse": False,
    "multiple": 1,
    "monotone": False,
    "max_step": None,
    "through": (),
    "retrace": (),
    "max_receptive_field": None,
    "min_receptive_field": None,
    "max_macs": None,
    "max_params": None,
    "layers": (1, TRIED_LAYERS),
}
"""Requirements that can conflict, in the order in which a conflict is reduced: those of users come last."""


def declare(direction: Direction, input: Shape, output: Shape, requirements: Requirements) -> Problem:
    """Return the problem of some shapes and requirements; a single number becomes a range.

    Raises:
        DesignError: a requirement is not known (the nearest is named) or out of range.

    >>> declare("down", (3, 32, 32), (10, 1, 1), {"layers": 5}).layers
    (5, 5)
    """
    given: dict[str, Any] = {name: value for name, value in requirements.items() if value is not None}
    for name in given:
        if name not in _KNOWN:
            near = get_close_matches(name, _KNOWN, n=1) or _KNOWN[:3]
            raise DesignError(f"`{name}` is not a requirement; did you mean {', '.join(near)}?")
    given |= {name: read(name, given[name]) for name, read in _READ.items() if name in given}
    if given.get("retrace"):
        given["layers"] = (len(given["retrace"]) - 1,) * 2
    if given.get("windows"):
        given = {"kernels": (1, WIDEST), "strides": (1, WIDEST), "overlap": False} | given
    return Problem(tuple(input), tuple(output), direction, **given)


def _pair(name: str, value: Any) -> tuple[int, ...]:
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or not all(isinstance(each, int) for each in pair):
        raise DesignError(f"`{name}` (={value!r}) must be a number or a pair (fewest, most).")
    return pair


def _several(name: str, value: Any) -> tuple[tuple[int, ...], ...]:
    """Return several shapes (or windows) where one is given without a list around it."""
    items = tuple(value)
    items = (items,) if items and isinstance(items[0], int) else tuple(tuple(item) for item in items)
    if name == "windows" and any(len(item) != 3 for item in items):
        raise DesignError(f"`windows` (={value!r}) must be (kernel, stride, padding) each.")
    return items


_KNOWN = [field.name for field in fields(Problem)][3:-1]
_READ: dict[str, Callable[[str, Any], Any]] = dict.fromkeys(("layers", "kernels", "strides"), _pair)
_READ |= dict.fromkeys(("through", "retrace", "windows"), _several)
