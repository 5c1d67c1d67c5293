"""A normalisation after the last weighted layer.

What. Between the last convolution or linear layer and an output stands a batch normalisation.

Why. The output's mean and scale are then set by the batch in training, and by running averages in
evaluation: a reconstruction cannot have the brightness of its own image, and in small batches the two modes
disagree. DCGAN leaves the norm out of the generator's last layer for that reason (Radford, Metz & Chintala
2016, section 3).

Guard. An info. Only batch normalisation, and only when nothing but an activation follows; feature extractors
and embeddings (face recognition) end in a norm on purpose.

Instead. Leave the last layer without a norm, and with its bias.
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
    """Every norm that ends the network."""
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
            f"{path or op.name} normalises the output: mean and scale are the batch's, not the example's.",
            module=path,
            evidence={"after": holder(network, before)},
            fix=Fix("no norm after the last layer"),
        )


RULE = Rule("info", "manual", network=look)
