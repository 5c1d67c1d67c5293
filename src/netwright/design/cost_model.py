"""What layers cost: parameters, MACs, receptive field and unevenness, as expressions of a layer model."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from itertools import pairwise

from ortools.sat.python import cp_model

from netwright.design.layer import (
    reducing_weights,
    residual_kernel,
    residual_reach,
    residual_weights,
    shifts,
    window_weights,
)
from netwright.design.layer_model import Axes, LayerModel
from netwright.design.layered_graph import field_bounds, unevenness
from netwright.design.problem import Problem
from netwright.design.step import Step
from netwright.design.table_model import LARGEST_TABLE, Variable

COLLAPSE = 8
WIDEST_FIELD = 2**62


class CostModel(LayerModel):
    """A layer model within its budgets; arguments as `LayerModel`. A cost is built when it is first used."""

    def __init__(
        self,
        problem: Problem,
        count: int,
        space_slack: int | None = None,
        channel_slack: int | None = None,
    ):
        super().__init__(problem, count, space_slack, channel_slack)
        if problem.no_collapse:
            self._no_collapse()
        if problem.max_params is not None:
            self.cp.add(self.params <= problem.max_params)
        if problem.max_macs is not None:
            self.cp.add(self.macs <= problem.max_macs)
        self._bound_fields()

    def _no_collapse(self) -> None:
        for before, after in pairwise(self.volumes):
            self.cp.add(before.var <= COLLAPSE * after.var)
            if self.mirror:
                self.cp.add(after.var <= COLLAPSE * before.var)

    def _bound_fields(self) -> None:
        low, high = self.problem.min_receptive_field, self.problem.max_receptive_field
        for field in self.fields if (low, high) != (None, None) else ():
            self.cp.add_linear_constraint(field.var, low or 1, high or WIDEST_FIELD)

    @cached_property
    def positions(self) -> list[Variable]:
        """The positions of the map at each level."""
        return [
            self.product_over_axes(self.sizes, level, lambda size: size) for level in range(self.count + 1)
        ]

    @cached_property
    def volumes(self) -> list[Variable]:
        """The numbers in the representation at each level: channels times positions."""
        return [self.times(c, p) for c, p in zip(self.channels, self.positions, strict=True)]

    @cached_property
    def points(self) -> list[Variable]:
        """Whether the map at each level has a single position."""
        return [
            self.product_over_axes(self.sizes, level, lambda size: int(size == 1))
            for level in range(self.count + 1)
        ]

    @cached_property
    def weights(self) -> list[Variable]:
        """The weights of each layer's window."""
        return [self._weights(layer) for layer in range(self.total)]

    def _weights(self, layer: int) -> Variable:
        """Return the weights of one window, by a table with rows for consecutive channels only."""
        ends = [self.channels[self.level(layer)], self.channels[self.level(layer + 1)]]
        taps = self.product_over_axes(self.kernels, layer, lambda kernel: kernel)
        back = layer >= self.count
        pairs = [pair[::-1] if back else pair for pair in self.channel_arcs[self.level(layer) - back]]
        if len(taps.domain) * len(pairs) <= LARGEST_TABLE:
            rows = [(k, *pair, window_weights(k, *pair, self.problem)) for k in taps.domain for pair in pairs]
            weights = self.variable(row[-1] for row in rows)
            self.table([taps, *ends, weights], rows)
            return weights
        per_pair = [(*pair, window_weights(1, *pair, self.problem)) for pair in pairs]
        per_tap = self.variable(row[-1] for row in per_pair)
        self.table([*ends, per_tap], per_pair)
        return self.times(taps, per_tap)

    @cached_property
    def blocks(self) -> list[Variable]:
        """The weights of the residual blocks at each level that has any."""
        return [self._block_weights(level) for level in range(self.count + 1)]

    def _block_weights(self, level: int) -> Variable:
        taps = self.product_over_axes(self.sizes, level, residual_kernel)
        per_tap = self.derive(
            lambda c, point: 0 if point else residual_weights(1, c, self.problem),
            self.channels[level],
            self.points[level],
        )
        return self.times(taps, per_tap)

    @cached_property
    def params(self) -> cp_model.LinearExpr:
        """The trainable parameters."""
        terms = [weights.var for weights in self.weights]
        for layer in range(self.total):
            before, after = self.level(layer), self.level(layer + 1)
            last = layer == self.total - 1
            if not last and self.problem.residuals:
                terms.append(self.blocks[after].var)
            ends = [self.channels[before], self.channels[after], self.points[before], self.points[after]]
            terms.append(self.derive(partial(self._other_params, last), *ends).var)
        return cp_model.LinearExpr.sum(terms)

    def _other_params(self, last: bool, channels: int, out: int, before: int, after: int) -> int:
        points = (bool(before), bool(after))
        params = shifts(channels, out, self.problem, points=points, last=last)
        return params + reducing_weights(channels, self.problem)

    @cached_property
    def macs(self) -> cp_model.LinearExpr:
        """The multiply-accumulates of one example."""
        terms = []
        for layer in range(self.total):
            before, after = self.level(layer), self.level(layer + 1)
            positions = self.positions[before if self.up(layer) else after]
            terms.append(self.times(self.weights[layer], positions).var)
            if self.problem.bottleneck > 1:
                reducing = self.derive(partial(reducing_weights, problem=self.problem), self.channels[before])
                terms.append(self.times(reducing, self.positions[before]).var)
            if self.problem.residuals and layer < self.total - 1:
                terms.append(self.times(self.blocks[after], self.positions[after]).var)
        return cp_model.LinearExpr.sum(terms)

    @cached_property
    def fields(self) -> list[Variable]:
        """The input positions that one output (in a mirrored network: one position of the code) sees."""
        return [self._field(axes) for axes in self.axis_groups if all(self.arcs[axes])]

    def _field(self, axes: Axes) -> Variable:
        bounds = field_bounds(self.arcs[axes], self.residual_reach, up=self.up(0))
        after = self.variable([1])
        for layer in reversed(range(self.count)):
            low, high = bounds[layer]
            before = Variable(self.cp.new_int_var(low, high, ""), range(low, high + 1))
            reach = self.derive(self.residual_reach[layer], self.sizes[axes][layer + 1])
            kernel = self.kernels[axes][layer].var
            self._window_field(self.strides[axes][layer], (before.var, after.var + reach.var, kernel), layer)
            after = before
        return after

    @property
    def residual_reach(self) -> list[Callable[[int], int]]:
        """For each layer of one way, what its residual blocks add to the field on an axis of some size."""
        blocks = [self.problem.residuals * (layer < self.total - 1) for layer in range(self.count)]
        return [partial(residual_reach, blocks=each) for each in blocks]

    def _window_field(self, stride: Variable, ends: tuple[cp_model.LinearExpr, ...], layer: int) -> None:
        before, after, kernel = ends
        for value in stride.domain:
            chosen = self.cp.new_bool_var("")
            self.cp.add(stride.var == value).only_enforce_if(chosen)
            self.cp.add(stride.var != value).only_enforce_if(~chosen)
            if self.up(layer):
                self.cp.add(value * before >= after + kernel - 1).only_enforce_if(chosen)
                self.cp.add(value * before <= after + kernel - 2 + value).only_enforce_if(chosen)
            else:
                self.cp.add(before == (after - 1) * value + kernel).only_enforce_if(chosen)

    @cached_property
    def space(self) -> cp_model.LinearExpr:
        """The unevenness of the shrinking (or growth) in space."""
        return cp_model.LinearExpr.sum(
            [
                self._unevenness(self.sizes[axes], _ends(self.arcs[axes]), self.ideal_factor(axes[0]))
                for axes in self.axis_groups
            ]
        )

    @cached_property
    def growth(self) -> cp_model.LinearExpr:
        """The unevenness of the growth of the channels."""
        return self._unevenness(self.channels, self.channel_arcs, self.ideal_factor(0))

    def _unevenness(
        self, variables: list[Variable], arcs: Iterable[Iterable[tuple[int, int]]], ideal: float
    ) -> cp_model.LinearExpr:
        terms = []
        for layer, pairs in enumerate(arcs):
            rows = [(a, b, unevenness(a, b, ideal)) for a, b in pairs]
            cost = self.variable(row[-1] for row in rows)
            self.table([*variables[layer : layer + 2], cost], rows)
            terms.append(cost.var)
        return cp_model.LinearExpr.sum(terms)


def _ends(arcs: list[list[Step]]) -> list[set[tuple[int, int]]]:
    return [{(step.size, step.out) for step in layer} for layer in arcs]
