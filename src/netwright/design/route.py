"""Ways of one axis from its input size to its output size, and of the channels: what can stand where.

Everything here is counted before the solver starts, so that it sees only sizes that lie on some whole way.
"""

from collections.abc import Callable, Iterable
from math import lcm, log2
from typing import TypeVar

from netwright.design.layer import field_before
from netwright.design.pattern import Rules, Step, steps
from netwright.design.problem import Problem

Link = TypeVar("Link")
BANDS = (100, 1000, 10_000)
Links = list[list[tuple[int, int]]]


def unevenness(before: int, after: int, ideal: float) -> int:
    """How far one layer's factor is from the ideal one: the squared difference of binary logarithms, x1000.

    >>> unevenness(32, 16, ideal=-1.0), unevenness(32, 8, ideal=-1.0)
    (0, 1000)
    """
    return round(1000 * (log2(after / before) - ideal) ** 2)


def ideal(first: int, last: int, layers: int) -> float:
    """Binary logarithm of the factor that every layer would have were all alike.

    >>> ideal(32, 1, 5)
    -1.0
    """
    return log2(last / first) / layers


def axis_steps(
    first: int, last: int, layers: int, rules: Rules, most: float | None = None
) -> list[list[Step]]:
    """For each layer the steps that lie on some way from `first` to `last`; empty lists when there is none.

    `most` leaves out sizes that lie on no way with so small an unevenness.
    """
    low, high = min(first, last), max(first, last)

    def onward(size: int, left: int) -> list[Step]:
        least, largest = _band(first, last, layers, left, most)
        largest = min(high if rules.up else _most(last, left, rules), largest)
        return [step for step in steps(size, rules) if max(low, least) <= step.out <= largest]

    return _through(first, last, layers, onward, lambda step: (step.size, step.out))


def _band(first: int, last: int, layers: int, left: int, most: float | None) -> tuple[float, float]:
    """Sizes at the station with so many layers behind it, on ways whose unevenness is at most `most`.

    Deviations that sum to D after i of n layers and to 0 after all have squares that sum to at least
    D² n / i(n - i).
    """
    if most is None:
        return 0, max(first, last)
    done = layers - left
    middle = log2(first) + done * ideal(first, last, layers)
    off = ((most + layers) / 1000 * done * left / layers) ** 0.5 + 1e-9
    return 2 ** (middle - off), 2 ** (middle + off)


def _most(last: int, layers: int, rules: Rules) -> int:
    """Bound of the sizes from which so many layers still shrink to `last`."""
    size = last
    for _ in range(layers):
        size = size * rules.strides[1] + rules.kernels[1]
    return size


def channel_links(problem: Problem, layers: int, first: int, last: int) -> Links:
    """For each layer the pairs of channels that lie on some way from `first` to `last`."""
    choices = _candidates(problem, first, last)

    def onward(channels: int, left: int) -> list[tuple[int, int]]:
        ahead = choices if left else [last]
        return [(channels, out) for out in ahead if _may_follow(problem, channels, out, last >= first)]

    return _through(first, last, layers, onward, lambda pair: pair)


def _may_follow(problem: Problem, channels: int, out: int, rising: bool) -> bool:
    small, large = sorted((channels, out))
    if problem.max_step is not None and large > problem.max_step * small:
        return False
    return not problem.monotone or (out >= channels if rising else out <= channels)


def _candidates(problem: Problem, first: int, last: int) -> list[int]:
    """Channels that may stand between: the ladder of the multiple, and those of the shapes that are given.

    The ladder climbs by factors of 4/3 and 3/2: m, 2m, 3m, 4m, 6m, 8m, 12m … The larger end is a rung too, so
    that a net narrower than the multiple has one; the smaller is not, or a long net would idle at 1 channel.
    Groups and bottlenecks divide every rung.
    """
    most = 2 * max(first, last)
    found = {max(first, last), *(shape[0] for shape in (*problem.through, *problem.retrace))}
    for multiple in (problem.multiple, *problem.ladders):
        whole = lcm(multiple, problem.groups, problem.bottleneck)
        for rung in (whole, 3 * whole):
            while rung <= most:
                found.add(rung)
                rung *= 2
    return sorted(found)


