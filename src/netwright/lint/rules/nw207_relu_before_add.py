"""The branch of a residual block ends in a ReLU before the sum.

What. The last operation of a branch, before it is added to its own input, is a ReLU.

Why. Such a branch can only add and never subtract, so activations grow along the network. ResNet-110 with the
ReLU before the addition has 7.84 % test error on CIFAR-10, and 6.61 % with the ReLU after it (He et al. 2016,
"Identity Mappings", Table 2).

Guard. The finding is an info, because some released networks do this. The other term of the sum must be the
input of the branch.

Instead.

    return torch.relu(self.norm(self.conv(x)) + x)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op


def look(network: "Network") -> Iterator[Remark]:
    """Report every sum of a branch that ends in a ReLU and the input of that branch."""
    from netwright.lint.graphs import maker

    for op in network.graph.ops:
        if op.name != "add" or len(op.inputs) != 2:
            continue
        for branch, skip in (op.inputs, op.inputs[::-1]):
            last = maker(network, branch)
            if last is not None and last.name == "relu" and _comes_from(network, last, skip.key):
                yield Remark(
                    network.place(last),
                    f"the branch ends in a ReLU before it is added{_line(op)}, so it never subtracts.",
                    module=op.module,
                    evidence={"sum": op.where.line if op.where else None},
                    fix=Fix("apply the ReLU after the sum"),
                )


def _comes_from(network: "Network", op: "Op", key: int) -> bool:
    """Return True when the op depends on a tensor through at least one weighted op, and on no other sum."""
    waiting, weighted, seen = [op], False, set()
    while waiting:
        current = waiting.pop()
        weighted |= current.macs > 0
        for tensor in current.inputs:
            if tensor.key == key:
                return weighted
            before = network.producer(tensor)
            if before is not None and before.index not in seen and before.name != "add":
                seen.add(before.index)
                waiting.append(before)
    return False


def _line(op: "Op") -> str:
    return f" (line {op.where.line})" if op.where else ""


RULE = Rule("info", "manual", network=look)
