"""Ways from size to size: pruned ways against all ways."""

from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from netwright.design.pattern import Rules, Step, steps
from netwright.design.problem import Problem
from netwright.design.route import (
    axis_steps,
    channel_links,
    even_links,
    even_steps,
    field_bounds,
    ideal,
    unevenness,
)
from strategies import settings

RULES = Rules(False, (1, 4), (1, 3), (), False, True, True, True)


def ways(first: int, last: int, layers: int) -> list[list[Step]]:
    if not layers:
        return [[]] if first == last else []
    return [[step, *way] for step in steps(first, RULES) for way in ways(step.out, last, layers - 1)]


def cost(way, first, last) -> int:
    return sum(unevenness(s.size, s.out, ideal(first, last, len(way))) for s in way)


@settings(max_examples=40)
@given(st.integers(2, 16), st.integers(1, 6), st.integers(1, 3))
def test_links_are_exactly_those_on_some_whole_way(size, last, layers):
    last = min(size, last)
    every = ways(size, last, layers)
    expected = [{way[index] for way in every} for index in range(layers)]
    assert [set(layer) for layer in axis_steps(size, last, layers, RULES)] == expected


@settings(max_examples=40)
@given(st.integers(2, 20), st.integers(1, 6), st.integers(1, 3), st.sampled_from([0, 50, 400]))
def test_no_way_within_the_slack_is_lost_and_none_of_slack_0_is_worse(size, last, layers, slack):
    last = min(size, last)
    every = ways(size, last, layers)
    links, least = even_steps(size, last, layers, RULES, slack)
    assert bool(every) == all(links)
    if every:
        assert least == min(cost(way, size, last) for way in every)
    for way in every:
        if cost(way, size, last) <= least + slack:
            assert all(step in layer for step, layer in zip(way, links, strict=True))
    if slack == 0:
        kept = [way for way in every if all(s in layer for s, layer in zip(way, links, strict=True))]
        assert {cost(way, size, last) for way in kept} <= {least}


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 3), st.sampled_from([1, 4, 8]), st.booleans())
def test_channels_between_are_multiples_that_turn_back_only_where_allowed(
    first, last, layers, multiple, turn
):
    problem = Problem((first, 8), (last, 1), multiple=multiple, monotone=not turn, max_step=16)
    links = channel_links(problem, layers, first, last)
    for before, after in pairwise(links):
        assert {pair[1] for pair in before} == {pair[0] for pair in after}
    for a, b in (pair for layer in links for pair in layer):
        assert max(a, b) <= 16 * min(a, b)
        assert turn or (b >= a if last >= first else b <= a)
    between = {pair[1] for layer in links[:-1] for pair in layer}
    assert all(channels % multiple == 0 or channels == max(first, last) for channels in between)


def test_groups_and_bottlenecks_divide_the_channels_between():
    problem = Problem((3, 8), (100, 1), groups=3, bottleneck=5)
    between = {pair[1] for pair in channel_links(problem, 2, 3, 100)[0]} - {100}
    assert between == set()
    problem = Problem((3, 8), (300, 1), groups=3, bottleneck=5)
    assert {pair[1] for pair in channel_links(problem, 2, 3, 300)[0]} == {120, 240, 300}


def test_even_links_keep_all_without_a_slack():
    pairs = [[(1, 2), (1, 4)], [(2, 8), (4, 8)]]
    assert even_links(pairs, None, lambda pair: pair, 1.5)[0] == pairs
    assert even_links(pairs, 0, lambda pair: pair, 1.5) == (pairs, 500)


@settings(max_examples=30)
@given(st.integers(2, 14), st.integers(1, 3), st.integers(0, 1))
def test_field_bounds_are_those_of_the_narrowest_and_the_widest_way(size, layers, blocks):
    every = ways(size, 1, layers)
    if not every:
        return

    def more(size: int) -> int:
        return 4 * blocks * (size > 1)

    def field(way) -> int:
        seen = 1
        for step in reversed(way):
            seen = (seen + more(step.out) - 1) * step.stride + step.kernel
        return seen

    bounds = field_bounds(axis_steps(size, 1, layers, RULES), [more] * layers, up=False)
    assert bounds[0] == (min(map(field, every)), max(map(field, every)))
    assert bounds[-1] == (1, 1)


def test_unevenness_is_zero_only_on_the_ideal_way():
    """Of all ways to write 64 as a product of three factors only 4 x 4 x 4 costs nothing."""
    factors = [way for way in product((1, 2, 4, 8, 16), repeat=3) if way[0] * way[1] * way[2] == 64]
    free = [way for way in factors if not sum(unevenness(1, f, ideal(1, 64, 3)) for f in way)]
    assert free == [(4, 4, 4)]
