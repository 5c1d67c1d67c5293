"""Shapes and windows of a fixed number of layers as a constraint model (OR-tools CP-SAT).

Stations are the places before each layer and after the last. A station has channels and, for every kind of
axis, a size; a layer has, for every kind of axis, a kernel and a stride. Axes with the same sizes at both
ends are of one kind: they take the same windows. On the way up of a mirror the stations are those of the way
down in reverse.
"""

from collections.abc import Callable, Iterable, Mapping

from ortools.sat.python import cp_model

from netwright.design.cells import Cell, Cells
from netwright.design.pattern import Rules, Step, steps
from netwright.design.problem import Problem
from netwright.design.route import channel_links, even_links, even_steps, ideal


class Draft(Cells):
    """Variables and constraints of `problem` with `count` layers (of a mirror: each way).

    Args:
        problem: what is asked.
        count: layers.
        slack: keeps only ways at most so much less even in space than the most even; None keeps all.
        spread: the same for the channels.
    """

    def __init__(self, problem: Problem, count: int, slack: int | None = None, spread: int | None = None):
        super().__init__()
        self.problem, self.count = problem, count
        self.mirror = problem.direction == "mirror"
        self.total = 2 * count if self.mirror else count
        self.kinds = kinds(problem)
        self.floors = [0, 0]
        self.channels = self._channels(spread)
        self.sizes: dict[tuple[int, ...], list[Cell]] = {}
        self.kernels: dict[tuple[int, ...], list[Cell]] = {}
        self.strides: dict[tuple[int, ...], list[Cell]] = {}
        self.links: dict[tuple[int, ...], list[list[Step]]] = {}
        self.rows: dict[tuple[int, ...], Step] = {}
        for kind in self.kinds:
            self._axis(kind, slack)
        self._waypoints()

    def up(self, layer: int) -> bool:
        """Whether a layer is on the way up."""
        return self.problem.direction == "up" or layer >= self.count

    def station(self, index: int) -> int:
        """The station whose shape stands before layer `index`; a mirror goes back over its own."""
        return min(index, self.total - index) if self.mirror else index

    def _channels(self, spread: int | None) -> list[Cell]:
        problem = self.problem
        links = channel_links(problem, self.count, problem.input[0], problem.output[0])
        if all(links):
            links, self.floors[1] = even_links(links, spread, lambda pair: pair, self.target(0))
        cells = [self.cell(pair[0] for pair in layer) for layer in links]
        cells.append(self.cell(pair[1] for pair in links[-1]))
        for layer, pairs in enumerate(links):
            self.table(cells[layer : layer + 2], pairs)
        self.pairs = links
        return cells

    def target(self, axis: int) -> float:
        """The ideal factor of an axis, channels being axis 0."""
        return ideal(self.problem.input[axis], self.problem.output[axis], self.count)

    def _axis(self, kind: tuple[int, ...], slack: int | None) -> None:
        """Sizes and windows of one kind of axis."""
        links, floor = axis_floor(self.problem, kind[0], self.count, slack)
        self.floors[0] += floor
        sizes = [self.cell(step.size for step in layer) for layer in links]
        sizes.append(self.cell(step.out for step in links[-1]))
        self.sizes[kind], self.kernels[kind], self.strides[kind] = sizes, [], []
        for layer, found in enumerate(links):
            self._windows(kind, layer, found)
        self.links[kind] = links
        if self.mirror:
            self._way_back(kind, links)

    def _windows(self, kind: tuple[int, ...], layer: int, found: Iterable[Step]) -> None:
        """Kernel and stride of one layer on one kind of axis."""
        found = list(found)
        kernel, stride = self.cell(s.kernel for s in found), self.cell(s.stride for s in found)
        before, after = self.station(layer), self.station(layer + 1)
        cells = [self.sizes[kind][before], self.sizes[kind][after], kernel, stride]
        self.table(cells, [(s.size, s.out, s.kernel, s.stride) for s in found])
        self.rows |= {(self.up(layer), s.size, s.out, s.kernel, s.stride): s for s in found}
        self.kernels[kind].append(kernel)
        self.strides[kind].append(stride)

    def _way_back(self, kind: tuple[int, ...], links: list[list[Step]]) -> None:
        rules = Rules.of(self.problem, up=True)
        for layer, down in zip(range(self.count, self.total), reversed(links), strict=True):
            ends = {(step.out, step.size) for step in down}
            starts = sorted({size for size, _ in ends})
            back = [s for size in starts for s in steps(size, rules) if (s.size, s.out) in ends]
            self._windows(kind, layer, back)

    def _waypoints(self) -> None:
        """Shapes that must stand somewhere between, and those that stand at a fixed place."""
        for shape in self.problem.through:
            here = []
            for station in range(1, self.count):
                stands = self.model.new_bool_var("")
                self._stand(station, shape, stands)
                here.append(stands)
            self.model.add_bool_or(here)
        if self.problem.retrace and len(self.problem.retrace) != self.count + 1:
            self.model.add_bool_or([])
            return
        for station, shape in enumerate(self.problem.retrace):
            self._stand(station, shape, self.model.new_constant(1))

    def _stand(self, station: int, shape: tuple[int, ...], stands: cp_model.IntVar) -> None:
        self.model.add(self.channels[station].var == shape[0]).only_enforce_if(stands)
        for kind in self.kinds:
            for axis in kind:
                self.model.add(self.sizes[kind][station].var == shape[axis]).only_enforce_if(stands)

    def each(self, cells: Mapping[tuple[int, ...], list[Cell]], place: int, of: Callable[[int], int]) -> Cell:
        """The product over all axes of a function of their cells at a place."""
        return self.times(*(self.derive(_power(of, len(kind)), cells[kind][place]) for kind in self.kinds))


def _power(of: Callable[[int], int], axes: int) -> Callable[[int], int]:
    return lambda value: of(value) ** axes


def axis_floor(
    problem: Problem, axis: int, count: int, slack: int | None = 0
) -> tuple[list[list[Step]], int]:
    """Steps of one axis that are even up to `slack`, and the least unevenness."""
    rules = Rules.of(problem, up=problem.direction == "up")
    return even_steps(problem.input[axis], problem.output[axis], count, rules, slack)


def kinds(problem: Problem) -> list[tuple[int, ...]]:
    """Axes grouped by what they must do; one group's axes share sizes and windows.

    >>> kinds(Problem((3, 32, 64), (8, 1, 1))), kinds(Problem((3, 32, 32), (8, 1, 1)))
    ([(1,), (2,)], [(1, 2)])
    """
    shapes = (problem.input, problem.output, *problem.through, *problem.retrace)
    found: dict[tuple[int, ...], list[int]] = {}
    for axis in range(1, problem.rank + 1):
        found.setdefault(tuple(shape[axis] for shape in shapes), []).append(axis)
    return [tuple(axes) for axes in found.values()]
