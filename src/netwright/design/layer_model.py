"""Shapes and windows of a fixed number of layers as a constraint model (OR-tools CP-SAT).

Level i is the place before layer i, and the last level is the one after the last layer. A level has channels
and, for every group of axes, a size; a layer has, for every group of axes, a kernel and a stride. Axes with
the same sizes at both ends form a group and take the same windows. The decoder of a mirrored network has the
levels of its encoder in reverse order.
"""

from collections.abc import Callable, Mapping

from ortools.sat.python import cp_model

from netwright.design.layered_graph import channel_arcs, even_arcs, even_steps, ideal_factor
from netwright.design.problem import Problem
from netwright.design.step import Step, StepLimits, steps
from netwright.design.table_model import TableModel, Variable

Axes = tuple[int, ...]


class LayerModel(TableModel):
    """Variables and constraints of a problem with `count` layers (in a mirrored network: each way).

    Args:
        problem: what is required.
        count: the number of layers.
        space_slack: keep only the paths at most this much more uneven in space than the most even one; None
            keeps all paths.
        channel_slack: the same for the channels.
    """

    def __init__(
        self,
        problem: Problem,
        count: int,
        space_slack: int | None = None,
        channel_slack: int | None = None,
    ):
        super().__init__()
        self.problem, self.count = problem, count
        self.mirror = problem.direction == "mirror"
        self.total = 2 * count if self.mirror else count
        self.axis_groups = axis_groups(problem)
        self.least_unevenness = [0, 0]
        self.channels = self._channels(channel_slack)
        self.sizes: dict[Axes, list[Variable]] = {}
        self.kernels: dict[Axes, list[Variable]] = {}
        self.strides: dict[Axes, list[Variable]] = {}
        self.arcs: dict[Axes, list[list[Step]]] = {}
        self.steps: dict[tuple[int, ...], Step] = {}
        for axes in self.axis_groups:
            self._add_axes(axes, space_slack)
        self._waypoints()

    def up(self, layer: int) -> bool:
        """Return whether a layer belongs to a decoder."""
        return self.problem.direction == "up" or layer >= self.count

    def level(self, layer: int) -> int:
        """Return the level before a layer; the decoder of a mirrored network goes back over the levels."""
        return min(layer, self.total - layer) if self.mirror else layer

    def _channels(self, slack: int | None) -> list[Variable]:
        problem = self.problem
        arcs = channel_arcs(problem, self.count, problem.input[0], problem.output[0])
        if all(arcs):
            arcs, self.least_unevenness[1] = even_arcs(arcs, slack, lambda arc: arc, self.ideal_factor(0))
        variables = [self.variable(before for before, _ in layer) for layer in arcs]
        variables.append(self.variable(after for _, after in arcs[-1]))
        for layer, pairs in enumerate(arcs):
            self.table(variables[layer : layer + 2], pairs)
        self.channel_arcs = arcs
        return variables

    def ideal_factor(self, axis: int) -> float:
        """Return the ideal factor of an axis for each layer; the channels are axis 0."""
        return ideal_factor(self.problem.input[axis], self.problem.output[axis], self.count)

    def _add_axes(self, axes: Axes, slack: int | None) -> None:
        """Add the sizes and windows of one group of axes."""
        arcs, least = axis_paths(self.problem, axes[0], self.count, slack)
        self.least_unevenness[0] += least
        sizes = [self.variable(step.size for step in layer) for layer in arcs]
        sizes.append(self.variable(step.out for step in arcs[-1]))
        self.sizes[axes], self.kernels[axes], self.strides[axes] = sizes, [], []
        for layer, choices in enumerate(arcs):
            self._add_window(axes, layer, choices)
        self.arcs[axes] = arcs
        if self.mirror:
            self._add_decoder(axes, arcs)

    def _add_window(self, axes: Axes, layer: int, choices: list[Step]) -> None:
        """Add the kernel and the stride of one layer on one group of axes."""
        kernel = self.variable(step.kernel for step in choices)
        stride = self.variable(step.stride for step in choices)
        before, after = self.level(layer), self.level(layer + 1)
        rows = {(step.size, step.out, step.kernel, step.stride): step for step in choices}
        self.table([self.sizes[axes][before], self.sizes[axes][after], kernel, stride], rows)
        self.steps |= {(self.up(layer), *row): step for row, step in rows.items()}
        self.kernels[axes].append(kernel)
        self.strides[axes].append(stride)

    def _add_decoder(self, axes: Axes, arcs: list[list[Step]]) -> None:
        limits = StepLimits.of(self.problem, up=True)
        for layer, down in zip(range(self.count, self.total), reversed(arcs), strict=True):
            ends = {(step.out, step.size) for step in down}
            starts = sorted({size for size, _ in ends})
            back = [s for size in starts for s in steps(size, limits) if (s.size, s.out) in ends]
            self._add_window(axes, layer, back)

    def _waypoints(self) -> None:
        """Add the shapes that must occur at some level, and those that are fixed at a given level."""
        for shape in self.problem.through:
            occurs = []
            for level in range(1, self.count):
                here = self.cp.new_bool_var("")
                self._fix_shape(level, shape, here)
                occurs.append(here)
            self.cp.add_bool_or(occurs)
        if self.problem.retrace and len(self.problem.retrace) != self.count + 1:
            self.cp.add_bool_or([])
            return
        for level, shape in enumerate(self.problem.retrace):
            self._fix_shape(level, shape, self.cp.new_constant(1))

    def _fix_shape(self, level: int, shape: tuple[int, ...], condition: cp_model.IntVar) -> None:
        self.cp.add(self.channels[level].var == shape[0]).only_enforce_if(condition)
        for axes in self.axis_groups:
            for axis in axes:
                self.cp.add(self.sizes[axes][level].var == shape[axis]).only_enforce_if(condition)

    def product_over_axes(
        self, variables: Mapping[Axes, list[Variable]], index: int, function: Callable[[int], int]
    ) -> Variable:
        """Return the product over all axes of a function of their variables at an index."""
        return self.times(
            *(self.derive(_power(function, len(axes)), variables[axes][index]) for axes in self.axis_groups)
        )


def _power(function: Callable[[int], int], exponent: int) -> Callable[[int], int]:
    return lambda value: function(value) ** exponent


def axis_paths(
    problem: Problem, axis: int, count: int, slack: int | None = 0
) -> tuple[list[list[Step]], int]:
    """Return the steps on the paths of one axis that are even up to `slack`, and the least unevenness."""
    limits = StepLimits.of(problem, up=problem.direction == "up")
    return even_steps(problem.input[axis], problem.output[axis], count, limits, slack)


def axis_groups(problem: Problem) -> list[Axes]:
    """Group the axes by the sizes they must have; the axes of a group share their sizes and windows.

    >>> axis_groups(Problem((3, 32, 64), (8, 1, 1))), axis_groups(Problem((3, 32, 32), (8, 1, 1)))
    ([(1,), (2,)], [(1, 2)])
    """
    shapes = (problem.input, problem.output, *problem.through, *problem.retrace)
    by_sizes: dict[tuple[int, ...], list[int]] = {}
    for axis in range(1, problem.rank + 1):
        by_sizes.setdefault(tuple(shape[axis] for shape in shapes), []).append(axis)
    return [tuple(axes) for axes in by_sizes.values()]
