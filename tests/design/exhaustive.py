"""Every network of a small problem, found by trying all: what the solver is compared with.

It shares the legal steps of one axis (tested against torch by themselves) and the counting of a finished
layer (tested against the built module), and nothing of the constraint model.
"""

from collections.abc import Iterator
from itertools import pairwise, product
from math import prod

from netwright.design.draft import kinds
from netwright.design.layer import Layer, receptive_field
from netwright.design.pattern import Rules, steps
from netwright.design.problem import Problem
from netwright.design.route import channel_links, ideal, unevenness

Design = tuple[Layer, ...]
Windows = tuple[tuple[int, ...], ...]


def designs(problem: Problem) -> Iterator[Design]:
    """All networks that meet a problem."""
    for count in problem.counts():
        for shapes, windows in chains(problem, count):
            layers = tuple(
                Layer(problem, problem.direction == "up", index == count - 1, before, after, *window)
                for index, ((before, after), window) in enumerate(zip(pairwise(shapes), windows, strict=True))
            )
            if meets(problem, layers):
                yield layers


def chains(problem: Problem, count: int) -> Iterator[tuple[list[tuple[int, ...]], list[Windows]]]:
    """Shapes of every station and windows of every layer."""
    rules = Rules.of(problem, up=problem.direction == "up")

    def onward(shape: tuple[int, ...], left: int):
        if not left:
            if shape == problem.output:
                yield [shape], []
            return
        ways = [steps(shape[kind[0]], rules) for kind in kinds(problem)]
        channels = channel_links(problem, count, problem.input[0], problem.output[0])[count - left]
        for chosen in product(*ways):
            axes = [step for axis in range(1, len(shape)) for step in chosen_for(problem, chosen, axis)]
            window = tuple(
                zip(*((step.kernel, step.stride, step.padding, step.extra) for step in axes), strict=True)
            )
            for _, out in (pair for pair in channels if pair[0] == shape[0]):
                for shapes, windows in onward((out, *(step.out for step in axes)), left - 1):
                    yield [shape, *shapes], [window, *windows]

    yield from onward(problem.input, count)


def chosen_for(problem: Problem, chosen, axis: int):
    return [step for step, kind in zip(chosen, kinds(problem), strict=True) if axis in kind]


def meets(problem: Problem, layers: Design) -> bool:
    """Budgets and rules over whole networks."""
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
    """What is made small, the most important first."""
    shapes = [layers[0].input, *(layer.output for layer in layers)]

    def uneven(axis: int) -> int:
        target = ideal(problem.input[axis], problem.output[axis], len(layers))
        return sum(unevenness(a[axis], b[axis], target) for a, b in pairwise(shapes))

    space = sum(uneven(kind[0]) for kind in kinds(problem))
    params, macs = sum(layer.params for layer in layers), sum(layer.macs for layer in layers)
    if problem.objective == "even":
        return space, uneven(0), params
    return (params if problem.objective == "params" else macs), space, uneven(0)
