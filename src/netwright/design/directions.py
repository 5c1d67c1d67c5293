"""The design functions, one for each direction between two shapes: encoder, decoder, autoencoder, between."""

from dataclasses import replace
from typing import Unpack

from netwright.arithmetic.shape import Shape, show
from netwright.design.problem import Problem, Requirements, declare
from netwright.design.solution import Solution
from netwright.errors import DesignError

MOST_ALTERNATIVES = 20


def encoder(
    input: Shape, output: Shape, *, alternatives: int = 0, **requirements: Unpack[Requirements]
) -> Solution:
    """Return convolutions that shrink `input` to `output`.

    Args:
        input: channels and sizes of the input without the batch, such as (3, 32, 32).
        output: channels and sizes of the output.
        alternatives: how many further solutions to look for, the next best first.
        requirements: `layers`, `max_params` and the like; see `Problem`.

    Raises:
        DesignError: a requirement is unknown or out of range.
        InfeasibleError: requirements conflict; the error says which, and what to relax.

    >>> solution = encoder((3, 32, 32), (1024, 1, 1), layers=5, max_params=2_000_000)
    >>> [layer.output for layer in solution.layers]
    [(8, 16, 16), (24, 8, 8), (64, 4, 4), (256, 2, 2), (1024, 1, 1)]
    """
    return design(declare("down", input, output, requirements), alternatives)


def decoder(
    input: Shape,
    output: Shape,
    *,
    mirror: Solution | None = None,
    alternatives: int = 0,
    **requirements: Unpack[Requirements],
) -> Solution:
    """Return transposed convolutions that grow `input` to `output`.

    `mirror` is an encoder whose shapes the decoder retraces.

    Raises: as `encoder`.

    >>> down = encoder((3, 32, 32), (64, 4, 4), layers=3)
    >>> decoder((64, 4, 4), (3, 32, 32), mirror=down).shapes == down.shapes[::-1]
    True
    """
    if mirror is not None:
        requirements["retrace"] = mirror.shapes[::-1]
    return design(declare("up", input, output, requirements), alternatives)


def autoencoder(
    input: Shape, code: Shape, *, alternatives: int = 0, **requirements: Unpack[Requirements]
) -> Solution:
    """Return an encoder from `input` to `code` and a decoder that retraces its shapes.

    Budgets hold for both together; `layers` and the receptive field are those of the encoder.

    Raises: as `encoder`.

    >>> solution = autoencoder((1, 28, 28), (16, 7, 7), layers=2)
    >>> [layer.output for layer in solution.layers]
    [(8, 14, 14), (16, 7, 7), (8, 14, 14), (1, 28, 28)]
    """
    return design(declare("mirror", input, code, requirements), alternatives)


def between(
    input: Shape, output: Shape, *, alternatives: int = 0, **requirements: Unpack[Requirements]
) -> Solution:
    """Return layers between two shapes: convolutions, or transposed ones where the map grows.

    Raises: as `encoder`, and where one axis grows and another one shrinks.

    >>> between((64, 8, 8), (128, 8, 8), layers=1).layers[0].kernel
    (3, 3)
    """
    grows = [after > before for before, after in zip(input[1:], output[1:], strict=False)]
    shrinks = [after < before for before, after in zip(input[1:], output[1:], strict=False)]
    if any(grows) and any(shrinks):
        raise DesignError(
            f"from {show(input)} to {show(output)} one axis grows and another shrinks; design an encoder "
            "and a decoder with a shape between them."
        )
    return design(declare("up" if any(grows) else "down", input, output, requirements), alternatives)


def design(problem: Problem, alternatives: int = 0) -> Solution:
    """Return the best solution of a problem, with the given number of alternatives or as many as exist."""
    from netwright.design.conflict import explain
    from netwright.design.solve import best

    if not 0 <= alternatives <= MOST_ALTERNATIVES:
        raise DesignError(f"`alternatives` (={alternatives}) must be 0 to {MOST_ALTERNATIVES}.")
    first = best(problem)
    if first is None:
        raise explain(problem)
    distinct = [first]
    while len(distinct) <= alternatives and (further := best(problem, tuple(distinct))):
        distinct.append(further)
    solutions = [Solution(problem, layers) for layers in distinct]
    return replace(solutions[0], alternatives=tuple(solutions[1:]))
