"""Why a problem has no answer: a minimal set of wishes that clash, and the nearest relaxations."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from netwright.arithmetic.shape import show
from netwright.design.problem import LOOSEST, Problem
from netwright.design.solve import feasible, least
from netwright.errors import InfeasibleError


@dataclass(frozen=True)
class Remedy:
    """One wish relaxed as little as gives an answer; `distance` compares it with others."""

    name: str
    problem: Problem
    distance: float

    def __str__(self) -> str:
        """The wish with its relaxed value."""
        return f"`{self.name}` {written(getattr(self.problem, self.name))}"


def conflict(problem: Problem) -> tuple[str, ...]:
    """Wishes that clash, none of which can be left out of the clash (deletion filter; Chinneck 2008).

    With all others let go there is no answer; with any one of these let go too there is one.
    """
    for name in problem.wished():
        looser = problem.without(name)
        if not feasible(looser):
            problem = looser
    return tuple(problem.wished())


def remedies(problem: Problem, names: tuple[str, ...]) -> list[Remedy]:
    """For each of the wishes the least relaxation that, all others kept, gives an answer; nearest first."""
    found = [remedy for name in names if (remedy := _remedy(problem, name))]
    return sorted(found, key=lambda remedy: remedy.distance)


def explain(problem: Problem) -> InfeasibleError:
    """The error that names the clash and what to relax."""
    names = conflict(problem)
    if not names:
        return InfeasibleError(f"no network leads from {show(problem.input)} to {show(problem.output)}.")
    clash = ", ".join(f"`{name}` (={written(getattr(problem, name))})" for name in names)
    relaxed = [str(remedy) for remedy in remedies(problem, names)]
    if relaxed:
        advice = f"relax one: {' or '.join(relaxed)}"
    else:
        advice = f"no single one is enough; give up {' and '.join(f'`{name}`' for name in together(problem))}"
    verb = "clash" if len(names) > 1 else "cannot be met"
    return InfeasibleError(f"{clash} {verb}; {advice}.", names, tuple(relaxed))


def together(problem: Problem) -> tuple[str, ...]:
    """Wishes that must be given up together, where no single one is enough; none of them in vain."""
    given_up: list[str] = []
    looser = problem
    while not feasible(looser):
        given_up.append(conflict(looser)[-1])
        looser = looser.without(given_up[-1])
    for name in tuple(given_up):
        rest = [other for other in given_up if other != name]
        if feasible(_without(problem, rest)):
            given_up = rest
    return tuple(given_up)


def _without(problem: Problem, names: list[str]) -> Problem:
    for name in names:
        problem = problem.without(name)
    return problem


def _remedy(problem: Problem, name: str) -> Remedy | None:
    """The least relaxation of one wish; None when even its loosest value gives no answer."""
    if name in ("max_params", "max_macs"):
        value = least(problem.without(name), "params" if name == "max_params" else "macs")
        return None if value is None else _relaxed(problem, name, value)
    if not feasible(problem.without(name)):
        return None
    if name in ("min_receptive_field", "max_receptive_field"):
        return _relaxed(problem, name, _bisect(problem, name))
    for value in _nearer(problem, name):
        remedy = _relaxed(problem, name, value)
        if feasible(remedy.problem):
            return remedy
    return Remedy(name, problem.without(name), 10.0)


def _relaxed(problem: Problem, name: str, value: Any) -> Remedy:
    """How far numbers move, as a share of what was asked."""
    asked, given = (each[-1] if isinstance(each, tuple) else each for each in (getattr(problem, name), value))
    change: dict[str, Any] = {name: value}
    return Remedy(name, replace(problem, **change), abs(given - asked) / asked)


def _nearer(problem: Problem, name: str) -> Iterator[Any]:
    """Values between the one asked and the loosest, the nearest first."""
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
    """The receptive field nearest to the one asked that some network has."""
    asked = getattr(problem, name)
    good, bad = (1, asked) if name == "min_receptive_field" else (asked, asked)
    while name == "max_receptive_field" and not feasible(_relaxed(problem, name, good).problem):
        good *= 2
    while abs(good - bad) > 1:
        middle = (good + bad) // 2
        if feasible(_relaxed(problem, name, middle).problem):
            good = middle
        else:
            bad = middle
    return good


def written(value: Any) -> str:
    """A wish's value as one writes it.

    >>> written((3, 3)), written((1, 7)), written(2_000_000), written(((64, 8, 8),)), written(None)
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
