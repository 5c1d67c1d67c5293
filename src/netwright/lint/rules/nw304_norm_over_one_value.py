"""A normalisation over a single value.

What. A batch normalisation in training has one value per channel and example, because convolutions have
shrunk the map before it to one position.

Why. One value is its own mean: at batch size 1 the result is the bias, whatever came in, and PyTorch
refuses to train ("Expected more than 1 value per channel when training"), be it on the last batch of an
epoch. With small batches the statistics of so few values are noise (Wu & He 2018, "Group Normalization",
Fig. 1: the error of batch normalisation grows as batches shrink).

Guard. Maps pooled to one position on purpose (squeeze-and-excitation, image-level pooling) and features of
heads are left alone: only maps that convolutions have shrunk to one position are judged.

Instead. No norm there, or one over the channels of each example, which trains on any batch:

    nn.GroupNorm(1, 1024)  # for nn.BatchNorm2d(1024)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

EPS = 1e-5
POOLED = {"mean", "sum", "amax", "max", "logsumexp"}


def look(network: "Network") -> Iterator[Remark]:
    """Every norm over one value that no pooling explains."""
    from netwright.lint.graphs import holder

    if not any(size > 1 for size in network.input[1:]):
        return
    norms = [op for op in network.graph.ops if op.name == "batch_norm"]
    flagged = [op for op in norms if _single(op) and not _pooled(network, op)]
    fine = {holder(network, op) for op in norms if op not in flagged}
    paths = [path for op in flagged if (path := holder(network, op)) not in fine]
    for op in flagged:
        path = holder(network, op)
        yield Remark(
            network.place(op, path),
            f"{path or op.name} sees one value per channel: training on one example fails.",
            module=path,
            evidence={"shape": list(op.inputs[0].shape)},
            fix=(_fix(network, path, paths) if path in paths else None)
            or Fix("no norm there, or nn.GroupNorm"),
        )


def _single(op: "Op") -> bool:
    shape = op.inputs[0].shape if op.inputs else ()
    return len(shape) > 2 and all(size == 1 for size in shape[2:])


def _fix(network: "Network", path: str, flagged: list[str]) -> Fix | None:
    """One group over all channels: its weight and bias have the shapes of the norm it replaces."""
    from torch import nn

    from netwright.lint.rewrite import namespace, rewritten

    found = network.constructor(path) if path in network.graph.modules else None
    home, norm = namespace(found), network.modules.get(path)
    if found is None or not home or not isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
        return None
    channels = argument(found[1], "num_features", 0)
    if channels is None:
        return None
    options = "" if norm.affine else ", affine=False"
    options = (f", eps={norm.eps}" if norm.eps != EPS else "") + options
    return rewritten(network, path, f"{home}.GroupNorm(1, {found[0].segment(channels)}{options})", *flagged)


def _pooled(network: "Network", op: "Op") -> bool:
    """True when what it normalises comes from a pooling or a flattened vector."""
    waiting, seen = [op], set()
    while waiting:
        current = waiting.pop()
        if current.name in POOLED or "pool" in current.name or current.name in {"linear", "view", "reshape"}:
            return True
        for tensor in current.inputs:
            before = network.producer(tensor)
            small = all(size == 1 for size in tensor.shape[2:])
            if before is not None and small and before.index not in seen:
                seen.add(before.index)
                waiting.append(before)
    return False


RULE = Rule("warning", "unsafe", network=look)
