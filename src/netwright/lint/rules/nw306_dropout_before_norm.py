"""Dropout before a batch normalisation.

What. Dropout with p > 0 feeds a batch normalisation, directly or through one weighted layer.

Why. Dropout changes the variance of what it passes between training and evaluation; the norm's running
variance is that of training, so in evaluation every channel is scaled wrongly ("variance shift", Li et al.
2019, "Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift", CVPR).

Guard. An info: Wide ResNet and DenseNet have it as published.

Instead. Dropout after the last norm, before the head, and none between norms:

    nn.Dropout(0)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import DROPOUTS, WEIGHTED

if TYPE_CHECKING:
    from netwright.lint.network import Network


def look(network: "Network") -> Iterator[Remark]:
    """Every batch norm behind a dropout."""
    pairs = []
    for op in network.graph.ops:
        before = network.producer(op.inputs[0]) if op.name == "batch_norm" and op.inputs else None
        if before is not None and before.name in WEIGHTED:
            before = network.producer(before.inputs[0])
        if before is not None and before.name in DROPOUTS and before.arguments.get("p"):
            pairs.append((before, op))
    paths = [before.module for before, _ in pairs]
    for before, op in pairs:
        known = before.module in network.graph.modules and before.module
        yield Remark(
            network.place(before, before.module),
            f"dropout (p = {before.arguments['p']}) before {op.module or 'a batch norm'}: "
            "its variance differs between training and evaluation.",
            module=before.module,
            evidence={"p": before.arguments["p"], "norm": op.module},
            fix=(_fix(network, before.module, paths) if known else None)
            or Fix("dropout after the last norm"),
        )


def _fix(network: "Network", path: str, flagged: list[str]) -> Fix | None:
    """No dropout here, where every place it is called at is before a norm; the names in a state_dict stay."""
    from netwright.lint.rewrite import namespace, rewritten, with_argument

    found = network.constructor(path)
    if found is None or not namespace(found) or network.graph.modules[path].calls > flagged.count(path):
        return None
    return rewritten(network, path, with_argument(found[0].segment(found[1]), "p", "0", 0), *flagged)


RULE = Rule("info", "unsafe", network=look)
