"""An untrained classifier whose loss is far from ln(classes).

What. On random normal numbers, in training mode and before any training, the cross-entropy over labels drawn
at random is more than three times ln(classes), and more than 3 above it.

Why. Who knows nothing gives every class 1/n, and the loss is ln(n): 2.30 for 10 classes, 6.91 for 1000. A
higher loss is confidence in nothing: the first steps of training only shrink the last layer again, and
large first gradients throw momentum and the other layers off (Karpathy 2019, "A Recipe for Training Neural
Networks": verify that the loss starts at -log(1/n_classes)). Usual causes are a last layer drawn with
deviation 1, and activations that grew through a stack without normalisation.

Guard. An info. Only for outputs of two dimensions that a linear layer makes, in networks that look untrained
(no batch norm has counted, units are as even as chance has it). The last bias is left out, because class
frequencies may be written there. The real run is kept small: at most 2 G multiply-accumulates (on smaller
maps where the network takes them), 100 M parameters and 800 operations; beyond that the rule is silent.

Instead.

    nn.init.normal_(self.head.weight, std=0.01)
"""

from collections.abc import Iterator
from math import isfinite, log
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

TIMES, ABOVE = 3, 3


def look(network: "Network") -> Iterator[Remark]:
    """Every last linear layer whose logits start too large."""
    from netwright.lint.graphs import holder, weight

    heads = [network.producer(tensor) for tensor in network.graph.outputs if len(tensor.shape) == 2]
    for head in heads:
        held = weight(head) if head is not None and head.name == "linear" else None
        if head is None or held is None or held.shape[0] < 2:
            continue
        classes, path = held.shape[0], holder(network, head)
        loss, chance = _loss(network, held.parameter or ""), log(classes)
        if loss is not None and loss > max(TIMES * chance, chance + ABOVE):
            yield Remark(
                network.place(head, path),
                f"untrained, {network.title(path)} gives a loss of {loss:.1f} over {classes} classes; "
                f"knowing nothing costs ln({classes}) = {chance:.2f}.",
                module=path,
                evidence={"loss": loss, "chance": chance, "classes": classes},
                fix=Fix("a smaller start for the last layer, or a normalisation before it"),
            )


def _loss(network: "Network", parameter: str) -> float | None:
    """The mean cross-entropy over all labels, the head's bias left out; None where it is not known."""
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
    """The last op with a weight."""
    from netwright.lint.graphs import weight

    found = [op for op in ops if op.name == "linear" and (held := weight(op)) and held.parameter == parameter]
    return found[-1] if found else None


RULE = Rule("info", "manual", network=look)
