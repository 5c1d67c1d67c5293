"""Tables as constraints."""

import pytest
from ortools.sat.python import cp_model

from netwright.design.table_model import LARGEST_TABLE, TableModel


def solutions(model: TableModel, *wanted) -> set[tuple[int, ...]]:
    """Every value that the wanted variables take together."""
    values = set()

    class Collect(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self):
            values.add(tuple(self.value(variable.var) for variable in wanted))

    solver = cp_model.CpSolver()
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.num_workers = 1
    solver.solve(model.cp, Collect())
    return values


def test_a_variable_takes_exactly_its_values():
    model = TableModel()
    variable = model.variable([7, 2, 2, 5])
    assert (variable.domain, variable.largest) == ((2, 5, 7), 7)
    assert solutions(model, variable) == {(2,), (5,), (7,)}


def test_a_variable_without_values_leaves_no_solution():
    model = TableModel()
    assert solutions(model, model.variable([])) == set()


def test_a_derived_variable_is_the_function_of_its_arguments():
    model = TableModel()
    a, b = model.variable([1, 2]), model.variable([3, 4])
    made = model.derive(lambda x, y: 10 * x + y, a, b)
    assert solutions(model, a, b, made) == {(1, 3, 13), (1, 4, 14), (2, 3, 23), (2, 4, 24)}


@pytest.mark.parametrize("many", [3, LARGEST_TABLE])
def test_a_product_is_one_as_a_table_and_as_a_multiplication(many):
    model = TableModel()
    a, b = model.variable(range(1, many + 1)), model.variable([6, 7])
    made = model.times(a, b)
    model.cp.add(a.var == 3)
    assert solutions(model, made) == {(18,), (21,)}


def test_the_product_of_one_variable_is_that_variable():
    model = TableModel()
    variable = model.variable([4])
    assert model.times(variable) is variable


def test_a_table_allows_its_rows_only():
    model = TableModel()
    a, b = model.variable([1, 2, 3]), model.variable([1, 2, 3])
    model.table([a, b], [(1, 3), (2, 1)])
    assert solutions(model, a, b) == {(1, 3), (2, 1)}
