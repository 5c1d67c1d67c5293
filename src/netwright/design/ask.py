"""Ask for a network by the shapes that go in and come out: `encoder`, `decoder`, `autoencoder`, `between`."""

from dataclasses import replace
from typing import Unpack

from netwright.arithmetic.shape import Shape, show
from netwright.design.plan import Plan
from netwright.design.problem import Problem, Wishes, declare
from netwright.errors import DesignError

MOST_ALTERNATIVES = 20


def encoder(input: Shape, output: Shape, *, alternatives: int = 0, **wishes: Unpack[Wishes]) -> Plan:
    """Convolutions that shrink `input` to `output`.

    Args:
        input: channels and sizes, without batch, as (3, 32, 32).
        output: the same of what comes out.
        alternatives: how many further plans to look for, the next best first.
        wishes: `layers`, `max_params` and the like; see `Problem`.

    Raises:
        DesignError: a request that makes no sense.
        InfeasibleError: wishes that clash: which, and what to relax.

    >>> plan = encoder((3, 32, 32), (1024, 1, 1), layers=5, max_params=2_000_000)
    >>> [layer.output for layer in plan.layers]
    [(8, 16, 16), (24, 8, 8), (64, 4, 4), (256, 2, 2), (1024, 1, 1)]
    """
    return design(declare("down", input, output, wishes), alternatives)


def decoder(
    input: Shape,
    output: Shape,
    *,
    mirror: Plan | None = None,
    alternatives: int = 0,
    **wishes: Unpack[Wishes],
) -> Plan:
    """Transposed convolutions that grow `input` to `output`; `mirror` is an encoder whose shapes to retrace.

    Raises: as `encoder`.

    >>> down = encoder((3, 32, 32), (64, 4, 4), layers=3)
    >>> decoder((64, 4, 4), (3, 32, 32), mirror=down).shapes == down.shapes[::-1]
    True
    """
    if mirror is not None:
        wishes["retrace"] = mirror.shapes[::-1]
    return design(declare("up", input, output, wishes), alternatives)


def autoencoder(input: Shape, code: Shape, *, alternatives: int = 0, **wishes: Unpack[Wishes]) -> Plan:
    """An encoder from `input` to `code` and a decoder that retraces its shapes, budgets over both.

    `layers` and the receptive field are those of the encoder.

    Raises: as `encoder`.

    >>> plan = autoencoder((1, 28, 28), (16, 7, 7), layers=2)
    >>> [layer.output for layer in plan.layers]
    [(8, 14, 14), (16, 7, 7), (8, 14, 14), (1, 28, 28)]
    """
    return design(declare("mirror", input, code, wishes), alternatives)


def between(input: Shape, output: Shape, *, alternatives: int = 0, **wishes: Unpack[Wishes]) -> Plan:
    """Layers that fit between two shapes: convolutions, or transposed ones where space grows.

    Raises: as `encoder`; also where one axis grows and another shrinks.

    >>> between((64, 8, 8), (128, 8, 8), layers=1).layers[0].kernel
    (3, 3)
    """
    grows = [after > before for before, after in zip(input[1:], output[1:], strict=False)]
    shrinks = [after < before for before, after in zip(input[1:], output[1:], strict=False)]
    if any(grows) and any(shrinks):
        raise DesignError(
            f"from {show(input)} to {show(output)} one axis grows and another shrinks; design an encoder "
            "and a decoder by way of a shape between."
        )
    return design(declare("up" if any(grows) else "down", input, output, wishes), alternatives)


def design(problem: Problem, alternatives: int = 0) -> Plan:
    """The best plan of a problem, with up to so many further ones."""
    from netwright.design.conflict import explain
    from netwright.design.solve import best

    if not 0 <= alternatives <= MOST_ALTERNATIVES:
        raise DesignError(f"`alternatives` (={alternatives}) must be 0 to {MOST_ALTERNATIVES}.")
    first = best(problem)
    if first is None:
        raise explain(problem)
    found = [first]
    while len(found) <= alternatives and (more := best(problem, tuple(found))):
        found.append(more)
    plans = [Plan(problem, layers) for layers in found]
    return replace(plans[0], alternatives=tuple(plans[1:]))
