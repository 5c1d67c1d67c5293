"""Every network of a small problem, by exhaustive search; the solver is compared with these.

It shares the legal steps of one axis (tested against torch by themselves) and the counting of a finished
layer (tested against the built module), and nothing of the constraint model.
"""

from collections.abc import Iterator
from itertools import pairwise, product
from math import prod

from netwright.design.layer import Layer, receptive_field
from netwright.design.layer_model import axis_groups
from netwright.design.layered_graph import channel_arcs, ideal_factor, unevenness
from netwright.design.problem import Problem
from netwright.design.step import StepLimits, steps

Design = tuple[Layer, ...]
Windows = tuple[tuple[int, ...], ...]


def designs(problem: Problem) -> Iterator[Design]:
    """Yield all networks that meet a problem."""
    for count in problem.counts():
        for shapes, windows in chains(problem, count):
            layers = tuple(
                Layer(problem, problem.direction == "up", index == count - 1, before, after, *window)
                for index, ((before, after), window) in enumerate(zip(pairwise(shapes), windows, strict=True))
            )
            if meets(problem, layers):
                yield layers


def chains(problem: Problem, count: int) -> Iterator[tuple[list[tuple[int, ...]], list[Windows]]]:
    """Yield the shapes of every level with the windows of every layer."""
    limits = StepLimits.of(problem, up=problem.direction == "up")

    def successors(shape: tuple[int, ...], left: int):
        if not left:
            if shape == problem.output:
                yield [shape], []
            return
        choices = [steps(shape[axes[0]], limits) for axes in axis_groups(problem)]
        channels = channel_arcs(problem, count, problem.input[0], problem.output[0])[count - left]
        for chosen in product(*choices):
            axis_steps = [step for axis in range(1, len(shape)) for step in chosen_for(problem, chosen, axis)]
            window = tuple(
                zip(
                    *((step.kernel, step.stride, step.padding, step.output_padding) for step in axis_steps),
                    strict=True,
                )
            )
            for _, out in (pair for pair in channels if pair[0] == shape[0]):
                for shapes, windows in successors((out, *(step.out for step in axis_steps)), left - 1):
                    yield [shape, *shapes], [window, *windows]

    yield from successors(problem.input, count)


def chosen_for(problem: Problem, chosen, axis: int):
    return [step for step, axes in zip(chosen, axis_groups(problem), strict=True) if axis in axes]


def meets(problem: Problem, layers: Design) -> bool:
    """Return whether a network keeps the budgets and rules that concern it as a whole."""
    shapes = [layers[0].input, *(layer.output for layer in layers)]
    field = receptive_field(layers)
    return all(
        (
            problem.max_params is None or sum(layer.params for layer in layers) <= problem.max_params,
            problem.max_macs is None or sum(layer.macs for layer in layers) <= problem.max_macs,
            problem.min_receptive_field is None or min(field) >= problem.min_receptive_field,
            problem.max_receptive_field is None or max(field) <= problem.max_receptive_field,
            not problem.no_collapse or all(prod(a) <= 8 * prod(b) for a, b in pairwise(shapes)),
            all(shape in shapes[1:-1] for shape in problem.through),
        )
    )


def score(problem: Problem, layers: Design) -> tuple[int, ...]:
    """Return the goals to minimise, the most important first."""
    shapes = [layers[0].input, *(layer.output for layer in layers)]

    def uneven(axis: int) -> int:
        target = ideal_factor(problem.input[axis], problem.output[axis], len(layers))
        return sum(unevenness(a[axis], b[axis], target) for a, b in pairwise(shapes))

    space = sum(uneven(axes[0]) for axes in axis_groups(problem))
    params, macs = sum(layer.params for layer in layers), sum(layer.macs for layer in layers)
    if problem.objective == "even":
        return space, uneven(0), params
    return (params if problem.objective == "params" else macs), space, uneven(0)
