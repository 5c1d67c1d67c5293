"""Paths from size to size: the reduced graph against all paths."""

from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.design.layered_graph import (
    axis_steps,
    channel_arcs,
    even_arcs,
    even_steps,
    field_bounds,
    ideal_factor,
    unevenness,
)
from netwright.design.problem import Problem
from netwright.design.step import Step, StepLimits, steps

LIMITS = StepLimits(False, (1, 4), (1, 3), (), False, True, True, True)


def paths(first: int, last: int, layers: int) -> list[list[Step]]:
    if not layers:
        return [[]] if first == last else []
    return [[step, *path] for step in steps(first, LIMITS) for path in paths(step.out, last, layers - 1)]


def cost(path, first, last) -> int:
    return sum(unevenness(s.size, s.out, ideal_factor(first, last, len(path))) for s in path)


@settings(max_examples=40)
@given(st.integers(2, 16), st.integers(1, 6), st.integers(1, 3))
def test_the_arcs_are_exactly_those_on_some_complete_path(size, last, layers):
    last = min(size, last)
    every = paths(size, last, layers)
    expected = [{path[index] for path in every} for index in range(layers)]
    assert [set(layer) for layer in axis_steps(size, last, layers, LIMITS)] == expected


@settings(max_examples=40)
@given(st.integers(2, 20), st.integers(1, 6), st.integers(1, 3), st.sampled_from([0, 50, 400]))
def test_no_path_within_the_slack_is_lost_and_with_slack_0_no_worse_path_remains(size, last, layers, slack):
    last = min(size, last)
    every = paths(size, last, layers)
    arcs, least = even_steps(size, last, layers, LIMITS, slack)
    assert bool(every) == all(arcs)
    if every:
        assert least == min(cost(path, size, last) for path in every)
    for path in every:
        if cost(path, size, last) <= least + slack:
            assert all(step in layer for step, layer in zip(path, arcs, strict=True))
    if slack == 0:
        remaining = [path for path in every if all(s in layer for s, layer in zip(path, arcs, strict=True))]
        assert {cost(path, size, last) for path in remaining} <= {least}


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 3), st.sampled_from([1, 4, 8]), st.booleans())
def test_channels_between_are_multiples_that_turn_back_only_where_allowed(
    first, last, layers, multiple, turn
):
    problem = Problem((first, 8), (last, 1), multiple=multiple, monotone=not turn, max_step=16)
    arcs = channel_arcs(problem, layers, first, last)
    for before, after in pairwise(arcs):
        assert {pair[1] for pair in before} == {pair[0] for pair in after}
    for a, b in (pair for layer in arcs for pair in layer):
        assert max(a, b) <= 16 * min(a, b)
        assert turn or (b >= a if last >= first else b <= a)
    between = {pair[1] for layer in arcs[:-1] for pair in layer}
    assert all(channels % multiple == 0 or channels == max(first, last) for channels in between)


def test_groups_and_bottlenecks_divide_the_channels_between():
    problem = Problem((3, 8), (100, 1), groups=3, bottleneck=5)
    between = {pair[1] for pair in channel_arcs(problem, 2, 3, 100)[0]} - {100}
    assert between == set()
    problem = Problem((3, 8), (300, 1), groups=3, bottleneck=5)
    assert {pair[1] for pair in channel_arcs(problem, 2, 3, 300)[0]} == {120, 240, 300}


def test_even_arcs_keep_all_without_a_slack():
    pairs = [[(1, 2), (1, 4)], [(2, 8), (4, 8)]]
    assert even_arcs(pairs, None, lambda pair: pair, 1.5)[0] == pairs
    assert even_arcs(pairs, 0, lambda pair: pair, 1.5) == (pairs, 500)


@settings(max_examples=30)
@given(st.integers(2, 14), st.integers(1, 3), st.integers(0, 1))
def test_field_bounds_are_those_of_the_narrowest_and_the_widest_path(size, layers, blocks):
    every = paths(size, 1, layers)
    if not every:
        return

    def more(size: int) -> int:
        return 4 * blocks * (size > 1)

    def field(path) -> int:
        seen = 1
        for step in reversed(path):
            seen = (seen + more(step.out) - 1) * step.stride + step.kernel
        return seen

    bounds = field_bounds(axis_steps(size, 1, layers, LIMITS), [more] * layers, up=False)
    assert bounds[0] == (min(map(field, every)), max(map(field, every)))
    assert bounds[-1] == (1, 1)


def test_unevenness_is_zero_only_on_the_ideal_path():
    """Of all the ways to write 64 as a product of three factors only 4 x 4 x 4 costs nothing."""
    factors = [path for path in product((1, 2, 4, 8, 16), repeat=3) if path[0] * path[1] * path[2] == 64]
    free = [path for path in factors if not sum(unevenness(1, f, ideal_factor(1, 64, 3)) for f in path)]
    assert free == [(4, 4, 4)]
