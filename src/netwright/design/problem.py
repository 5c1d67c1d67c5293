"""What a design must satisfy, declared: shapes, budgets and rules, each with its loosest value.

A wish is a field of `Problem`. The rules that are on by default are those of `netwright check`: a plan breaks
none of them. Letting go of a wish (`without`) sets it to its loosest value; the solver blames and relaxes
wishes by these names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from math import prod
from typing import Any, Literal, TypedDict

from netwright.arithmetic.shape import Shape, show
from netwright.errors import DesignError

Pattern = tuple[int, int, int]
Direction = Literal["down", "up", "mirror"]
Objective = Literal["even", "params", "macs"]

MOST_LAYERS = 64
TRIED_LAYERS = 16
WIDEST = 16
SKIPLESS = 20
"""Weighted layers in a row that still train without shortcuts (He 2015, Fig. 6)."""


class Wishes(TypedDict, total=False):
    """The options of every design function; `Problem` says what each means."""

    layers: int | tuple[int, int] | None
    through: Shape | Iterable[Shape]
    retrace: Iterable[Shape]
    kernels: int | tuple[int, int]
    strides: int | tuple[int, int]
    patterns: Iterable[Pattern]
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
    """Shapes without batch, and the wishes.

    Args:
        input: channels and sizes that go in.
        output: channels and sizes that come out; of an autoencoder the code.
        direction: `down` convolves, `up` convolves transposed, `mirror` goes down and retraces its sizes up.
        layers: fewest and most; of an autoencoder those of its encoder.
        through: shapes that must stand somewhere between the layers.
        retrace: the shape before each layer and after the last, all fixed.
        kernels: smallest and largest.
        strides: smallest and largest.
        patterns: the only (kernel, stride, padding) allowed; none given means every one within `kernels` and
            `strides`.
        max_params: trainable parameters.
        max_macs: multiply-accumulates of one example.
        min_receptive_field: positions of every input axis that an output sees (of an autoencoder: the code).
        max_receptive_field: the same from above.
        monotone: channels never turn back on their way from input to output.
        multiple: of which the channels between are.
        max_step: largest factor between the channels before and after a layer.
        residuals: residual blocks after every layer but the last, on maps of more than one position.
        groups: of the convolutions whose channels divide by it.
        bottleneck: factor by which a 1x1 convolution first reduces the channels that divide by it.
        overlap: neighbouring windows share positions: kernel > stride unless one window is all there is.
        no_dead_taps: no kernel tap that never touches data (NW104).
        no_skips: no position that no window reads or no tap writes (NW105, NW106).
        kernel_multiple: transposed kernels are multiples of their stride (NW108).
        no_collapse: no layer shrinks the representation more than 8x (NW404).
        objective: `even` (even shrink, even channel growth, fewest parameters), `params` or `macs` first.
    """

    input: Shape
    output: Shape
    direction: Direction = "down"
    layers: tuple[int, int] = (1, TRIED_LAYERS)
    through: tuple[Shape, ...] = ()
    retrace: tuple[Shape, ...] = ()
    kernels: tuple[int, int] = (1, 7)
    strides: tuple[int, int] = (1, 4)
    patterns: tuple[Pattern, ...] = ()
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
    ladders: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for reason in (self._shapes(), self._counts(), self._ranges(), self._depth()):
            if reason:
                raise DesignError(reason)

    @property
    def rank(self) -> int:
        """Axes of space: 1 for a series, 2 for an image, 3 for a volume."""
        return len(self.input) - 1

    def _shapes(self) -> str:
        """Why the shapes make no problem."""
        shapes = (self.input, self.output, *self.through, *self.retrace)
        for shape in shapes:
            if not shape or any(not isinstance(size, int) or size < 1 for size in shape):
                return f"`{show(shape)}` is no shape: channels and sizes must be at least 1."
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
        """Why one of the numbers is out of range."""
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
        """Why a range or a pattern is none."""
        for name, most in (("layers", MOST_LAYERS), ("kernels", WIDEST), ("strides", WIDEST)):
            low, high = getattr(self, name)
            if not 1 <= low <= high <= most:
                value = low if low == high else f"{low} to {high}"
                return f"`{name}` (={value}) must be 1 to {most}, smaller first."
        for kernel, stride, padding in self.patterns:
            if not (1 <= kernel <= WIDEST and 1 <= stride <= WIDEST and 0 <= padding <= kernel // 2):
                return (
                    f"the pattern {kernel},{stride},{padding} (kernel, stride, padding) is none: kernel and "
                    f"stride are 1 to {WIDEST}, padding at most half the kernel."
                )
        if self.retrace and (self.retrace[0], self.retrace[-1]) != (self.input, self.output):
            return f"`retrace` must start at {show(self.input)} and end at {show(self.output)}."
        return ""

    def _depth(self) -> str:
        """Why so many layers in a row would not train."""
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
        """Numbers of layers that may be tried (of a mirror: each way)."""
        low, high = self.layers
        return [n for n in range(low, high + 1) if self.residuals or self._in_row(n) <= SKIPLESS]

    def without(self, name: str) -> "Problem":
        """The same problem with one wish at its loosest value."""
        if name == "multiple":
            return replace(self, multiple=1, ladders=(*self.ladders, self.multiple))
        if name == "layers":
            return replace(self, layers=(1, max(TRIED_LAYERS, self.layers[1])))
        if name in ("kernels", "strides"):
            wide: dict[str, Any] = {name: (1, max(LOOSEST[name][1], getattr(self, name)[1]))}
            return replace(self, **wide)
        return replace(self, **{name: LOOSEST[name]})

    def wished(self) -> list[str]:
        """Names of the wishes that are tighter than their loosest value."""
        return [name for name in LOOSEST if getattr(self.without(name), name) != getattr(self, name)]


LOOSEST: dict[str, Any] = {
    "patterns": (),
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
"""Wishes that can clash, those of the user last: what is blamed is tried in this order to be let go."""


def declare(direction: Direction, input: Shape, output: Shape, wishes: Wishes) -> Problem:
    """The problem of some shapes and wishes, single numbers made ranges.

    Raises:
        DesignError: a wish that is not known (the nearest is named) or out of range.

    >>> declare("down", (3, 32, 32), (10, 1, 1), {"layers": 5}).layers
    (5, 5)
    """
    given: dict[str, Any] = {name: value for name, value in wishes.items() if value is not None}
    for name in given:
        if name not in _KNOWN:
            near = get_close_matches(name, _KNOWN, n=1) or _KNOWN[:3]
            raise DesignError(f"there is no wish `{name}`; did you mean {', '.join(near)}?")
    given |= {name: read(name, given[name]) for name, read in _READ.items() if name in given}
    if given.get("retrace"):
        given["layers"] = (len(given["retrace"]) - 1,) * 2
    if given.get("patterns"):
        given = {"kernels": (1, WIDEST), "strides": (1, WIDEST), "overlap": False} | given
    return Problem(tuple(input), tuple(output), direction, **given)


def _pair(name: str, value: Any) -> tuple[int, ...]:
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or not all(isinstance(each, int) for each in pair):
        raise DesignError(f"`{name}` (={value!r}) must be a number or a pair (fewest, most).")
    return pair


def _several(name: str, value: Any) -> tuple[tuple[int, ...], ...]:
    """One shape (or pattern) or several."""
    found = tuple(value)
    found = (found,) if found and isinstance(found[0], int) else tuple(tuple(each) for each in found)
    if name == "patterns" and any(len(each) != 3 for each in found):
        raise DesignError(f"`patterns` (={value!r}) must be (kernel, stride, padding) each.")
    return found


_KNOWN = [field.name for field in fields(Problem)][3:-1]
_READ: dict[str, Callable[[str, Any], Any]] = dict.fromkeys(("layers", "kernels", "strides"), _pair)
_READ |= dict.fromkeys(("through", "retrace", "patterns"), _several)
