"""A constraint model whose variables know their possible values, so that any function of them is a table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from math import prod

from ortools.sat.python import cp_model

LARGEST_TABLE = 40_000
LARGEST_VALUE = 2**60


@dataclass(frozen=True)
class Cell:
    """A variable and the values it may take; a range where there are too many to list."""

    var: cp_model.IntVar
    values: tuple[int, ...] | range

    @property
    def top(self) -> int:
        """The largest value; the smallest is never below 0."""
        return self.values[-1]


class Cells:
    """A CP-SAT model that is built from tables."""

    def __init__(self) -> None:
        self.model = cp_model.CpModel()

    def cell(self, values: Iterable[int]) -> Cell:
        """A variable that takes one of `values`; none of them makes the model infeasible."""
        known = tuple(sorted(set(values)))
        if not known:
            self.model.add_bool_or([])
            known = (0,)
        return Cell(self.model.new_int_var_from_domain(cp_model.Domain.from_values(known), ""), known)

    def table(self, cells: list[Cell], rows: Iterable[tuple[int, ...]]) -> None:
        """Together the cells take the values of one of the rows."""
        self.model.add_allowed_assignments([cell.var for cell in cells], list(rows))

    def derive(self, function: Callable[..., int], *cells: Cell) -> Cell:
        """A variable that is `function` of others, as a table over all their values."""
        rows = [(*given, function(*given)) for given in product(*(cell.values for cell in cells))]
        made = self.cell(row[-1] for row in rows)
        self.table([*cells, made], rows)
        return made

    def times(self, *cells: Cell) -> Cell:
        """The product of cells: a table while that is small, a multiplication where it is not."""
        if len(cells) == 1:
            return cells[0]
        if prod(len(cell.values) for cell in cells) <= LARGEST_TABLE:
            return self.derive(lambda *given: prod(given), *cells)
        most = min(LARGEST_VALUE, prod(cell.top for cell in cells))
        made = Cell(self.model.new_int_var(0, most, ""), range(most + 1))
        self.model.add_multiplication_equality(made.var, [cell.var for cell in cells])
        return made
