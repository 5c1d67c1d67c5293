"""Activations vanish or explode from layer to layer at initialisation.

What. Through layers without a norm between them, the variance of the activations over the examples of a batch
falls below 1/100,000 of its value at the first layer, or grows to more than 100,000 times that value.

Why. Each layer multiplies the variance by a factor, so the total change is exponential in the depth. PyTorch
draws the weights of linear layers and convolutions with variance 1/(3 fan_in), whereas a rectifier needs
2/fan_in (He et al. 2015, "Delving Deep", section 2.2: with half of that, 30 layers stall while theirs
converge). A plain stack with the default initialisation loses a factor of 6 or more in each layer, until the
biases hide the difference between two images. Measured on the handwritten digits of scikit-learn (rectified
perceptrons of width 64, SGD with a learning rate of 0.05 and momentum 0.9 for 20 epochs, two seeds), 4 layers
with the default end at an error of 2.4 and 1.9 %; 8 layers (variance 6e-7) at 6.5 and 18.7 %; and 10 layers
(variance 2e-8) at 91.9 and 90.9 %, which is chance, whereas they end at 4.6 and 4.3 % with He's
initialisation of the hidden layers.

Guard. The finding is an info. Normalisation, averaging, attention and gates end a chain of layers; residual
sums continue it. Layers that start at zero are not judged. Only networks that look untrained are run, on
random normal numbers or on given tensors and at a limited cost, as for NW502.

Instead.

    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
"""

from collections.abc import Iterator
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import (
    ACTIVATIONS,
    ALPHA_DROPOUTS,
    COPIES,
    DROPOUTS,
    MAX_POOLS,
    SUMS,
    VIEWS,
    WEIGHTED,
)

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.lint.start import Start
    from netwright.trace.graph import Graph, Op

LIMIT = 1e5
FEWEST = 3
GOING_ON = (
    ACTIVATIONS
    | DROPOUTS
    | ALPHA_DROPOUTS
    | COPIES
    | VIEWS
    | SUMS
    | MAX_POOLS
    | {"cat", "clamp", "neg", "pad", "pixel_shuffle", "sin"}
)
"""Operations that continue a chain of layers."""


def look(network: "Network") -> Iterator[Remark]:
    """Report the chain of layers through which the variance changes most."""
    from netwright.lint.start import start

    graph = network.graph
    if graph.failure or max(map(len, _rows(graph)), default=0) < FEWEST:
        return
    first = start(network)
    if first is None:
        return
    rows = [row for row in _rows(first.graph) if len(row) >= FEWEST and _drawn(network, row)]
    row = max(rows, key=lambda row: abs(log(_change(first, row))), default=[])
    change = _change(first, row) if row else 1.0
    if not 1 / LIMIT <= change <= LIMIT:
        yield _remark(network, first, row, change)


def _remark(network: "Network", start: "Start", row: list["Op"], change: float) -> Remark:
    from netwright.lint.graphs import holder

    variances = [start.of(op.outputs[0]).variance for op in row]
    ratios = [after / before if before else None for before, after in pairwise(variances)]
    paths = [holder(network, op) for op in row]
    factor = change ** (1 / len(ratios))
    how = f"falls by {1 / factor:.1f}" if change < 1 else f"grows by {factor:.1f}"
    how = f"{how} a layer, to {change:.0e} of what it was" if variances[-1] else "falls to 0"
    change = change if variances[-1] else 0.0
    return Remark(
        network.place(row[0], paths[0]),
        f"from {network.title(paths[0])} to {network.title(paths[-1])}, {len(row)} layers without a norm, "
        f"the variance of the activations {how}.",
        module=paths[0],
        evidence={"layers": paths, "variances": variances, "ratios": ratios, "change": change},
        fix=Fix("use nn.init.kaiming_normal_ for every layer, or a norm after each"),
    )


def _rows(graph: "Graph") -> list[list["Op"]]:
    """Return the longest chain of ops with weights that ends in each such op, without a norm between."""
    rows: dict[int, list[Op]] = {}
    all_rows: list[list[Op]] = []
    for op in graph.ops:
        if op.name not in GOING_ON | WEIGHTED and not _scaled(op):
            continue
        row = max((rows.get(tensor.key, []) for tensor in op.inputs), key=len, default=[])
        if op.name in WEIGHTED:
            row = [*row, op]
            all_rows.append(row)
        rows |= {tensor.key: row for tensor in op.outputs}
    return all_rows


def _scaled(op: "Op") -> bool:
    """Return True for a product or quotient with a number or parameter, and False for a gate."""
    return op.name in {"mul", "div"} and sum(tensor.producer is not None for tensor in op.inputs) == 1


def _drawn(network: "Network", row: list["Op"]) -> bool:
    """Return True when neither end of a chain starts at zero, which is done on purpose."""
    from netwright.lint.graphs import weight

    known = dict(network.net.named_parameters(remove_duplicate=False))
    held = [weight(op) for op in (row[0], row[-1])]
    ends = [known.get(info.parameter or "") for info in held if info is not None]
    return len(ends) == 2 and all(end is not None and bool(end.detach().any()) for end in ends)


def _change(start: "Start", row: list["Op"]) -> float:
    """Return the ratio of the last variance of a chain to the first; 1 if one of them is unknown."""
    first, last = (start.of(op.outputs[0]).variance for op in (row[0], row[-1]))
    if not (first > 0 and last >= 0):
        return 1.0
    return max(last, 1e-300) / first


RULE = Rule("info", "manual", network=look)
