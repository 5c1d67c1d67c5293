"""Two linear layers follow each other with nothing between them.

What. A linear layer feeds nothing but another linear layer, and is not a bottleneck.

Why. The product of two matrices is a matrix. Together the two layers can do no more than one layer, with more
parameters and more multiply-accumulates (Goodfellow, Bengio & Courville 2016, section 6.1). Usually an
activation was forgotten.

Guard. A narrow layer between two wide ones is a low-rank factorisation, which saves parameters, and is not
reported. Neither are layers with any operation between them, such as dropout in training.

Instead.

    nn.Sequential(nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network


def look(network: "Network") -> Iterator[Remark]:
    """Report every linear layer that feeds only another linear layer."""
    from netwright.lint.graphs import holder, weight

    for op in network.graph.ops:
        first = weight(op) if op.name == "linear" else None
        users = network.consumers.get(op.outputs[0].key, []) if op.outputs else []
        if first is None or len(users) != 1 or op.outputs[0].key in network.returned:
            continue
        second = weight(users[0]) if users[0].name == "linear" else None
        if second is None or first.shape[0] < min(first.shape[1], second.shape[0]):
            continue
        path, other = holder(network, op), holder(network, users[0])
        if path == other or path not in network.graph.modules:
            continue
        yield Remark(
            network.built(path),
            f"{network.title(path)} feeds {other} with nothing between them: the two can do no more than one "
            f"nn.Linear({first.shape[1]}, {second.shape[0]}).",
            module=path,
            evidence={"features": [first.shape[1], first.shape[0], second.shape[0]]},
            fix=Fix("add an activation between them, or use one layer"),
        )


RULE = Rule("warning", "manual", network=look)
