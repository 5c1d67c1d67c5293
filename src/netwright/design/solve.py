"""Solve a problem: the best layers, or None when no network meets it.

Goals are ranked, so the model is solved once for each: a goal that is met stays met. A design in which space
shrinks as evenly as it can is looked for among few ways first; when one is found there, none outside is
better.
"""

from typing import Literal

from ortools.sat.python import cp_model

from netwright.design.draft import Draft, axis_floor, kinds
from netwright.design.layer import Layer
from netwright.design.model import Model
from netwright.design.pattern import Step
from netwright.design.problem import Problem

Values = tuple[int, ...]
Design = tuple[Layer, ...]
SLACKS: tuple[tuple[int | None, int | None], ...] = (
    (0, 0),
    (0, 400),
    (0, 3000),
    (0, None),
    (300, None),
    (None, None),
)
SOLVED = (cp_model.OPTIMAL, cp_model.FEASIBLE)
EFFORT = 60.0
"""Deterministic seconds for one goal, so that the same request always gets the same answer."""


def solver() -> cp_model.CpSolver:
    """One worker and a fixed seed: the same model has the same answer."""
    made = cp_model.CpSolver()
    made.parameters.num_workers = 1
    made.parameters.random_seed = 1
    made.parameters.cp_model_probing_level = 0
    made.parameters.max_deterministic_time = EFFORT
    return made


def best(problem: Problem, barred: tuple[Design, ...] = ()) -> Design | None:
    """The best design over every number of layers allowed; None when there is none.

    Of equally good ones the one with fewest layers. `barred` designs are not wanted again.
    """
    found: tuple[Values, Design] | None = None
    bounds = {count: bound for count in problem.counts() if (bound := _bound(problem, count)) is not None}
    for count in sorted(bounds, key=lambda each: (bounds[each], each)):
        most = found[0][0] if found else None
        if most is not None and bounds[count] > most:
            break
        better = _of_count(problem, count, barred, most)
        if better and (found is None or (better[0], count) < (found[0], len(found[1]))):
            found = better
    return found[1] if found else None


def _bound(problem: Problem, count: int) -> int | None:
    """What the first goal is at least; None when the axes alone do not fit in so many layers."""
    total = 0
    for kind in kinds(problem):
        links, least = axis_floor(problem, kind[0], count)
        if not all(links):
            return None
        total += least
    return total if problem.objective == "even" else 0


def least(problem: Problem, what: Literal["params", "macs"]) -> int | None:
    """The smallest budget that any network meets; None when none meets the rest."""
    found: int | None = None
    for count in problem.counts():
        if _bound(problem, count) is None:
            continue
        draft = Model(problem, count)
        goal = draft.params if what == "params" else draft.macs
        if found is not None:
            draft.model.add(goal < found)
        draft.model.minimize(goal)
        run = solver()
        if run.solve(draft.model) in SOLVED:
            found = round(run.objective_value)
    return found


def feasible(problem: Problem) -> bool:
    """Whether any network meets the problem."""
    for count in problem.counts():
        run = solver()
        if _bound(problem, count) is not None and run.solve(Model(problem, count).model) in SOLVED:
            return True
    return False


def _of_count(
    problem: Problem, count: int, barred: tuple[Design, ...], most: int | None
) -> tuple[Values, Design] | None:
    """The best design with so many layers, unless its first goal is over `most`, and its goals' values."""
    if problem.objective != "even":
        draft = Model(problem, count)
        first = draft.params if problem.objective == "params" else draft.macs
        return _ranked(draft, [first, draft.space, draft.growth], barred, most)
    for slack, spread in SLACKS:
        draft = Model(problem, count, slack, spread)
        limits = [(floor, loose) for floor, loose in zip(draft.floors, (slack, spread), strict=True)]
        known = tuple(floor for floor, loose in limits if loose == 0)
        goals = [draft.space, draft.growth][len(known) :]
        found = _ranked(draft, [*goals, draft.params], barred, None if known else most)
        values = (*known, *found[0]) if found else ()
        checked = zip(values, limits, strict=False)
        if found and all(loose is None or value <= floor + loose for value, (floor, loose) in checked):
            return values, found[1]
    return None


def _ranked(
    draft: Draft, goals: list[cp_model.LinearExpr], barred: tuple[Design, ...], most: int | None
) -> tuple[Values, Design] | None:
    """Meet the goals in turn, each as well as the ones before allow."""
    for design in barred:
        bar(draft, design)
    if most is not None:
        draft.model.add(goals[0] <= most)
    values = []
    for goal in goals:
        draft.model.minimize(goal)
        run = solver()
        if run.solve(draft.model) not in SOLVED:
            return None
        values.append(round(run.objective_value))
        draft.model.add(goal <= values[-1])
        draft.model.clear_hints()
        for index in range(len(draft.model.proto.variables)):
            var = draft.model.get_int_var_from_proto_index(index)
            draft.model.add_hint(var, run.value(var))
    return tuple(values), read(draft, run)


def bar(draft: Draft, design: Design) -> None:
    """Forbid another design with the same shapes between its layers."""
    if len(design) != draft.total:
        return
    cells, values = [], []
    for station in range(draft.count + 1):
        shape = design[station].input if station < draft.total else design[-1].output
        cells.append(draft.channels[station].var)
        values.append(shape[0])
        for kind in draft.kinds:
            cells.append(draft.sizes[kind][station].var)
            values.append(shape[kind[0]])
    draft.model.add_forbidden_assignments(cells, [tuple(values)])


def read(draft: Draft, run: cp_model.CpSolver) -> tuple[Layer, ...]:
    """The layers of a solution."""
    return tuple(_layer(draft, run, index) for index in range(draft.total))


def _layer(draft: Draft, run: cp_model.CpSolver, index: int) -> Layer:
    before, after = draft.station(index), draft.station(index + 1)
    chosen: dict[int, Step] = {}
    for kind in draft.kinds:
        cells = [
            draft.sizes[kind][before],
            draft.sizes[kind][after],
            draft.kernels[kind][index],
            draft.strides[kind][index],
        ]
        step = draft.rows[draft.up(index), *(run.value(cell.var) for cell in cells)]
        chosen |= dict.fromkeys(kind, step)
    axes = [chosen[axis] for axis in range(1, draft.problem.rank + 1)]
    return Layer(
        draft.problem,
        draft.up(index),
        index == draft.total - 1,
        (run.value(draft.channels[before].var), *(step.size for step in axes)),
        (run.value(draft.channels[after].var), *(step.out for step in axes)),
        tuple(step.kernel for step in axes),
        tuple(step.stride for step in axes),
        tuple(step.padding for step in axes),
        tuple(step.extra for step in axes),
    )
