"""What a draft costs: parameters, MACs, receptive field and evenness, as expressions of its cells."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from itertools import pairwise

from ortools.sat.python import cp_model

from netwright.design.cells import LARGEST_TABLE, Cell
from netwright.design.draft import Draft
from netwright.design.layer import (
    reducing_weights,
    residual_kernel,
    residual_reach,
    residual_weights,
    shifts,
    window_weights,
)
from netwright.design.pattern import Step
from netwright.design.problem import Problem
from netwright.design.route import field_bounds, unevenness

COLLAPSE = 8
WIDEST_FIELD = 2**62


class Model(Draft):
    """A draft within its budgets; arguments as `Draft`. Costs are made when first asked for."""

    def __init__(self, problem: Problem, count: int, slack: int | None = None, spread: int | None = None):
        super().__init__(problem, count, slack, spread)
        if problem.no_collapse:
            self._no_collapse()
        if problem.max_params is not None:
            self.model.add(self.params <= problem.max_params)
        if problem.max_macs is not None:
            self.model.add(self.macs <= problem.max_macs)
        self._fields_within()

    def _no_collapse(self) -> None:
        for before, after in pairwise(self.volumes):
            self.model.add(before.var <= COLLAPSE * after.var)
            if self.mirror:
                self.model.add(after.var <= COLLAPSE * before.var)

    def _fields_within(self) -> None:
        low, high = self.problem.min_receptive_field, self.problem.max_receptive_field
        for field in self.fields if (low, high) != (None, None) else ():
            self.model.add_linear_constraint(field.var, low or 1, high or WIDEST_FIELD)

    @cached_property
    def positions(self) -> list[Cell]:
        """Positions of the map at each station."""
        return [self.each(self.sizes, station, lambda size: size) for station in range(self.count + 1)]

    @cached_property
    def volumes(self) -> list[Cell]:
        """Numbers of the representation at each station: channels times positions."""
        return [self.times(c, p) for c, p in zip(self.channels, self.positions, strict=True)]

    @cached_property
    def points(self) -> list[Cell]:
        """Whether the map at each station has one position only."""
        return [
            self.each(self.sizes, station, lambda size: int(size == 1)) for station in range(self.count + 1)
        ]

    @cached_property
    def weights(self) -> list[Cell]:
        """Weights of each layer's window."""
        found = []
        for layer in range(self.total):
            before, after = (self.channels[self.station(layer + more)] for more in (0, 1))
            taps = self.each(self.kernels, layer, lambda kernel: kernel)
            found.append(self._weights(taps, (before, after), layer))
        return found

    def _weights(self, taps: Cell, ends: tuple[Cell, Cell], layer: int) -> Cell:
        """Rows only for channels that may follow each other."""
        back = layer >= self.count
        pairs = [pair[::-1] if back else pair for pair in self.pairs[self.station(layer) - back]]
        count = window_weights
        if len(taps.values) * len(pairs) <= LARGEST_TABLE:
            rows = [(k, *pair, count(k, *pair, self.problem)) for k in taps.values for pair in pairs]
            made = self.cell(row[-1] for row in rows)
            self.table([taps, *ends, made], rows)
            return made
        per_pair = [(*pair, count(1, *pair, self.problem)) for pair in pairs]
        per_tap = self.cell(row[-1] for row in per_pair)
        self.table([*ends, per_tap], per_pair)
        return self.times(taps, per_tap)

    @cached_property
    def blocks(self) -> list[Cell]:
        """Weights of the residual blocks at each station that has any."""
        found = []
        for station in range(self.count + 1):
            taps = self.each(self.sizes, station, residual_kernel)
            per_tap = self.derive(
                lambda c, point: 0 if point else residual_weights(1, c, self.problem),
                self.channels[station],
                self.points[station],
            )
            found.append(self.times(taps, per_tap))
        return found

    @cached_property
    def params(self) -> cp_model.LinearExpr:
        """Trainable parameters."""
        terms = [cell.var for cell in self.weights]
        for layer in range(self.total):
            before, after = self.station(layer), self.station(layer + 1)
            last = layer == self.total - 1
            if not last and self.problem.residuals:
                terms.append(self.blocks[after].var)
            cells = [self.channels[before], self.channels[after], self.points[before], self.points[after]]
            terms.append(self.derive(partial(self._rest, last), *cells).var)
        return cp_model.LinearExpr.sum(terms)

    def _rest(self, last: bool, channels: int, out: int, before: int, after: int) -> int:
        points = (bool(before), bool(after))
        rest = shifts(channels, out, self.problem, points=points, last=last)
        return rest + reducing_weights(channels, self.problem)

    @cached_property
    def macs(self) -> cp_model.LinearExpr:
        """Multiply-accumulates."""
        terms = []
        for layer in range(self.total):
            before, after = self.station(layer), self.station(layer + 1)
            where = self.positions[before if self.up(layer) else after]
            terms.append(self.times(self.weights[layer], where).var)
            if self.problem.bottleneck > 1:
                reducing = self.derive(partial(reducing_weights, problem=self.problem), self.channels[before])
                terms.append(self.times(reducing, self.positions[before]).var)
            if self.problem.residuals and layer < self.total - 1:
                terms.append(self.times(self.blocks[after], self.positions[after]).var)
        return cp_model.LinearExpr.sum(terms)

    @cached_property
    def fields(self) -> list[Cell]:
        """Input positions that one output (of a mirror: one position of the code) sees, per kind of axis."""
        return [self._field(kind) for kind in self.kinds if all(self.links[kind])]

    def _field(self, kind: tuple[int, ...]) -> Cell:
        bounds = field_bounds(self.links[kind], self.residuals, up=self.up(0))
        after = self.cell([1])
        for layer in reversed(range(self.count)):
            low, high = bounds[layer]
            before = Cell(self.model.new_int_var(low, high, ""), range(low, high + 1))
            more = self.derive(self.residuals[layer], self.sizes[kind][layer + 1])
            kernel = self.kernels[kind][layer].var
            self._window_field(self.strides[kind][layer], (before.var, after.var + more.var, kernel), layer)
            after = before
        return after

    @property
    def residuals(self) -> list[Callable[[int], int]]:
        """For each layer of one way, what its residual blocks add to the field on an axis of some size."""
        blocks = [self.problem.residuals * (layer < self.total - 1) for layer in range(self.count)]
        return [partial(residual_reach, blocks=each) for each in blocks]

    def _window_field(self, stride: Cell, ends: tuple[cp_model.LinearExpr, ...], layer: int) -> None:
        before, after, kernel = ends
        for value in stride.values:
            chosen = self.model.new_bool_var("")
            self.model.add(stride.var == value).only_enforce_if(chosen)
            self.model.add(stride.var != value).only_enforce_if(~chosen)
            if self.up(layer):
                self.model.add(value * before >= after + kernel - 1).only_enforce_if(chosen)
                self.model.add(value * before <= after + kernel - 2 + value).only_enforce_if(chosen)
            else:
                self.model.add(before == (after - 1) * value + kernel).only_enforce_if(chosen)

    @cached_property
    def space(self) -> cp_model.LinearExpr:
        """Unevenness of the shrink (or growth) in space."""
        found = zip(self.kinds, (self.target(kind[0]) for kind in self.kinds), strict=True)
        return cp_model.LinearExpr.sum(
            [self._uneven(self.sizes[kind], _ends(self.links[kind]), target) for kind, target in found]
        )

    @cached_property
    def growth(self) -> cp_model.LinearExpr:
        """Unevenness of the channels' growth."""
        return self._uneven(self.channels, self.pairs, self.target(0))

    def _uneven(
        self, cells: list[Cell], ways: Iterable[Iterable[tuple[int, int]]], target: float
    ) -> cp_model.LinearExpr:
        terms = []
        for layer, pairs in enumerate(ways):
            rows = [(a, b, unevenness(a, b, target)) for a, b in pairs]
            cost = self.cell(row[-1] for row in rows)
            self.table([*cells[layer : layer + 2], cost], rows)
            terms.append(cost.var)
        return cp_model.LinearExpr.sum(terms)


def _ends(links: list[list[Step]]) -> list[set[tuple[int, int]]]:
    return [{(step.size, step.out) for step in layer} for layer in links]
