"""A CP-SAT model of table constraints: a variable knows its domain, so every function of it is a table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from math import prod

from ortools.sat.python import cp_model

LARGEST_TABLE = 40_000
LARGEST_VALUE = 2**60


@dataclass(frozen=True)
class Variable:
    """A decision variable and its domain, which is a range where the values are too many to list."""

    var: cp_model.IntVar
    domain: tuple[int, ...] | range

    @property
    def largest(self) -> int:
        """The largest value; the smallest is never below 0."""
        return self.domain[-1]


class TableModel:
    """A CP-SAT model (`cp`) that is built from table constraints."""

    def __init__(self) -> None:
        self.cp = cp_model.CpModel()

    def variable(self, values: Iterable[int]) -> Variable:
        """Return a variable with the domain `values`; an empty domain makes the model infeasible."""
        domain = tuple(sorted(set(values)))
        if not domain:
            self.cp.add_bool_or([])
            domain = (0,)
        return Variable(self.cp.new_int_var_from_domain(cp_model.Domain.from_values(domain), ""), domain)

    def table(self, variables: list[Variable], rows: Iterable[tuple[int, ...]]) -> None:
        """Require that the variables together take the values of one of the rows."""
        self.cp.add_allowed_assignments([variable.var for variable in variables], list(rows))

    def derive(self, function: Callable[..., int], *arguments: Variable) -> Variable:
        """Return a variable that equals a function of others, as a table over all their values."""
        rows = [
            (*values, function(*values)) for values in product(*(argument.domain for argument in arguments))
        ]
        result = self.variable(row[-1] for row in rows)
        self.table([*arguments, result], rows)
        return result

    def times(self, *factors: Variable) -> Variable:
        """Return the product of variables: a table where that is small, else a multiplication constraint."""
        if len(factors) == 1:
            return factors[0]
        if prod(len(factor.domain) for factor in factors) <= LARGEST_TABLE:
            return self.derive(lambda *values: prod(values), *factors)
        most = min(LARGEST_VALUE, prod(factor.largest for factor in factors))
        result = Variable(self.cp.new_int_var(0, most, ""), range(most + 1))
        self.cp.add_multiplication_equality(result.var, [factor.var for factor in factors])
        return result
