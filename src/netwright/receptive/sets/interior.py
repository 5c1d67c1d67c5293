"""Receptive fields on an endless axis: what an interior unit sees, which no border cuts.

On an endless axis, the index sets of windows, transposed windows, slices and interpolations repeat: after one
period of outputs, everything is `advance` input positions further on. One period therefore describes an
operation, and a chain of operations is a chain of periods. Araujo, Norris & Sim 2019, "Computing receptive
fields of convolutional neural networks", treat the case of period 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

LONGEST_PERIOD = 256

Span = tuple[int, int]


@dataclass(frozen=True)
class PeriodicMap:
    """An index map on an endless axis.

    Args:
        advance: input positions from one period to the next.
        rows: the input positions that each output of one period reads; an empty row reads nothing.
    """

    advance: int
    rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Interior:
    """What the units of one period see on an endless axis.

    Args:
        advance: input positions from one period to the next.
        spans: first and last input position that each unit sees; None sees nothing.

    >>> conv = PeriodicMap(2, ((-1, 0, 1),))
    >>> unit = read(read(POINT, conv), conv)
    >>> unit
    Interior(advance=4, spans=((-3, 3),))
    >>> unit.size, unit.uniform
    (7, True)
    """

    advance: int
    spans: tuple[Span | None, ...]

    @property
    def uniform(self) -> bool:
        """Whether all units see equally many positions, at equal steps."""
        return len(self.spans) == 1 and self.spans[0] is not None

    @property
    def size(self) -> int:
        """How many positions the unit with the largest field sees, from its first to its last."""
        return max((hi - lo + 1 for lo, hi in filter(None, self.spans)), default=0)

    @property
    def stride(self) -> Fraction:
        """Input positions from one unit to the next, on average over a period."""
        return Fraction(self.advance, len(self.spans))

    @property
    def centre(self) -> Fraction | None:
        """The input position at which unit 0 lies, which a reflection of units and fields together shows.

        A unit that sees the positions 0..3 lies at 3/2. After a step up, neighbours may share one field; the
        units then lie at equal steps about the centre that the fields of a period have in common. None where
        no reflection maps the fields to one another.

        >>> halved = Interior(2, ((0, 1),))
        >>> halved.centre, read(halved, PeriodicMap(1, ((0,), (0,)))).centre
        (Fraction(1, 2), Fraction(0, 1))
        """
        first = self.at(0)
        if first is None:
            return None
        for partner in range(len(self.spans)):
            last = self.at(partner)
            total = first[0] + last[1] if last else 0
            if all(self.at(partner - i) == _mirrored(self.at(i), total) for i in range(len(self.spans))):
                return (total - self.stride * partner) / 2
        return None

    def at(self, index: int) -> Span | None:
        """Return the first and last position that unit `index` sees."""
        turns, phase = divmod(index, len(self.spans))
        span = self.spans[phase]
        return None if span is None else (span[0] + turns * self.advance, span[1] + turns * self.advance)


def _mirrored(span: Span | None, total: int) -> Span | None:
    """Return a span reflected so that a position and its image add up to `total`."""
    return None if span is None else (total - span[1], total - span[0])


POINT = Interior(1, ((0, 0),))


def hull(spans: Iterable[Span | None]) -> Span | None:
    """Return the least span that contains all spans.

    >>> hull([(0, 1), None, (4, 5)])
    (0, 5)
    """
    seen = [span for span in spans if span is not None]
    return (min(lo for lo, _ in seen), max(hi for _, hi in seen)) if seen else None


@lru_cache(maxsize=4096)
def read(interior: Interior, periodic: PeriodicMap) -> Interior | None:
    """Return what the outputs of an operation see whose inputs see `interior`; None if the period is long.

    >>> upsample = PeriodicMap(1, ((0,), (0,)))
    >>> read(Interior(2, ((-1, 1),)), upsample)
    Interior(advance=2, spans=((-1, 1), (-1, 1)))
    """
    if len(interior.spans) == 1 and len(periodic.rows) == 1 and interior.advance >= 0 and periodic.rows[0]:
        return _read_affine(interior, periodic)
    period, rows = len(interior.spans), periodic.rows
    repeats = period // gcd(period, periodic.advance) if periodic.advance else 1
    if repeats * len(rows) > LONGEST_PERIOD:
        return None
    spans = [
        hull(interior.at(position + turn * periodic.advance) for position in row)
        for turn in range(repeats)
        for row in rows
    ]
    return _shortest(interior.advance * (repeats * periodic.advance // period), spans)


def _read_affine(interior: Interior, periodic: PeriodicMap) -> Interior:
    """Compute the usual case, in which both repeat at every position."""
    span = interior.at(0)
    assert span is not None or interior.spans == (None,)
    if span is None:
        return Interior(interior.advance * periodic.advance, (None,))
    (row,), step = periodic.rows, interior.advance
    return Interior(step * periodic.advance, ((span[0] + step * min(row), span[1] + step * max(row)),))


def join(first: Interior, second: Interior) -> Interior | None:
    """Return what a sum or concatenation of two maps sees; None when they move at different speeds.

    >>> join(Interior(2, ((0, 0),)), Interior(2, ((-1, 1),)))
    Interior(advance=2, spans=((-1, 1),))
    """
    period = lcm(len(first.spans), len(second.spans))
    if period > LONGEST_PERIOD:
        return None
    advance = first.advance * (period // len(first.spans))
    if advance != second.advance * (period // len(second.spans)):
        return None
    return _shortest(advance, [hull((first.at(i), second.at(i))) for i in range(period)])


def shift(interior: Interior, by: int) -> Interior:
    """Return the same units, `by` outputs further on.

    >>> shift(Interior(2, ((0, 0),)), 1)
    Interior(advance=2, spans=((-2, -2),))
    """
    return Interior(interior.advance, tuple(interior.at(i - by) for i in range(len(interior.spans))))


def _shortest(advance: int, spans: list[Span | None]) -> Interior:
    """Return the same units with the shortest period."""
    whole = Interior(advance, tuple(spans))
    for period in range(1, len(spans)):
        if len(spans) % period or advance * period % len(spans):
            continue
        part = Interior(advance * period // len(spans), tuple(spans[:period]))
        if all(part.at(i) == spans[i] for i in range(period, len(spans))):
            return part
    return whole
