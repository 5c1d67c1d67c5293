"""The largest number that fits, where each trial is dear."""

from collections.abc import Callable


def largest(cost: Callable[[int], int], budget: int, low: int, high: int) -> int:
    """Return the largest number from `low` to `high` whose cost is within the budget.

    The cost must not fall as the number grows. The peak of a training step is the largest of several phases,
    each of which grows linearly, so a line through two trials that do not fit and fit meets the budget where
    the cost is at most that: such a line chooses the next trial.

    Args:
        cost: the cost of a number.
        budget: the most that it may be.
        low: a number that fits.
        high: the largest number that may be returned.

    >>> largest(lambda number: max(100, 7 * number), 70, 1, 1000)
    Traceback (most recent call last):
    AssertionError: 1 does not fit
    >>> largest(lambda number: max(30, 7 * number), 70, 1, 1000)
    10
    """
    costs = {low: cost(low)}
    assert costs[low] <= budget, f"{low} does not fit"
    step, above = low, low
    while above < high and costs[above] <= budget:
        low, above, step = above, min(high, above + step), 2 * step
        costs[above] = cost(above)
    if costs[above] <= budget:
        return above
    while above - low > 1:
        slope = (costs[above] - costs[low]) / (above - low)
        trial = min(above - 1, max(low + 1, low + int((budget - costs[low]) / slope)))
        costs[trial] = cost(trial)
        low, above = (trial, above) if costs[trial] <= budget else (low, trial)
    return low
