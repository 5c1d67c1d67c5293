"""Solve a problem: the best layers, or None when no network meets the requirements.

The goals are optimised lexicographically: the model is solved once for each goal, and a goal that was met
stays met. When evenness comes first, only the few paths that are nearly as even as possible are searched at
first; a solution among them is optimal, because no path outside is more even.
"""

from typing import Literal

from ortools.sat.python import cp_model

from netwright.design.cost_model import CostModel
from netwright.design.layer import Layer
from netwright.design.layer_model import LayerModel, axis_groups, axis_paths
from netwright.design.problem import Problem
from netwright.design.step import Step

Values = tuple[int, ...]
Layers = tuple[Layer, ...]
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
    """Return a solver with one worker and a fixed seed, which gives the same model the same answer."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.max_deterministic_time = EFFORT
    return solver


def best(problem: Problem, excluded: tuple[Layers, ...] = ()) -> Layers | None:
    """Return the best layers over every allowed number of layers; None when no network meets the problem.

    Among equally good solutions the one with the fewest layers is taken. Solutions with the shapes of an
    `excluded` one are left out.
    """
    incumbent: tuple[Values, Layers] | None = None
    bounds = {count: bound for count in problem.counts() if (bound := _bound(problem, count)) is not None}
    for count in sorted(bounds, key=lambda each: (bounds[each], each)):
        most = incumbent[0][0] if incumbent else None
        if most is not None and bounds[count] > most:
            break
        candidate = _best_of_count(problem, count, excluded, most)
        if candidate and (incumbent is None or (candidate[0], count) < (incumbent[0], len(incumbent[1]))):
            incumbent = candidate
    return incumbent[1] if incumbent else None


def _bound(problem: Problem, count: int) -> int | None:
    """Return a lower bound of the first goal; None when the axes alone do not fit in this many layers."""
    total = 0
    for axes in axis_groups(problem):
        arcs, least = axis_paths(problem, axes[0], count)
        if not all(arcs):
            return None
        total += least
    return total if problem.objective == "even" else 0


def minimum_cost(problem: Problem, cost: Literal["params", "macs"]) -> int | None:
    """Return the smallest budget that any network meets; None when none meets the other requirements."""
    minimum: int | None = None
    for count in problem.counts():
        if _bound(problem, count) is None:
            continue
        model = CostModel(problem, count)
        goal = model.params if cost == "params" else model.macs
        if minimum is not None:
            model.cp.add(goal < minimum)
        model.cp.minimize(goal)
        run = solver()
        if run.solve(model.cp) in SOLVED:
            minimum = round(run.objective_value)
    return minimum


def feasible(problem: Problem) -> bool:
    """Return whether any network meets the problem."""
    for count in problem.counts():
        run = solver()
        if _bound(problem, count) is not None and run.solve(CostModel(problem, count).cp) in SOLVED:
            return True
    return False


def _best_of_count(
    problem: Problem, count: int, excluded: tuple[Layers, ...], most: int | None
) -> tuple[Values, Layers] | None:
    """Return the best layers of this count and their goal values; None if the first goal exceeds `most`."""
    if problem.objective != "even":
        model = CostModel(problem, count)
        first = model.params if problem.objective == "params" else model.macs
        return _lexicographic(model, [first, model.space, model.growth], excluded, most)
    for slacks in SLACKS:
        model = CostModel(problem, count, *slacks)
        bounds = [(least, slack) for least, slack in zip(model.least_unevenness, slacks, strict=True)]
        known = tuple(least for least, slack in bounds if slack == 0)
        goals = [model.space, model.growth][len(known) :]
        solved = _lexicographic(model, [*goals, model.params], excluded, None if known else most)
        if solved is None:
            continue
        values = (*known, *solved[0])
        within = zip(values, bounds, strict=False)
        if all(slack is None or value <= least + slack for value, (least, slack) in within):
            return values, solved[1]
    return None


def _lexicographic(
    model: LayerModel, goals: list[cp_model.LinearExpr], excluded: tuple[Layers, ...], most: int | None
) -> tuple[Values, Layers] | None:
    """Minimise the goals in turn, each as far as the goals before it allow."""
    for layers in excluded:
        exclude(model, layers)
    if most is not None:
        model.cp.add(goals[0] <= most)
    values = []
    for goal in goals:
        model.cp.minimize(goal)
        run = solver()
        if run.solve(model.cp) not in SOLVED:
            return None
        values.append(round(run.objective_value))
        model.cp.add(goal <= values[-1])
        model.cp.clear_hints()
        for index in range(len(model.cp.proto.variables)):
            var = model.cp.get_int_var_from_proto_index(index)
            model.cp.add_hint(var, run.value(var))
    return tuple(values), read(model, run)


def exclude(model: LayerModel, layers: Layers) -> None:
    """Forbid solutions with the same shapes between the layers."""
    if len(layers) != model.total:
        return
    variables, values = [], []
    for level in range(model.count + 1):
        shape = layers[level].input if level < model.total else layers[-1].output
        variables.append(model.channels[level].var)
        values.append(shape[0])
        for axes in model.axis_groups:
            variables.append(model.sizes[axes][level].var)
            values.append(shape[axes[0]])
    model.cp.add_forbidden_assignments(variables, [tuple(values)])


def read(model: LayerModel, run: cp_model.CpSolver) -> Layers:
    """Return the layers of a solution."""
    return tuple(_layer(model, run, index) for index in range(model.total))


def _layer(model: LayerModel, run: cp_model.CpSolver, index: int) -> Layer:
    before, after = model.level(index), model.level(index + 1)
    chosen: dict[int, Step] = {}
    for axes in model.axis_groups:
        variables = [
            model.sizes[axes][before],
            model.sizes[axes][after],
            model.kernels[axes][index],
            model.strides[axes][index],
        ]
        step = model.steps[model.up(index), *(run.value(variable.var) for variable in variables)]
        chosen |= dict.fromkeys(axes, step)
    steps = [chosen[axis] for axis in range(1, model.problem.rank + 1)]
    return Layer(
        model.problem,
        model.up(index),
        index == model.total - 1,
        (run.value(model.channels[before].var), *(step.size for step in steps)),
        (run.value(model.channels[after].var), *(step.out for step in steps)),
        tuple(step.kernel for step in steps),
        tuple(step.stride for step in steps),
        tuple(step.padding for step in steps),
        tuple(step.output_padding for step in steps),
    )
