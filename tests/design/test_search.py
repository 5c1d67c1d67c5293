from hypothesis import given
from hypothesis import strategies as st

import strategies  # noqa: F401  # loads the profile
from netwright.design.search import largest

LINES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 20)), min_size=1, max_size=4)


@given(LINES, st.integers(1, 3), st.integers(0, 300), st.integers(0, 5000))
def test_the_result_is_that_of_trying_every_number(lines, low, more, slack):
    """The cost is the largest of several lines, as the phases of a step are."""

    def cost(number):
        return max(start + slope * number for start, slope in lines)

    budget, high = cost(low) + slack, low + more
    assert largest(cost, budget, low, high) == max(n for n in range(low, high + 1) if cost(n) <= budget)


def test_a_straight_line_takes_few_trials():
    tried = []

    def cost(number):
        tried.append(number)
        return 1000 + 17 * number

    assert largest(cost, 1000 + 17 * 700, 2, 100_000) == 700
    assert len(tried) < 16


def test_the_limit_is_never_passed():
    assert largest(lambda number: 0, 10, 1, 37) == 37
    assert largest(lambda number: 0, 10, 1, 1) == 1
