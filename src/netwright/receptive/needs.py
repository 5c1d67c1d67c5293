"""What a part of an output needs of the input along one axis, so that tiles can be cut exactly.

A tile that starts at a multiple of the total stride runs through a network as the whole input does: every
pooling and every strided convolution meets the same phase. Its outputs then equal those of the whole where
their receptive fields end inside the tile, or where the border of the tile is that of the input.
"""

from dataclasses import dataclass, replace
from math import lcm

from torch import nn

from netwright.arithmetic.grid import Axis
from netwright.receptive.fields import counting
from netwright.receptive.grid import halvable, recorded
from netwright.receptive.sets.interior import Interior, Span
from netwright.receptive.sets.reach import Reach
from netwright.receptive.walk import walk
from netwright.trace.graph import Graph

RESIZED = "what a position sees depends on the size of the input"


@dataclass(frozen=True)
class Needs:
    """What the positions of an output see along one axis of the input, in evaluation.

    Args:
        step: The total stride: shifting the input by it shifts every tensor by whole positions. 1 where every
            position sees everything, because no shift is exact then.
        interior: The fields of positions that no border cuts; None where they have no such form.
        reason: Why there is none, to be said after "along axis 0 "; empty where there is one.
    """

    step: int
    interior: Interior | None
    reason: str = ""

    @property
    def size(self) -> int:
        """How many pixels a position sees, at most; 0 where there is no such number."""
        return self.interior.size if self.interior else 0

    def first(self, start: int) -> int:
        """Return the first position of the output from which on nothing before pixel `start` is seen.

        >>> Needs(1, Interior(1, ((-1, 1),))).first(8)
        9
        """
        return max(unit for unit, _ in self._around(start - 1, 0)) + 1

    def stop(self, end: int) -> int:
        """Return the position of the output up to which nothing from pixel `end` on is seen, not counted.

        >>> Needs(1, Interior(1, ((-1, 1),))).stop(8)
        7
        """
        return min(unit for _, unit in self._around(end, 1))

    def _around(self, pixel: int, side: int) -> list[tuple[int, int]]:
        """Return, for each phase, the last unit with its edge up to `pixel`, and the first from there on."""
        assert self.interior is not None
        period, advance = len(self.interior.spans), self.interior.advance
        spans = [(phase, span[side]) for phase, span in enumerate(self.interior.spans) if span is not None]
        return [
            (phase + (pixel - edge) // advance * period, phase - (edge - pixel) // advance * period)
            for phase, edge in spans
        ]


def needs(net: nn.Module, input: tuple[int, ...]) -> list[Needs]:
    """Return what the first output needs of each axis of space, for an input of shape [c, *space].

    Norms that take statistics in evaluation see everything. Where a way up returns to a size that a halving
    rounded, the total stride is that of a larger input, which no halving rounds.

    Args:
        net: Any module; it stays untouched.
        input: Shape of one example.

    Raises:
        SpecError: The network cannot read such inputs.
    """
    known = _read(recorded(net, input))
    if any(need.reason == RESIZED for need in known):
        even = _read(recorded(net, halvable(input)))
        known = [
            replace(need, step=other.step) if need.reason == RESIZED else need
            for need, other in zip(known, even, strict=True)
        ]
    return known


def reflected(need: Needs, axis: Axis) -> Needs:
    """Return what a position needs for the input and for the reflected input, mapped back, together.

    Args:
        need: What it needs for the input itself.
        axis: The grid of the output, for any input that leaves the same remainder of the total stride.

    >>> from fractions import Fraction
    >>> axis = Axis(Fraction(1), Fraction(0), size=8, input=8)
    >>> reflected(Needs(1, Interior(1, ((0, 3),))), axis).interior
    Interior(advance=1, spans=((-3, 3),))
    """
    if need.interior is None:
        return need
    spans, advance = need.interior.spans, need.interior.advance
    both: list[Span | None] = []
    for phase, span in enumerate(spans):
        periods, other = divmod(axis.size - 1 - phase, len(spans))
        last, beside = axis.input - 1 - periods * advance, spans[other]
        mirrored = None if beside is None else (last - beside[1], last - beside[0])
        known = [each for each in (span, mirrored) if each is not None]
        both.append((min(low for low, _ in known), max(high for _, high in known)) if known else None)
    return replace(need, interior=Interior(advance, tuple(both)))


def _read(graph: Graph) -> list[Needs]:
    rank = len(graph.inputs[0].shape)
    axes = (tuple(range(2, rank)), *(() for _ in graph.inputs[1:]))
    walked = walk(graph, axes, strict=counting(graph))
    key = graph.outputs[0].key
    return [_along(walked[0, axis], key) for axis in axes[0]]


def _along(reaches: dict[int, Reach], key: int) -> Needs:
    interiors = [reach.motion.interior for reach in reaches.values() if reach.motion.kind == "moving"]
    step = lcm(*(max(1, abs(interior.stride.numerator)) for interior in interiors))
    reach = reaches.get(key)
    if reach is None:
        return Needs(step, None, "nothing of the input is seen")
    if reach.unknown:
        return Needs(step, None, f"what is seen through `{reach.unknown}` is not known")
    if reach.motion.kind == "whole":
        return Needs(1, None, "every position sees the whole input")
    interior = reach.motion.interior
    if reach.motion.kind != "moving" or interior.advance <= 0 or not any(interior.spans):
        return Needs(step, None, RESIZED)
    return Needs(step, interior)