def _through(
    first: int,
    last: int,
    layers: int,
    onward: Callable[[int, int], Iterable[Link]],
    ends: Callable[[Link], tuple[int, int]],
) -> list[list[Link]]:
    """Links of each layer that are reached from `first` and reach `last`.

    `onward` gives the links from a place with so many layers left behind them.
    """
    reached = {first}
    forward: list[list[Link]] = []
    for left in reversed(range(layers)):
        forward.append([link for place in sorted(reached) for link in onward(place, left)])
        reached = {ends(link)[1] for link in forward[-1]}
    wanted = {last}
    kept: list[list[Link]] = []
    for links in reversed(forward):
        kept.append([link for link in links if ends(link)[1] in wanted])
        wanted = {ends(link)[0] for link in kept[-1]}
    return kept[::-1]


def even_links(
    layers: list[list[Link]], slack: int | None, ends: Callable[[Link], tuple[int, int]], target: float
) -> tuple[list[list[Link]], int]:
    """The links on some way at most `slack` less even than the most even one, and the latter's unevenness.

    With a slack of 0 every way through the links that are left is one of the most even.
    """
    before, after = _costs([[ends(link) for link in layer] for layer in layers], target)
    least = min(before[-1].values(), default=0)
    if slack is None:
        return layers, least
    kept = []
    for layer, start, rest in zip(layers, before, after[1:], strict=False):
        costs = ((link, *ends(link)) for link in layer)
        kept.append(
            [link for link, a, b in costs if start[a] + unevenness(a, b, target) + rest[b] <= least + slack]
        )
    return kept, least


def even_steps(
    first: int, last: int, layers: int, rules: Rules, slack: int | None
) -> tuple[list[list[Step]], int]:
    """Steps on the ways of one axis that are even up to `slack`, and the least unevenness."""
    target = ideal(first, last, layers)
    for most in (*BANDS, None) if slack is not None else (None,):
        found = axis_steps(first, last, layers, rules, most)
        if all(found):
            links, least = even_links(found, slack, lambda step: (step.size, step.out), target)
            if most is None or slack is None or least + slack <= most:
                return links, least
    return found, 0


def _costs(layers: Links, target: float) -> tuple[list[dict[int, int]], list[dict[int, int]]]:
    """For each station the least unevenness from the first place to its places, and on to the last."""
    before = _sweep(layers, target)
    after = _sweep([[(b, a) for a, b in layer] for layer in reversed(layers)], -target)
    return before, after[::-1]


def _sweep(layers: Links, target: float) -> list[dict[int, int]]:
    costs: list[dict[int, int]] = [dict.fromkeys((a for a, _ in layers[0]), 0)]
    for layer in layers:
        best: dict[int, int] = {}
        for a, b in layer:
            cost = costs[-1][a] + unevenness(a, b, target)
            best[b] = min(cost, best.get(b, cost))
        costs.append(best)
    return costs


def field_bounds(
    links: list[list[Step]], more: list[Callable[[int], int]], *, up: bool
) -> list[tuple[int, int]]:
    """Fewest and most positions that an output sees at each station.

    `more` is what the blocks behind each layer add on an axis of some size.
    """
    seen = {step.out: (1, 1) for step in links[-1]}
    bounds = [(1, 1)]
    for layer, extra in zip(reversed(links), reversed(more), strict=True):
        before: dict[int, tuple[int, int]] = {}
        for step in layer:
            low, high = (
                field_before(field + extra(step.out), step.kernel, step.stride, up=up)
                for field in seen[step.out]
            )
            least, most = before.get(step.size, (low, high))
            before[step.size] = min(low, least), max(high, most)
        seen = before
        bounds.append((min(low for low, _ in seen.values()), max(high for _, high in seen.values())))
    return bounds[::-1]
