"""Paths of one axis, and of the channels, from input to output: which value can occur at which level.

The paths form a layered graph: its nodes are the values at each level, its arcs the steps of each layer. It
is reduced before the solver starts, which then sees only values that lie on some complete path.
"""

from collections.abc import Callable, Iterable
from math import lcm, log2
from typing import TypeVar

from netwright.design.layer import field_before
from netwright.design.problem import Problem
from netwright.design.step import Step, StepLimits, steps

Arc = TypeVar("Arc")
Arcs = list[list[tuple[int, int]]]
BANDS = (100, 1000, 10_000)


def unevenness(before: int, after: int, ideal: float) -> int:
    """Return how far the factor of one layer is from the ideal: 1000 times the squared difference of log2.

    >>> unevenness(32, 16, ideal=-1.0), unevenness(32, 8, ideal=-1.0)
    (0, 1000)
    """
    return round(1000 * (log2(after / before) - ideal) ** 2)


def ideal_factor(first: int, last: int, layers: int) -> float:
    """Return the binary logarithm of the factor that every layer would have if all had the same.

    >>> ideal_factor(32, 1, 5)
    -1.0
    """
    return log2(last / first) / layers


def axis_steps(
    first: int, last: int, layers: int, limits: StepLimits, most: float | None = None
) -> list[list[Step]]:
    """Return for each layer the steps that lie on a path from `first` to `last`; empty lists without a path.

    `most` leaves out sizes that lie on no path of at most that unevenness.
    """
    low, high = min(first, last), max(first, last)

    def successors(size: int, left: int) -> list[Step]:
        least, largest = _band(first, last, layers, left, most)
        largest = min(high if limits.up else _largest_size(last, left, limits), largest)
        return [step for step in steps(size, limits) if max(low, least) <= step.out <= largest]

    return _arcs_on_paths(first, last, layers, successors, lambda step: (step.size, step.out))


def _band(first: int, last: int, layers: int, left: int, most: float | None) -> tuple[float, float]:
    """Return the sizes that are possible `left` layers before the end on paths of at most `most` unevenness.

    Deviations that sum to D after i of n layers and to 0 after all of them have squares that sum to at least
    D² n / i(n - i).
    """
    if most is None:
        return 0, max(first, last)
    done = layers - left
    middle = log2(first) + done * ideal_factor(first, last, layers)
    deviation = ((most + layers) / 1000 * done * left / layers) ** 0.5 + 1e-9
    return 2 ** (middle - deviation), 2 ** (middle + deviation)


def _largest_size(last: int, layers: int, limits: StepLimits) -> int:
    """Return a bound of the sizes from which this many layers can still shrink to `last`."""
    size = last
    for _ in range(layers):
        size = size * limits.strides[1] + limits.kernels[1]
    return size


def channel_arcs(problem: Problem, layers: int, first: int, last: int) -> Arcs:
    """Return for each layer the pairs of channels that lie on a path from `first` to `last`."""
    choices = _channel_choices(problem, first, last)

    def successors(channels: int, left: int) -> list[tuple[int, int]]:
        ahead = choices if left else [last]
        return [(channels, out) for out in ahead if _may_follow(problem, channels, out, last >= first)]

    return _arcs_on_paths(first, last, layers, successors, lambda arc: arc)


def _may_follow(problem: Problem, channels: int, out: int, rising: bool) -> bool:
    small, large = sorted((channels, out))
    if problem.max_step is not None and large > problem.max_step * small:
        return False
    return not problem.monotone or (out >= channels if rising else out <= channels)


def _channel_choices(problem: Problem, first: int, last: int) -> list[int]:
    """Return the channels that are possible between the ends, and those of the shapes that are given.

    They grow by factors of 4/3 and 3/2: m, 2m, 3m, 4m, 6m, 8m, 12m … for a multiple m. The larger end is a
    choice too, so that a network narrower than the multiple has one. The smaller end is not, because a long
    network would stay at 1 channel. Groups and bottlenecks divide every choice.
    """
    most = 2 * max(first, last)
    choices = {max(first, last), *(shape[0] for shape in (*problem.through, *problem.retrace))}
    for multiple in (problem.multiple, *problem.further_multiples):
        smallest = lcm(multiple, problem.groups, problem.bottleneck)
        for channels in (smallest, 3 * smallest):
            while channels <= most:
                choices.add(channels)
                channels *= 2
    return sorted(choices)


