"""Two linear layers follow each other with nothing between them.

What. A linear layer feeds nothing but other linear layers, and is not a bottleneck.

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
        if first is None or not users or op.outputs[0].key in network.returned:
            continue
        seconds = [weight(user) for user in users if user.name == "linear"]
        features = sum(second.shape[0] for second in seconds if second is not None)
        if None in seconds or len(seconds) < len(users) or first.shape[0] < min(first.shape[1], features):
            continue
        path, others = holder(network, op), [holder(network, user) for user in users]
        if path in others or path not in network.graph.modules:
            continue
        yield Remark(
            network.built(path),
            f"{network.title(path)} feeds {' and '.join(others)} with nothing between them: together they "
            f"can do no more than one nn.Linear({first.shape[1]}, {features}).",
            module=path,
            evidence={"features": [first.shape[1], first.shape[0], features]},
            fix=Fix("add an activation between them, or use one layer"),
        )


RULE = Rule("warning", "manual", network=look)
