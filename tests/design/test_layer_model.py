"""Shapes and windows as constraints: every solution against every sequence of an exhaustive search."""

import pytest

from design.exhaustive import chains
from design.test_table_model import solutions
from netwright.design.layer_model import LayerModel, axis_groups, axis_paths
from netwright.design.problem import Problem

LOOSE = {"overlap": False, "no_collapse": False}


def drawn(problem: Problem, count: int) -> set[tuple[int, ...]]:
    model = LayerModel(problem, count)
    variables = [*model.channels]
    for axes in model.axis_groups:
        variables += [*model.sizes[axes], *model.kernels[axes]]
    return solutions(model, *variables)


def tried(problem: Problem, count: int) -> set[tuple[int, ...]]:
    rows = set()
    for shapes, windows in chains(problem, count):
        row = [shape[0] for shape in shapes]
        for axes in axis_groups(problem):
            row += [shape[axes[0]] for shape in shapes] + [window[0][axes[0] - 1] for window in windows]
        rows.add(tuple(row))
    return rows


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(
    "problem",
    [
        Problem((1, 9), (4, 2), multiple=1, **LOOSE),
        Problem((2, 3), (1, 9), "up", multiple=1, **LOOSE),
        Problem((1, 8, 8), (2, 2, 2), kernels=(1, 3)),
        Problem((1, 8, 6), (2, 4, 3), kernels=(2, 3), strides=(1, 2)),
        Problem((1, 12), (8, 1), strides=(2, 3), monotone=False, multiple=4),
    ],
)
def test_the_solutions_are_exactly_the_chains_of_legal_steps(problem, count):
    assert drawn(problem, count) == tried(problem, count)


def test_axes_of_one_kind_do_the_same_and_waypoints_tell_them_apart():
    assert axis_groups(Problem((1, 8, 8, 8), (8, 1, 1, 1))) == [(1, 2, 3)]
    assert axis_groups(Problem((1, 8, 9, 8), (8, 1, 1, 1))) == [(1, 3), (2,)]
    assert axis_groups(Problem((1, 8, 8), (8, 1, 1), through=((4, 4, 2),))) == [(1,), (2,)]


def test_a_waypoint_stands_between_and_a_retraced_shape_at_its_place():
    through = Problem((1, 16), (8, 1), through=((8, 4),), **LOOSE)
    assert {4 in row[5:7] for row in drawn(through, 3)} == {True}
    fixed = ((1, 16), (8, 8), (8, 4), (8, 1))
    retraced = Problem((1, 16), (8, 1), retrace=fixed, **LOOSE)
    assert {row[:8] for row in drawn(retraced, 3)} == {(1, 8, 8, 8, 16, 8, 4, 1)}
    assert drawn(retraced, 2) == set()


def test_a_mirrored_network_goes_back_over_the_shapes_of_its_encoder():
    model = LayerModel(Problem((1, 16), (8, 4), "mirror"), 2)
    assert [model.level(index) for index in range(5)] == [0, 1, 2, 1, 0]
    assert [model.up(index) for index in range(4)] == [False, False, True, True]
    assert len(model.kernels[1,]) == 4


def test_the_floor_of_an_axis_is_0_where_every_layer_halves():
    assert axis_paths(Problem((3, 32), (8, 1)), 1, 5)[1] == 0
    assert axis_paths(Problem((3, 32), (8, 1)), 1, 4)[1] > 0