def _arcs_on_paths(
    first: int,
    last: int,
    layers: int,
    successors: Callable[[int, int], Iterable[Arc]],
    nodes: Callable[[Arc], tuple[int, int]],
) -> list[list[Arc]]:
    """Return the arcs of each layer that can be reached from `first` and from which `last` can be reached.

    `successors` gives the arcs that leave a node with a number of layers left after them.
    """
    reached = {first}
    forward: list[list[Arc]] = []
    for left in reversed(range(layers)):
        forward.append([arc for node in sorted(reached) for arc in successors(node, left)])
        reached = {nodes(arc)[1] for arc in forward[-1]}
    wanted = {last}
    backward: list[list[Arc]] = []
    for arcs in reversed(forward):
        backward.append([arc for arc in arcs if nodes(arc)[1] in wanted])
        wanted = {nodes(arc)[0] for arc in backward[-1]}
    return backward[::-1]


def even_arcs(
    layers: list[list[Arc]], slack: int | None, nodes: Callable[[Arc], tuple[int, int]], ideal: float
) -> tuple[list[list[Arc]], int]:
    """Return the arcs on paths at most `slack` more uneven than the most even path, and its unevenness.

    With a slack of 0 every path along the arcs that remain is one of the most even.
    """
    before, after = _distances([[nodes(arc) for arc in layer] for layer in layers], ideal)
    least = min(before[-1].values(), default=0)
    if slack is None:
        return layers, least
    remaining = []
    for layer, start, rest in zip(layers, before, after[1:], strict=False):
        costs = ((arc, *nodes(arc)) for arc in layer)
        remaining.append(
            [arc for arc, a, b in costs if start[a] + unevenness(a, b, ideal) + rest[b] <= least + slack]
        )
    return remaining, least


def even_steps(
    first: int, last: int, layers: int, limits: StepLimits, slack: int | None
) -> tuple[list[list[Step]], int]:
    """Return the steps on the paths of one axis that are even up to `slack`, and the least unevenness."""
    ideal = ideal_factor(first, last, layers)
    for most in (*BANDS, None) if slack is not None else (None,):
        candidates = axis_steps(first, last, layers, limits, most)
        if all(candidates):
            arcs, least = even_arcs(candidates, slack, lambda step: (step.size, step.out), ideal)
            if most is None or slack is None or least + slack <= most:
                return arcs, least
    return candidates, 0


def _distances(layers: Arcs, ideal: float) -> tuple[list[dict[int, int]], list[dict[int, int]]]:
    """Return for each level the least unevenness from the first level to its nodes, and on to the last."""
    before = _shortest(layers, ideal)
    after = _shortest([[(b, a) for a, b in layer] for layer in reversed(layers)], -ideal)
    return before, after[::-1]


def _shortest(layers: Arcs, ideal: float) -> list[dict[int, int]]:
    """Return the lengths of the shortest paths to the nodes of each level (dynamic programming)."""
    lengths: list[dict[int, int]] = [dict.fromkeys((a for a, _ in layers[0]), 0)]
    for layer in layers:
        best: dict[int, int] = {}
        for a, b in layer:
            length = lengths[-1][a] + unevenness(a, b, ideal)
            best[b] = min(length, best.get(b, length))
        lengths.append(best)
    return lengths


def field_bounds(
    arcs: list[list[Step]], residual_reach: list[Callable[[int], int]], *, up: bool
) -> list[tuple[int, int]]:
    """Return the fewest and the most positions of each level that an output sees.

    `residual_reach` gives what the residual blocks after each layer add on an axis of some size.
    """
    seen = {step.out: (1, 1) for step in arcs[-1]}
    bounds = [(1, 1)]
    for layer, reach in zip(reversed(arcs), reversed(residual_reach), strict=True):
        before: dict[int, tuple[int, int]] = {}
        for step in layer:
            low, high = (
                field_before(field + reach(step.out), step.kernel, step.stride, up=up)
                for field in seen[step.out]
            )
            least, most = before.get(step.size, (low, high))
            before[step.size] = min(low, least), max(high, most)
        seen = before
        bounds.append((min(low for low, _ in seen.values()), max(high for _, high in seen.values())))
    return bounds[::-1]
