"""Conflicts and remedies of infeasible problems, compared with an exhaustive search."""

from contextlib import contextmanager

import pytest
from hypothesis import given, settings

import netwright.design.problem
from design.exhaustive import designs
from design.problems import small
from netwright.design import autoencoder, decoder, encoder
from netwright.design.conflict import conflict, correction_set, explain, formatted, remedies
from netwright.design.problem import LOOSEST, Problem, declare
from netwright.design.solve import feasible
from netwright.errors import InfeasibleError


@contextmanager
def narrow():
    """Make the loosest values so narrow that an exhaustive search is possible."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LOOSEST, "layers", (1, 2))
        patch.setitem(LOOSEST, "kernels", (1, 4))
        patch.setitem(LOOSEST, "strides", (1, 3))
        patch.setattr(netwright.design.problem, "TRIED_LAYERS", 2)
        yield


def possible(problem: Problem) -> bool:
    return next(designs(problem), None) is not None


@settings(max_examples=15)
@given(small(rank=1, deepest=2, largest=5))
def test_a_conflict_is_infeasible_and_every_part_of_it_is_needed(problem):
    with narrow():
        if feasible(problem):
            return
        names = conflict(problem)
        alone = problem
        for name in set(problem.requirements()) - set(names):
            alone = alone.without(name)
        assert not possible(problem)
        assert not possible(alone)
        assert all(possible(alone.without(name)) for name in names)


@settings(max_examples=15)
@given(small(rank=1, deepest=2, largest=5))
def test_every_remedy_makes_the_problem_feasible_and_changes_one_requirement(problem):
    with narrow():
        if feasible(problem) or not (names := conflict(problem)):
            return
        sufficient = remedies(problem, names)
        for remedy in sufficient:
            assert possible(remedy.problem)
            assert remedy.name in names
            assert set(problem.requirements()) - set(remedy.problem.requirements()) <= {remedy.name}
        if not sufficient:
            dropped = correction_set(problem)
            looser = problem
            for name in dropped:
                looser = looser.without(name)
            assert len(dropped) > 1
            assert possible(looser)
        assert {remedy.name for remedy in sufficient} == {n for n in names if possible(problem.without(n))}


@settings(max_examples=15)
@given(small(rank=1, deepest=2, largest=5))
def test_a_relaxed_budget_is_the_least_that_works(problem):
    with narrow():
        if feasible(problem):
            return
        for remedy in remedies(problem, conflict(problem)):
            if remedy.name in ("max_params", "max_macs"):
                cost = "params" if remedy.name == "max_params" else "macs"
                rest = problem.without(remedy.name)
                least = min(sum(getattr(layer, cost) for layer in design) for design in designs(rest))
                assert getattr(remedy.problem, remedy.name) == least


@pytest.mark.parametrize(
    ("ask", "conflicting", "remedy"),
    [
        (lambda: encoder((3, 32, 32), (1024, 1, 1), layers=2), {"layers", "strides"}, "`layers` 3"),
        (
            lambda: encoder((3, 8, 8), (16, 1, 1), layers=2, max_params=100),
            {"max_params"},
            "`max_params` 1,144",
        ),
        (lambda: encoder((3, 32), (64, 4), layers=3, min_receptive_field=99), {"layers"}, "98"),
        (lambda: encoder((3, 32), (64, 4), layers=3, max_receptive_field=9), {"overlap"}, "12"),
        (lambda: decoder((64, 1), (3, 32), layers=2), {"layers", "kernels"}, "`kernels` 1-8"),
        (lambda: autoencoder((4, 4), (32, 2), layers=1, max_step=2), {"max_step"}, "`max_step` 8"),
    ],
)
def test_a_conflict_is_one_sentence_that_names_the_requirements_and_what_to_relax(ask, conflicting, remedy):
    with pytest.raises(InfeasibleError) as caught:
        ask()
    assert conflicting <= set(caught.value.conflict)
    assert any(remedy in text for text in caught.value.remedies), caught.value
    assert str(caught.value).count("\n") == 0
    assert all(f"`{name}` (=" in str(caught.value) for name in caught.value.conflict)


def test_where_no_single_relaxation_is_enough_the_requirements_to_drop_together_are_named():
    problem = declare("down", (3, 8), (8, 4), {"layers": 1, "max_params": 10, "min_receptive_field": 99})
    error = explain(problem)
    assert error.remedies == ()
    assert "no single relaxation is enough; drop " in str(error)
    assert len(correction_set(problem)) > 1


def test_values_are_formatted_as_a_user_writes_them():
    assert formatted(((4, 2, 1),)) == "4x2x1"
    assert formatted(2.5) == "2.5"
    assert formatted(True) == "True"
