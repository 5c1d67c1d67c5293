"""A batch normalisation has a single value to normalise.

What. In training, a batch normalisation has one value for each channel and example, because convolutions have
shrunk its map to one position.

Why. One value is its own mean. At batch size 1 the result is the bias whatever the input was, and PyTorch
refuses to train ("Expected more than 1 value per channel when training"), even if this is only the last batch
of an epoch. With small batches the statistics of so few values are noise (Wu & He 2018, "Group
Normalization", Fig. 1: the error of batch normalisation grows as batches shrink).

Guard. Only maps that convolutions have shrunk to one position are judged. Maps that are pooled to one
position on purpose (squeeze-and-excitation, image-level pooling) and the features of heads are not reported.

Instead. Use no norm there, or one over the channels of each example, which trains with any batch size:

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
    """Report every batch norm over a single value that does not come from pooling."""
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
            f"{path or op.name} has one value per channel to normalise: training on one example fails.",
            module=path,
            evidence={"shape": list(op.inputs[0].shape)},
            fix=(_fix(network, path, paths) if path in paths else None)
            or Fix("use no norm there, or nn.GroupNorm"),
        )


def _single(op: "Op") -> bool:
    shape = op.inputs[0].shape if op.inputs else ()
    return len(shape) > 2 and all(size == 1 for size in shape[2:])


def _fix(network: "Network", path: str, flagged: list[str]) -> Fix | None:
    """Return the fix with one group over all channels, whose parameters have the same shapes."""
    from torch import nn

    from netwright.lint.rewrite import namespace, rewritten

    constructor = network.constructor(path)
    home, norm = namespace(constructor), network.modules.get(path)
    if (
        constructor is None
        or not home
        or not isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d)
    ):
        return None
    channels = argument(constructor[1], "num_features", 0)
    if channels is None:
        return None
    options = "" if norm.affine else ", affine=False"
    options = (f", eps={norm.eps}" if norm.eps != EPS else "") + options
    return rewritten(
        network, path, f"{home}.GroupNorm(1, {constructor[0].segment(channels)}{options})", *flagged
    )


def _pooled(network: "Network", op: "Op") -> bool:
    """Return True when the input of the norm comes from a pooling or a flattened vector."""
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
