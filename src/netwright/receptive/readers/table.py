"""The table of readers: for each operation of torch, the function that says what its outputs read.

A reader takes a recorded operation and what its inputs read, and returns what its outputs read: one `Reach`,
or one for each output.

    @reader("flip", "fliplr", "flipud")
    def flip(op: Op, reaches: Reaches) -> Reach:
        ...

To support another operation, add its name to the decorator of the reader that fits, or write a reader. To
support another family of operations, add a file with its readers to this package; nothing else names it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import netwright.receptive.readers
from netwright.receptive.sets.reach import Reach, nothing
from netwright.trace.graph import Op, TensorInfo


@dataclass(frozen=True)
class Reaches:
    """What the tensors recorded so far read of one axis of one input of the network.

    Args:
        length: positions of that axis.
        by_key: the reach of each tensor, by its key; a tensor without an entry reads nothing.
        strict: indices of the norms that read everything they take statistics of.
    """

    length: int
    by_key: dict[int, Reach]
    strict: frozenset[int] = frozenset()

    def __call__(self, tensor: TensorInfo) -> Reach:
        """Return what a tensor reads."""
        return self.by_key.get(tensor.key) or nothing(self.length, tensor.shape)

    def all(self, op: Op) -> list[Reach]:
        """Return what each input of an operation reads."""
        return [self(tensor) for tensor in op.inputs]


Reader = Callable[[Op, Reaches], Reach | Sequence[Reach]]

_READERS: dict[str, Reader] = {}


def reader(*names: str) -> Callable[[Reader], Reader]:
    """Register a function as the reader of the named operations; an operation has one reader."""

    def register(function: Reader) -> Reader:
        for name in names:
            if name in _READERS:
                raise ValueError(f"the operation `{name}` has two readers")
            _READERS[name] = function
        return function

    return register


def several(dims: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return one axis or several as a tuple."""
    return dims if isinstance(dims, tuple) else (dims,)


@cache
def readers() -> Mapping[str, Reader]:
    """Return every reader by the name of its operation, after importing each file of this package."""
    for module in iter_modules(netwright.receptive.readers.__path__):
        import_module(f"netwright.receptive.readers.{module.name}")
    return _READERS
