"""Fit a registered family to a budget: the width and depth with which it costs as much as another network.

A comparison is fair at equal parameters or equal MACs. Widths and depths are whole numbers, so a cost is
matched within 1 %; where no width and depth does that, the error names the nearest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from inspect import Parameter, signature
from itertools import pairwise

import torch

from netwright.analysis.macs import macs
from netwright.arithmetic.shape import Shape
from netwright.design.problem import Objective
from netwright.errors import DesignError, InfeasibleError, UsageError
from netwright.models.registry import Entry, entries
from netwright.spec import Spec, load, parse

WIDTHS = ("width", "growth", "widen")
DEEPEST = 240
SHALLOW = 40
WIDEST = 4096
NEAR = 6
TOLERANCE = 0.01


@dataclass(frozen=True)
class Fit:
    """A spec that meets a budget; `ratio` is its cost divided by the budget."""

    spec: str
    params: int
    macs: int
    ratio: float


@dataclass(frozen=True)
class _Family:
    """A registered name, and which of its width and depth are still free."""

    spec: Spec
    input: Shape
    classes: int | None
    cost: Objective
    width: str
    default: int
    deep: bool

    def text(self, depth: int, width: int) -> str:
        options = {**self.spec.options, self.width: width} | ({"depth": depth} if self.deep else {})
        words = [repr(value) for value in self.spec.args]
        words += [f"{name}={value!r}" for name, value in options.items() if name]
        return f"{self.spec.name}({', '.join(words)})"

    def of(self, depth: int, width: int) -> int:
        """Return what a depth and a width cost."""
        return _cost(self.text(depth, width), self.input, self.classes, self.cost)


def fit(
    spec: str,
    *,
    input: Shape,
    classes: int | None = None,
    max_params: int | None = None,
    max_macs: int | None = None,
    match: str | None = None,
    by: Objective = "params",
) -> Fit:
    """Return the width, and the depth where `spec` leaves it open, that meet one budget.

    Args:
        spec: a registered family, such as `resnet(block="bottleneck")`; arguments that it gives stay.
        input: the shape of one example without the batch.
        classes: the number of outputs, where the spec does not give it.
        max_params: fit the largest network of the family with at most this many parameters.
        max_macs: the same for multiply-accumulates.
        match: another spec, whose cost is matched within 1 % at a width near the default of the family.
        by: which cost `match` compares, `params` or `macs`.

    Raises:
        DesignError: no budget or several are given, or the spec leaves no width free.
        InfeasibleError: no network is within 1 %, or the smallest one exceeds the budget.

    >>> fit("plain20", input=(3, 32, 32), max_params=70_000).spec
    'plain20(width=8)'
    """
    given = {"max_params": max_params, "max_macs": max_macs, "match": match}
    if sum(value is not None for value in given.values()) != 1:
        raise DesignError("give one budget: `max_params`, `max_macs` or `match`.")
    if by not in ("params", "macs"):
        raise DesignError(f"`by` (={by!r}) must be 'params' or 'macs'.")
    for name in ("max_params", "max_macs"):
        if (value := given[name]) is not None and int(value) < 1:
            raise DesignError(f"`{name}` (={value}) must be at least 1.")
    cost: Objective = by if match is not None else "params" if max_params is not None else "macs"
    family = _family(spec, input, classes, cost)
    if match is None:
        return _under(family, max_params or max_macs or 0)
    return _like(family, _cost(match, input, classes, cost), match)


def fitted_argument(entry: Entry) -> str | None:
    """Return the argument that `fit` changes in a registered network; None if it cannot fit the network.

    >>> fitted_argument(entries()["resnet20"]), fitted_argument(entries()["lenet5"])
    ('width', None)
    """
    try:
        family = _family(entry.name, entry.input, None, "params")
    except DesignError:
        return None
    first = next(other for other in entries().values() if other.build is entry.build and other.complete)
    return family.width if _takes_any(first.name, family.default) else None


@cache
def _takes_any(name: str, default: int) -> bool:
    """Return whether a network can be built with a width that shares no factor with its default width."""
    return _accepts(_family(name, entries()[name].input, None, "params"), 0, default + 1)


def _family(text: str, input: Shape, classes: int | None, cost: Objective) -> _Family:
    spec = parse(text)
    if spec.home or spec.name not in entries():
        load(text, input=input, classes=classes)
        raise DesignError(f"`{text}` is not a registered family; `netwright models` lists the families.")
    entry = entries()[spec.name]
    known = signature(entry.build).parameters
    fixed = set(entry.arguments) | set(spec.options) | set(list(known)[: len(spec.args)])
    width = next((name for name in WIDTHS if name in known and name not in fixed), None)
    deep = "depth" in known and "depth" not in fixed and known["depth"].default is Parameter.empty
    if width is None or not isinstance(default := known[width].default, int):
        raise DesignError(f"`{text}` has no free width to fit; leave {' or '.join(WIDTHS)} out of it.")
    return _Family(spec, input, classes, cost, width, default, deep)


@lru_cache(maxsize=4096)
def _cost(text: str, input: Shape, classes: int | None, cost: Objective) -> int:
    with torch.device("meta"):
        net = load(text, input=input, classes=classes)
    return sum(p.numel() for p in net.parameters()) if cost == "params" else macs(net, input)


def _largest(cost: Callable[[int], int], most: int, budget: int) -> int:
    """Return the largest number up to `most` whose cost is within the budget; 0 when none is."""
    low, high = 0, 1
    while high <= most and cost(high) <= budget:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle <= most and cost(middle) <= budget else (low, middle)
    return low


def _depths(family: _Family) -> list[int]:
    """Return the depths that the family can have; it refuses others before it builds anything."""
    if not family.deep:
        return [0]
    first = [depth for depth in range(1, SHALLOW) if _accepts(family, depth)]
    gaps = {after - before for before, after in pairwise(first)}
    if len(first) > 2 and len(gaps) == 1:
        return list(range(first[0], DEEPEST + 1, gaps.pop()))
    depths = first + [depth for depth in range(SHALLOW, DEEPEST + 1) if _accepts(family, depth)]
    if not depths:
        raise DesignError(
            f"`{family.spec.text}` cannot be built with a depth up to {DEEPEST}; give its depth."
        )
    return depths


def _accepts(family: _Family, depth: int, width: int = 1) -> bool:
    try:
        with torch.device("meta"):
            load(family.text(depth, width), input=family.input, classes=family.classes)
    except UsageError:
        return False
    return True


def _deepest(family: _Family, depths: list[int], budget: int) -> int:
    """Return how many of the depths are within the budget at the default width."""
    return _largest(lambda n: family.of(depths[n - 1], family.default), len(depths), budget)


def _under(family: _Family, budget: int) -> Fit:
    """Return the deepest network at the default width, or the widest one where the depth cannot grow."""
    depths = _depths(family)
    place = _deepest(family, depths, budget)
    if family.deep and place:
        return _result(family, depths[place - 1], family.default, budget)
    width = _largest(lambda n: family.of(depths[0], n), WIDEST, budget)
    if width:
        return _result(family, depths[0], width, budget)
    least = family.of(depths[0], 1)
    raise InfeasibleError(
        f"the smallest network, {family.text(depths[0], 1)}, has {least:,} {family.cost}; "
        f"the budget is {budget:,}."
    )


def _like(family: _Family, target: int, match: str) -> Fit:
    """Return the network within 1 % whose depth is nearest to the one that fits at the default width."""
    nearest: tuple[float, int, int] | None = None
    for depth, width in _near(family, target):
        off = abs(family.of(depth, width) / target - 1)
        if nearest is None or off < nearest[0]:
            nearest = off, depth, width
        if off <= TOLERANCE:
            return _result(family, depth, width, target)
    assert nearest is not None
    closest = _result(family, *nearest[1:], target)
    raise InfeasibleError(
        f"no width of `{family.spec.text}` comes within 1 % of the {target:,} {family.cost} of `{match}`; "
        f"the nearest, {closest.spec}, has {closest.ratio:.1%}"
        + ("." if family.deep else "; give the family without its depth to let the depth vary too.")
    )


def _near(family: _Family, target: int) -> Iterator[tuple[int, int]]:
    """Yield depths around the one that fits at the default width, with the two widths around the target."""
    depths = _depths(family)
    place = max(0, _deepest(family, depths, target) - 1) if family.deep else 0
    around = sorted(range(len(depths)), key=lambda index: abs(index - place))
    for index in around[: 2 * NEAR]:
        width = _width(family, depths[index], target)
        yield from ((depths[index], each) for each in (width, width + 1))


def _width(family: _Family, depth: int, target: int) -> int:
    """Return the widest within the target; the first guess is that weights grow with the squared width."""
    width = max(1, round(family.default * (target / family.of(depth, family.default)) ** 0.5))
    while width > 1 and family.of(depth, width) > target:
        width -= 1
    while family.of(depth, width + 1) <= target:
        width += 1
    return width


def _result(family: _Family, depth: int, width: int, budget: int) -> Fit:
    text = family.text(depth, width)
    counts = {cost: _cost(text, family.input, family.classes, cost) for cost in ("params", "macs")}
    return Fit(text, counts["params"], counts["macs"], counts[family.cost] / budget)
