"""A dropout stands before a batch normalisation.

What. A dropout with p > 0 feeds a batch normalisation, directly or through one layer with weights.

Why. Dropout changes the variance of its output between training and evaluation. The running variance of the
norm is that of training, so in evaluation every channel is scaled wrongly ("variance shift", Li et al. 2019,
"Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift", CVPR).

Guard. The finding is an info, because Wide ResNet and DenseNet have this as published.

Instead. Place the dropout after the last norm, before the head, and use none between norms:

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
    """Report every dropout that feeds a batch norm."""
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
            f"a dropout with p = {before.arguments['p']} stands before {op.module or 'a batch norm'}: "
            "the variance there differs between training and evaluation.",
            module=before.module,
            evidence={"p": before.arguments["p"], "norm": op.module},
            fix=(_fix(network, before.module, paths) if known else None)
            or Fix("place the dropout after the last norm"),
        )


def _fix(network: "Network", path: str, flagged: list[str]) -> Fix | None:
    """Return the fix with p = 0, if every call of the layer is before a norm; names in checkpoints stay."""
    from netwright.lint.rewrite import namespace, rewritten, with_argument

    constructor = network.constructor(path)
    if (
        constructor is None
        or not namespace(constructor)
        or network.graph.modules[path].calls > flagged.count(path)
    ):
        return None
    return rewritten(
        network, path, with_argument(constructor[0].segment(constructor[1]), "p", "0", 0), *flagged
    )


RULE = Rule("info", "unsafe", network=look)
