"""A batch normalisation follows the last layer with weights.

What. A batch normalisation stands between the last convolution or linear layer and an output.

Why. The mean and scale of the output are then set by the batch in training, and by running averages in
evaluation. A reconstruction cannot have the brightness of its own image, and with small batches the two modes
disagree. For that reason DCGAN leaves the norm out of the last layer of the generator (Radford, Metz &
Chintala 2016, section 3).

Guard. The finding is an info. Only batch normalisation is judged, and only when nothing but an activation
follows. Feature extractors and embeddings (face recognition) end in a norm on purpose.

Instead. Use the last layer without a norm, and with its bias.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import WEIGHTED

if TYPE_CHECKING:
    from netwright.lint.network import Network

AFTER = {"sigmoid", "tanh", "relu", "softmax", "log_softmax"}


def look(network: "Network") -> Iterator[Remark]:
    """Report every batch norm between the last layer with weights and an output."""
    from netwright.lint.graphs import holder, maker

    for tensor in network.graph.outputs:
        op = maker(network, tensor)
        while op is not None and op.name in AFTER and op.inputs:
            op = maker(network, op.inputs[0])
        before = maker(network, op.inputs[0]) if op is not None and op.name == "batch_norm" else None
        if op is None or before is None or before.name not in WEIGHTED:
            continue
        path = holder(network, op)
        yield Remark(
            network.place(op, path),
            f"{path or op.name} normalises the output: mean and scale come from the batch, not the example.",
            module=path,
            evidence={"after": holder(network, before)},
            fix=Fix("use no norm after the last layer"),
        )


RULE = Rule("info", "manual", network=look)
