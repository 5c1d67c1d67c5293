"""Costs as expressions: what the model counts is what the finished layers count."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from ortools.sat.python import cp_model

from design.exhaustive import designs, score
from design.problems import small
from netwright.design.cost_model import CostModel
from netwright.design.layer import receptive_field
from netwright.design.layer_model import axis_groups
from netwright.design.problem import Problem
from netwright.design.solve import read, solver

LOOSE = {"overlap": False, "no_collapse": False}


def check(problem: Problem, count: int, slack: int | None = None) -> bool:
    """Compare the counts of a solution with those of its layers; return whether there is a solution."""
    model = CostModel(problem, count, slack, slack)
    costs = [model.params, model.macs, model.space, model.growth]
    fields = model.fields
    run = solver()
    if run.solve(model.cp) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return False
    layers = read(model, run)
    counted = [run.value(cost) for cost in costs]
    assert counted[0] == sum(layer.params for layer in layers)
    assert counted[1] == sum(layer.macs for layer in layers)
    seen = receptive_field(layers[:count])
    if problem.direction != "mirror":
        assert counted[2:] == list(score(replace(problem, objective="even"), layers)[:2])
    for axes, field in zip(axis_groups(problem), fields, strict=True):
        assert run.value(field.var) == seen[axes[0] - 1] or problem.direction == "mirror"
    return True


@settings(max_examples=60)
@given(small())
def test_the_model_counts_what_the_layers_count_and_is_infeasible_only_where_no_network_exists(problem):
    count = problem.layers[1]
    exists = next(designs(replace(problem, layers=(count, count))), None) is not None
    assert check(problem, count) == exists


@pytest.mark.parametrize("bottleneck", [1, 2])
@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize("residuals", [0, 1])
@pytest.mark.parametrize(
    "shapes", [((4, 16, 12), (16, 4, 3)), ((3, 8), (8, 1)), ((1, 8, 8, 8), (8, 2, 2, 2))]
)
def test_a_mirror_is_counted_both_ways(shapes, residuals, groups, bottleneck):
    problem = Problem(
        *shapes, "mirror", residuals=residuals, groups=groups, bottleneck=bottleneck, multiple=4, **LOOSE
    )
    assert check(problem, 3, 0)


def test_no_layer_shrinks_the_representation_over_8x_in_either_direction():
    assert not check(Problem((1, 16, 16), (1, 4, 4)), 1)
    assert check(Problem((1, 16, 16), (1, 4, 4), no_collapse=False), 1)
    assert check(Problem((1, 16, 16), (2, 4, 4)), 1)
