"""Why a problem is infeasible: a minimal set of conflicting requirements, and the smallest relaxations."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from netwright.arithmetic.shape import show
from netwright.design.problem import LOOSEST, Problem
from netwright.design.solve import feasible, minimum_cost
from netwright.errors import InfeasibleError


@dataclass(frozen=True)
class Remedy:
    """One requirement, relaxed just enough to make the problem feasible; `distance` orders remedies."""

    name: str
    problem: Problem
    distance: float

    def __str__(self) -> str:
        """Return the requirement with its relaxed value."""
        return f"`{self.name}` {formatted(getattr(self.problem, self.name))}"


def conflict(problem: Problem) -> tuple[str, ...]:
    """Return an irreducible set of conflicting requirements (deletion filter; Chinneck 2008).

    With all other requirements dropped the problem is infeasible; with any one of these dropped too it is
    feasible.
    """
    for name in problem.requirements():
        looser = problem.without(name)
        if not feasible(looser):
            problem = looser
    return tuple(problem.requirements())


def remedies(problem: Problem, names: tuple[str, ...]) -> list[Remedy]:
    """Return for each requirement the smallest relaxation that alone is enough, the nearest first."""
    sufficient = [remedy for name in names if (remedy := _remedy(problem, name))]
    return sorted(sufficient, key=lambda remedy: remedy.distance)


def explain(problem: Problem) -> InfeasibleError:
    """Return the error that names the conflict and what to relax."""
    names = conflict(problem)
    if not names:
        return InfeasibleError(f"no network leads from {show(problem.input)} to {show(problem.output)}.")
    listed = ", ".join(f"`{name}` (={formatted(getattr(problem, name))})" for name in names)
    relaxed = [str(remedy) for remedy in remedies(problem, names)]
    if relaxed:
        advice = f"relax one of them: {' or '.join(relaxed)}"
    else:
        dropped = " and ".join(f"`{name}`" for name in correction_set(problem))
        advice = f"no single relaxation is enough; drop {dropped}"
    verb = "conflict" if len(names) > 1 else "cannot be met"
    return InfeasibleError(f"{listed} {verb}; {advice}.", names, tuple(relaxed))


def correction_set(problem: Problem) -> tuple[str, ...]:
    """Return a minimal set of requirements that make the problem feasible when they are dropped together."""
    dropped: list[str] = []
    looser = problem
    while not feasible(looser):
        dropped.append(conflict(looser)[-1])
        looser = looser.without(dropped[-1])
    for name in tuple(dropped):
        others = [other for other in dropped if other != name]
        if feasible(_without(problem, others)):
            dropped = others
    return tuple(dropped)


def _without(problem: Problem, names: list[str]) -> Problem:
    for name in names:
        problem = problem.without(name)
    return problem


def _remedy(problem: Problem, name: str) -> Remedy | None:
    """Return the smallest relaxation of one requirement; None when even its loosest value is not enough."""
    if name in ("max_params", "max_macs"):
        value = minimum_cost(problem.without(name), "params" if name == "max_params" else "macs")
        return None if value is None else _relaxed(problem, name, value)
    if not feasible(problem.without(name)):
        return None
    if name in ("min_receptive_field", "max_receptive_field"):
        return _relaxed(problem, name, _bisect(problem, name))
    for value in _looser_values(problem, name):
        remedy = _relaxed(problem, name, value)
        if feasible(remedy.problem):
            return remedy
    return Remedy(name, problem.without(name), 10.0)


def _relaxed(problem: Problem, name: str, value: Any) -> Remedy:
    """Return a relaxation, with the relative change of the number as its distance."""
    ends = [each[-1] if isinstance(each, tuple) else each for each in (getattr(problem, name), value)]
    change: dict[str, Any] = {name: value}
    return Remedy(name, replace(problem, **change), abs(ends[1] - ends[0]) / ends[0])


def _looser_values(problem: Problem, name: str) -> Iterator[Any]:
    """Yield values between the required one and the loosest, the nearest first."""
    if name == "layers":
        (low, high), (least_count, most) = problem.layers, LOOSEST["layers"]
        for distance in range(1, max(most, high)):
            yield from [(n, n) for n in (high + distance, low - distance) if least_count <= n <= most]
    if name in ("kernels", "strides"):
        low, high = getattr(problem, name)
        yield from ((low, more) for more in range(high + 1, LOOSEST[name][1] + 1))
    if name == "max_step" and problem.max_step is not None:
        yield from (step for step in (1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64) if step > problem.max_step)
    if name == "multiple":
        divisors = range(problem.multiple // 2, 0, -1)
        yield from (value for value in divisors if problem.multiple % value == 0)


def _bisect(problem: Problem, name: str) -> int:
    """Return the receptive field nearest to the required one that some network has."""
    required = getattr(problem, name)
    good, bad = (1 if name == "min_receptive_field" else required), required
    while name == "max_receptive_field" and not feasible(_relaxed(problem, name, good).problem):
        good *= 2
    while abs(good - bad) > 1:
        middle = (good + bad) // 2
        if feasible(_relaxed(problem, name, middle).problem):
            good = middle
        else:
            bad = middle
    return good


def formatted(value: Any) -> str:
    """Return the value of a requirement as a user writes it.

    >>> formatted((3, 3)), formatted((1, 7)), formatted(2_000_000), formatted(((64, 8, 8),)), formatted(None)
    ('3', '1-7', '2,000,000', '64x8x8', 'none')
    """
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple) and isinstance(value[0], tuple):
        return " ".join(show(each) for each in value)
    if isinstance(value, tuple):
        return str(value[0]) if value[0] == value[1] else f"{value[0]}-{value[1]}"
    return str(value)
