"""The solver against an exhaustive search."""

from hypothesis import given, settings

from design.exhaustive import designs, score
from design.problems import small
from netwright.design.problem import declare
from netwright.design.solve import best, feasible, minimum_cost


@settings(max_examples=80)
@given(small())
def test_the_best_is_as_good_as_the_best_of_all_and_none_is_found_where_none_is(problem):
    scores = [(score(problem, design), len(design)) for design in designs(problem)]
    layers = best(problem)
    if layers is None:
        assert scores == []
    else:
        assert (score(problem, layers), len(layers)) == min(scores)
    assert feasible(problem) == bool(scores)


@settings(max_examples=25)
@given(small(rank=1))
def test_the_least_budget_is_that_of_the_cheapest_network(problem):
    every = list(designs(problem))
    assert minimum_cost(problem, "params") == min(
        (sum(each.params for each in d) for d in every), default=None
    )
    assert minimum_cost(problem, "macs") == min((sum(each.macs for each in d) for d in every), default=None)


@settings(max_examples=25)
@given(small(rank=1))
def test_excluded_solutions_do_not_come_again_until_none_is_left(problem):
    every = {tuple(layer.output for layer in design) for design in designs(problem)}
    solutions = []
    while len(solutions) < 4 and (layers := best(problem, tuple(solutions))):
        solutions.append(layers)
    shapes = [tuple(layer.output for layer in design) for design in solutions]
    assert len(set(shapes)) == len(shapes) == min(4, len(every))
    assert set(shapes) <= every


def test_the_same_problem_always_has_the_same_answer():
    problem = declare("down", (3, 32, 48), (64, 1, 1), {"layers": 4, "max_params": 30_000})
    assert best(problem) == best(problem)


def test_of_equally_good_numbers_of_layers_the_fewest_are_taken():
    assert len(best(declare("down", (8, 4), (8, 4), {"layers": (2, 4), "overlap": False}))) == 2
