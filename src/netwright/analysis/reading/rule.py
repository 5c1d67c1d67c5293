"""The table of rules: which function says what an operation's outputs read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netwright.arithmetic.receptive import Reach, nothing
from netwright.trace.graph import Op, TensorInfo


@dataclass(frozen=True)
class Reader:
    """What is known while walking, for one axis of one input.

    Args:
        extent: positions of that axis.
        reaches: by tensor key; a tensor that is not there reads nothing.
        strict: indices of the norms that count as reading all they take statistics of.
    """

    extent: int
    reaches: dict[int, Reach]
    strict: frozenset[int] = frozenset()

    def __call__(self, tensor: TensorInfo) -> Reach:
        """What a tensor reads."""
        return self.reaches.get(tensor.key) or nothing(self.extent, tensor.shape)

    def all(self, op: Op) -> list[Reach]:
        """What each of an operation's inputs reads."""
        return [self(tensor) for tensor in op.inputs]


Rule = Callable[[Op, Reader], Reach | Sequence[Reach]]

RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule of the operations named; a name is given once."""

    def register(function: Rule) -> Rule:
        for name in names:
            if name in RULES:
                raise ValueError(f"the operation `{name}` has two rules")
            RULES[name] = function
        return function

    return register
