"""Index maps: which input positions each output position of an operation reads, along one axis.

Every operation that moves along an axis (window, transposed window, adaptive bins, slice, flip, padding,
roll, interpolation) is one table: row i lists the positions that output i reads, and -1 stands for none. All
further arithmetic (first and last position, holes, positions never read) is gathering by that table.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from netwright.arithmetic.window import Padding, ends
from netwright.arithmetic.window import bins as bin_edges
from netwright.arithmetic.window import transposed as transposed_size
from netwright.arithmetic.window import window as window_size
from netwright.receptive.sets.interior import LONGEST_PERIOD, PeriodicMap

Table = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class IndexMap:
    """The positions that each output reads of an axis.

    Instances are compared by identity: the functions of this file return the same instance for the same
    arguments.

    Args:
        size: positions of the axis that is read.
        table: row i lists the positions that output i reads; -1 reads nothing.
        periodic: the same on an endless axis, or None where it does not repeat.
    """

    size: int
    table: Table
    periodic: PeriodicMap | None

    @property
    def out(self) -> int:
        """How many outputs there are."""
        return len(self.table)

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """Whether each output reads nothing but padding."""
        return np.asarray((self.table < 0).all(axis=1))

    @cached_property
    def any_blank(self) -> bool:
        """Whether some output reads nothing."""
        return bool(self.blank.any())

    @cached_property
    def partial(self) -> bool:
        """Whether there is an input position that no output reads."""
        return bool(len(self.unread()))

    @cached_property
    def columns(self) -> list[Table]:
        """The columns of the table, one for each tap of a kernel."""
        return list(np.ascontiguousarray(self.table.T))

    @cached_property
    def identity(self) -> bool:
        """Whether output i reads position i and nothing else."""
        same = self.out == self.size and self.table.shape[1] == 1
        return same and bool((self.table[:, 0] == np.arange(self.size)).all())

    def unread(self) -> NDArray[np.intp]:
        """Return the positions that no output reads.

        >>> window(6, 1, 2).unread()
        array([1, 3, 5])
        """
        read = np.zeros(self.size + 1, dtype=bool)
        read[self.table] = True
        return np.flatnonzero(~read[: self.size])


def inside(table: Table, size: int) -> Table:
    """Return the table with -1 in place of positions outside the axis."""
    return np.where((table >= 0) & (table < size), table, -1)


@lru_cache(maxsize=1024)
def window(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> IndexMap:
    """Return the map of a convolution or pooling: output i reads s·i - p + d·t for each tap t.

    >>> window(4, 3, 2, 1).table
    array([[-1,  0,  1],
           [ 1,  2,  3]])
    """
    before, _ = ends(padding)
    out = window_size(size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    taps = dilation * np.arange(kernel) - before
    table = stride * np.arange(out)[:, None] + taps
    return IndexMap(size, inside(table, size), PeriodicMap(stride, (tuple(taps.tolist()),)))


@lru_cache(maxsize=1024)
def transposed(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> IndexMap:
    """Return the map of a transposed convolution: output o reads (o + p - d·t) / s where this is whole.

    >>> transposed(2, 3, 2).table
    array([[ 0, -1, -1],
           [-1,  0, -1],
           [ 1, -1,  0],
           [-1,  1, -1],
           [-1, -1,  1]])
    """
    out = transposed_size(size, kernel, stride, padding, output_padding, dilation)
    table = _transposed(out, size, kernel, stride, padding, dilation)
    phases = [[phase + padding - dilation * tap for tap in range(kernel)] for phase in range(stride)]
    rows = tuple(tuple(v // stride for v in phase if v % stride == 0) for phase in phases)
    return IndexMap(size, table, PeriodicMap(1, rows) if stride <= LONGEST_PERIOD else None)


@lru_cache(maxsize=1024)
def bins(size: int, out: int) -> IndexMap:
    """Return the map of adaptive pooling: output i reads floor(iL/O) to ceil((i+1)L/O) - 1.

    >>> bins(5, 2).table
    array([[0, 1, 2],
           [2, 3, 4]])
    """
    edges = np.array(bin_edges(size, out), dtype=np.intp).reshape(out, 2)
    taps = edges[:, :1] + np.arange(max(1, int((edges[:, 1] - edges[:, 0]).max(initial=1))))
    period = out // np.gcd(size, out) if out else 1
    rows = tuple(tuple(range(a, b)) for a, b in edges[:period].tolist())
    whole = out <= 1 < size or period > LONGEST_PERIOD
    periodic = None if whole else PeriodicMap(size * int(period) // out, rows)
    return IndexMap(size, np.where(taps < edges[:, 1:], taps, -1), periodic)


@lru_cache(maxsize=1024)
def strided(
    size: int, start: int | None = None, stop: int | None = None, step: int | None = None
) -> IndexMap:
    """Return the map of a slice, `x[start:stop:step]`.

    >>> strided(6, 1, None, 2).table.ravel()
    array([1, 3, 5])
    """
    first, last, pace = slice(start, stop, step).indices(size)
    return IndexMap(size, np.arange(first, last, pace)[:, None], PeriodicMap(pace, ((first,),)))


@lru_cache(maxsize=1024)
def listed(size: int, positions: tuple[int, ...]) -> IndexMap:
    """Return the map whose output i reads the i-th of the given positions; -1 reads nothing."""
    return IndexMap(size, np.array(positions, dtype=np.intp).reshape(-1, 1), None)


@lru_cache(maxsize=1024)
def placed(size: int, start: int | None, stop: int | None, step: int | None) -> IndexMap:
    """Return the map of an assignment to a slice of an axis of `size`: what reads the assigned axis.

    >>> placed(5, 1, None, 2).table.ravel()
    array([-1,  0, -1,  1, -1])
    """
    where = range(*slice(start, stop, step).indices(size))
    table = np.full((size, 1), -1, dtype=np.intp)
    table[list(where), 0] = np.arange(len(where))
    return IndexMap(len(where), table, PeriodicMap(1, ((-where.start,),)) if where.step == 1 else None)


@lru_cache(maxsize=1024)
def flipped(size: int) -> IndexMap:
    """Return the map that reads the axis backwards."""
    return IndexMap(size, np.arange(size)[::-1, None], PeriodicMap(-1, ((size - 1,),)))


@lru_cache(maxsize=1024)
def rolled(size: int, shift: int) -> IndexMap:
    """Return the map of `torch.roll`, which moves the axis round by `shift`.

    >>> rolled(4, 1).table.ravel()
    array([3, 0, 1, 2])
    """
    return IndexMap(
        size, (np.arange(size)[:, None] - shift) % size, None if shift % size else PeriodicMap(1, ((0,),))
    )


@lru_cache(maxsize=1024)
def repeated(size: int, times: int) -> IndexMap:
    """Return the map of `torch.repeat_interleave`, with each position `times` in a row.

    >>> repeated(2, 2).table.ravel()
    array([0, 0, 1, 1])
    """
    periodic = PeriodicMap(1, ((0,),) * times) if times <= LONGEST_PERIOD else None
    return IndexMap(size, np.arange(size * times)[:, None] // times, periodic)


@lru_cache(maxsize=1024)
def tiled(size: int, times: int) -> IndexMap:
    """Return the map of `Tensor.repeat`, with the axis `times` after itself.

    >>> tiled(2, 2).table.ravel()
    array([0, 1, 0, 1])
    """
    return IndexMap(
        size, np.arange(size * times)[:, None] % size, PeriodicMap(1, ((0,),)) if times == 1 else None
    )


@lru_cache(maxsize=1024)
def padded(size: int, before: int, after: int, mode: str = "constant") -> IndexMap:
    """Return the map of a padding by `reflect`, `replicate` or `circular` positions, or by a constant.

    A constant reads nothing, and negative padding crops.

    >>> padded(3, 2, 1, "reflect").table.ravel()
    array([2, 1, 0, 1, 2, 1])
    >>> padded(3, 1, 1).table.ravel()
    array([-1,  0,  1,  2, -1])
    """
    index = np.arange(-before, size + after)
    if mode == "reflect":
        index = (size - 1) - np.abs((size - 1) - np.abs(index))
    elif mode == "replicate":
        index = index.clip(0, size - 1)
    elif mode == "circular":
        index = index % size
    return IndexMap(size, inside(index, size)[:, None], PeriodicMap(1, ((-before,),)))


@lru_cache(maxsize=1024)
def folded(out: int, kernel: int, stride: int, padding: int, dilation: int) -> IndexMap:
    """Return the map of `fold`, which adds overlapping blocks; it reads an axis of taps x blocks.

    >>> folded(3, 2, 1, 0, 1).table
    array([[ 0, -1],
           [ 1,  2],
           [-1,  3]])
    """
    count = window_size(out, kernel, stride, padding, dilation)
    blocks = _transposed(out, count, kernel, stride, padding, dilation)
    table = np.where(blocks >= 0, np.arange(kernel) * count + blocks, -1)
    return IndexMap(kernel * count, table, None)


def _transposed(out: int, size: int, kernel: int, stride: int, padding: int, dilation: int) -> Table:
    """Return, for each of `out` outputs and each tap, the position (of `size`) whose tap writes to it."""
    shifted = np.arange(out)[:, None] + padding - dilation * np.arange(kernel)
    return np.where(shifted % stride == 0, inside(shifted // stride, size), -1)
