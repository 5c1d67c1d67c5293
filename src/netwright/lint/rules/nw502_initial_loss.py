"""The loss of an untrained classifier is far from ln(classes).

What. In training mode and before any training, on random normal numbers or on the tensors that are given as
input, the cross-entropy over randomly drawn labels is more than three times ln(classes), and more than 3
above it.

Why. A classifier that knows nothing gives every class the probability 1/n, and its loss is ln(n): 2.30 for 10
classes, 6.91 for 1000. A higher loss means that it is confident without a reason. The first steps of training
then only shrink the last layer again, and their large gradients disturb the momentum and the other layers
(Karpathy 2019, "A Recipe for Training Neural Networks": verify that the loss starts at -log(1/n_classes)).
Usual causes are a last layer drawn with a standard deviation of 1, and activations that grew through a stack
without normalisation.

Guard. The finding is an info. Only outputs of two dimensions that a linear layer makes, also before a
log-softmax, are judged, in networks that look untrained (no batch norm has counted batches, and the units are
as equal as chance makes them). The last bias is left out, because class frequencies may be written there. The
real run is kept small: at most 1 G multiply-accumulates (on smaller maps where the network takes them), 100 M
parameters and 800 operations. A larger network is judged only by `netwright check --deep`.

Instead.

    nn.init.normal_(self.head.weight, std=0.01)
"""

from collections.abc import Iterator
from functools import partial
from math import isfinite, log
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op, TensorInfo

TIMES, ABOVE = 3, 3


def look(network: "Network") -> Iterator[Remark]:
    """Report every last linear layer whose initial logits are too large."""
    from netwright.lint.graphs import holder, weight

    for head in map(partial(_made, network), network.graph.outputs):
        held = weight(head) if head is not None and head.name == "linear" else None
        if head is None or held is None or held.shape[0] < 2:
            continue
        classes, path = held.shape[0], holder(network, head)
        loss, chance = _loss(network, held.parameter or ""), log(classes)
        if loss is not None and loss > max(TIMES * chance, chance + ABOVE):
            yield Remark(
                network.place(head, path),
                f"untrained, {network.title(path)} gives a loss of {loss:.1f} over {classes} classes; "
                f"chance gives ln({classes}) = {chance:.2f}.",
                module=path,
                evidence={"loss": loss, "chance": chance, "classes": classes},
                fix=Fix("draw smaller weights for the last layer, or add a normalisation before it"),
            )


def _made(network: "Network", output: "TensorInfo") -> "Op | None":
    """Return the op that made an output of two dimensions, before a log-softmax, which keeps the loss."""
    op = network.producer(output) if len(output.shape) == 2 else None
    return network.producer(op.inputs[0]) if op is not None and op.name == "log_softmax" else op


def _loss(network: "Network", parameter: str) -> float | None:
    """Return the mean cross-entropy over all labels, without the bias of the head; None if it is unknown."""
    from netwright.lint.start import start

    first = start(network)
    op = _head(first.graph.ops, parameter) if first else None
    logits = first.of(op.outputs[0]).values if first and op else None
    if op is None or logits is None:
        return None
    bias = op.arguments.get("bias")
    if bias is not None:
        known = dict(network.net.named_parameters(remove_duplicate=False))
        if bias.parameter not in known:
            return None
        logits = logits - known[bias.parameter].detach().to(logits)
    loss = float((logits.logsumexp(1) - logits.mean(1)).mean())
    return loss if isfinite(loss) else None


def _head(ops: tuple["Op", ...], parameter: str) -> "Op | None":
    """Return the last linear op with the given weight."""
    from netwright.lint.graphs import weight

    heads = [op for op in ops if op.name == "linear" and (held := weight(op)) and held.parameter == parameter]
    return heads[-1] if heads else None


RULE = Rule("info", "manual", network=look)
