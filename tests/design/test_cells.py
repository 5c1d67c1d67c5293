"""Tables as constraints."""

import pytest
from ortools.sat.python import cp_model

from netwright.design.cells import LARGEST_TABLE, Cells


def solutions(cells: Cells, *wanted) -> set[tuple[int, ...]]:
    """Every value that the wanted cells take together."""
    found = set()

    class Collect(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self):
            found.add(tuple(self.value(cell.var) for cell in wanted))

    solver = cp_model.CpSolver()
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.num_workers = 1
    solver.solve(cells.model, Collect())
    return found


def test_a_cell_takes_exactly_its_values():
    cells = Cells()
    cell = cells.cell([7, 2, 2, 5])
    assert (cell.values, cell.top) == ((2, 5, 7), 7)
    assert solutions(cells, cell) == {(2,), (5,), (7,)}


def test_a_cell_without_values_leaves_no_solution():
    cells = Cells()
    assert solutions(cells, cells.cell([])) == set()


def test_a_derived_cell_is_the_function_of_its_arguments():
    cells = Cells()
    a, b = cells.cell([1, 2]), cells.cell([3, 4])
    made = cells.derive(lambda x, y: 10 * x + y, a, b)
    assert solutions(cells, a, b, made) == {(1, 3, 13), (1, 4, 14), (2, 3, 23), (2, 4, 24)}


@pytest.mark.parametrize("many", [3, LARGEST_TABLE])
def test_a_product_is_one_as_a_table_and_as_a_multiplication(many):
    cells = Cells()
    a, b = cells.cell(range(1, many + 1)), cells.cell([6, 7])
    made = cells.times(a, b)
    cells.model.add(a.var == 3)
    assert solutions(cells, made) == {(18,), (21,)}


def test_the_product_of_one_cell_is_that_cell():
    cells = Cells()
    cell = cells.cell([4])
    assert cells.times(cell) is cell


def test_a_table_allows_its_rows_only():
    cells = Cells()
    a, b = cells.cell([1, 2, 3]), cells.cell([1, 2, 3])
    cells.table([a, b], [(1, 3), (2, 1)])
    assert solutions(cells, a, b) == {(1, 3), (2, 1)}
