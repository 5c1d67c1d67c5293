"""Fit a registered family to a budget: the width and depth with which it costs what another design costs.

A comparison is fair at equal parameters or equal MACs. Widths and depths are whole numbers, so budgets are
met up to 1 %; where no pair does, the nearest is named.
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
    """A spec that meets a budget; `ratio` is its cost over the budget."""

    spec: str
    params: int
    macs: int
    ratio: float


@dataclass(frozen=True)
class _Family:
    """A registered name with the two arguments that are still free."""

    spec: Spec
    input: Shape
    classes: int | None
    cost: Objective
    width: str
    usual: int
    deep: bool

    def text(self, depth: int, width: int) -> str:
        options = {**self.spec.options, self.width: width} | ({"depth": depth} if self.deep else {})
        words = [repr(value) for value in self.spec.args]
        words += [f"{name}={value!r}" for name, value in options.items() if name]
        return f"{self.spec.name}({', '.join(words)})"

    def of(self, depth: int, width: int) -> int:
        """What a depth and a width cost."""
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
    """The width, and the depth where `spec` leaves it open, that meet one budget.

    Args:
        spec: a registered family, as `resnet(block="bottleneck")`; what it gives is kept.
        input: shape of one example without batch.
        classes: outputs, where the spec does not give them.
        max_params: the largest of the family with at most so many parameters.
        max_macs: the same for multiply-accumulates.
        match: another spec, whose cost is met within 1 %, at a width near the family's usual one.
        by: what `match` compares, `params` or `macs`.

    Raises:
        DesignError: no budget or several, or a spec without a free width or depth.
        InfeasibleError: none within 1 %, or the smallest is over the budget; the nearest is named.

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
    return family.width if _takes_any(first.name, family.usual) else None


@cache
def _takes_any(name: str, usual: int) -> bool:
    """Whether a network is built with a width that is not a multiple of anything it may have to divide by."""
    return _accepts(_family(name, entries()[name].input, None, "params"), 0, usual + 1)


def _family(text: str, input: Shape, classes: int | None, cost: Objective) -> _Family:
    spec = parse(text)
    if spec.home or spec.name not in entries():
        load(text, input=input, classes=classes)
        raise DesignError(f"`{text}` is no registered family; `netwright models` lists those that are.")
    entry = entries()[spec.name]
    known = signature(entry.build).parameters
    fixed = set(entry.arguments) | set(spec.options) | set(list(known)[: len(spec.args)])
    width = next((name for name in WIDTHS if name in known and name not in fixed), None)
    deep = "depth" in known and "depth" not in fixed and known["depth"].default is Parameter.empty
    if width is None or not isinstance(usual := known[width].default, int):
        raise DesignError(f"`{text}` has no free width to fit; leave {' or '.join(WIDTHS)} out of it.")
    return _Family(spec, input, classes, cost, width, usual, deep)


@lru_cache(maxsize=4096)
def _cost(text: str, input: Shape, classes: int | None, cost: Objective) -> int:
    with torch.device("meta"):
        net = load(text, input=input, classes=classes)
    return sum(p.numel() for p in net.parameters()) if cost == "params" else macs(net, input)


def _largest(cost: Callable[[int], int], most: int, budget: int) -> int:
    """The largest number up to `most` whose cost is within the budget; 0 when none is."""
    low, high = 0, 1
    while high <= most and cost(high) <= budget:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle <= most and cost(middle) <= budget else (low, middle)
    return low


def _depths(family: _Family) -> list[int]:
    """Depths that the family can have; it refuses others before it builds anything."""
    if not family.deep:
        return [0]
    first = [depth for depth in range(1, SHALLOW) if _accepts(family, depth)]
    gaps = {after - before for before, after in pairwise(first)}
    if len(first) > 2 and len(gaps) == 1:
        return list(range(first[0], DEEPEST + 1, gaps.pop()))
    found = first + [depth for depth in range(SHALLOW, DEEPEST + 1) if _accepts(family, depth)]
    if not found:
        raise DesignError(f"`{family.spec.text}` can be built with no depth up to {DEEPEST}; name its depth.")
    return found


def _accepts(family: _Family, depth: int, width: int = 1) -> bool:
    try:
        with torch.device("meta"):
            load(family.text(depth, width), input=family.input, classes=family.classes)
    except UsageError:
        return False
    return True


def _deepest(family: _Family, depths: list[int], budget: int) -> int:
    """How many of the depths are within the budget at the usual width."""
    return _largest(lambda n: family.of(depths[n - 1], family.usual), len(depths), budget)


def _under(family: _Family, budget: int) -> Fit:
    """The deepest at the usual width; the widest where the depth is given or the shallowest is too much."""
    depths = _depths(family)
    place = _deepest(family, depths, budget)
    if family.deep and place:
        return _result(family, depths[place - 1], family.usual, budget)
    width = _largest(lambda n: family.of(depths[0], n), WIDEST, budget)
    if width:
        return _result(family, depths[0], width, budget)
    least = family.of(depths[0], 1)
    raise InfeasibleError(
        f"the smallest, {family.text(depths[0], 1)}, has {least:,} {family.cost}; the budget is {budget:,}."
    )


def _like(family: _Family, target: int, match: str) -> Fit:
    """The one within 1 % whose depth is nearest to the one that fits at the usual width."""
    nearest: tuple[float, int, int] | None = None
    for depth, width in _near(family, target):
        off = abs(family.of(depth, width) / target - 1)
        if nearest is None or off < nearest[0]:
            nearest = off, depth, width
        if off <= TOLERANCE:
            return _result(family, depth, width, target)
    assert nearest is not None
    found = _result(family, *nearest[1:], target)
    raise InfeasibleError(
        f"no `{family.spec.text}` has within 1 % of the {target:,} {family.cost} of `{match}`; "
        f"the nearest, {found.spec}, has {found.ratio:.1%}"
        + ("." if family.deep else "; name the family without its depth to let that vary too.")
    )


def _near(family: _Family, target: int) -> Iterator[tuple[int, int]]:
    """Depths around the one that fits at the usual width, each with the two widths around the target."""
    depths = _depths(family)
    place = max(0, _deepest(family, depths, target) - 1) if family.deep else 0
    around = sorted(range(len(depths)), key=lambda index: abs(index - place))
    for index in around[: 2 * NEAR]:
        width = _width(family, depths[index], target)
        yield from ((depths[index], each) for each in (width, width + 1))


def _width(family: _Family, depth: int, target: int) -> int:
    """The widest within the target, from a first guess: weights grow with the square of the width."""
    width = max(1, round(family.usual * (target / family.of(depth, family.usual)) ** 0.5))
    while width > 1 and family.of(depth, width) > target:
        width -= 1
    while family.of(depth, width + 1) <= target:
        width += 1
    return width


def _result(family: _Family, depth: int, width: int, budget: int) -> Fit:
    text = family.text(depth, width)
    counts = {cost: _cost(text, family.input, family.classes, cost) for cost in ("params", "macs")}
    return Fit(text, counts["params"], counts["macs"], counts[family.cost] / budget)
