"""A network's first step of training, in numbers: one real run of a copy, shared by the rules that need it.

Only weights as they were drawn say how training starts. Whoever draws them, uniform or normal, draws them
one by one, so that all units are about equally strong: the mean squares of rows and columns spread as chance
has it. Training strengthens some of them (after five epochs on handwritten digits their variance is three to
seven times that), so such a network is not run, nor is one whose batch norms have counted batches.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from torch import Tensor, nn

from netwright.arithmetic.shape import Shape
from netwright.lint.network import Network
from netwright.trace.graph import Graph, TensorInfo
from netwright.trace.record import measure

BATCH, SMALL_BATCH = 8, 4
MACS = 2_000_000_000
"""At most so many in the run, a fraction of a second on a processor."""
PARAMETERS = 100_000_000
"""At most so many: a copy takes their memory once more."""
OPS = 800
"""At most so many: each takes a millisecond to follow, however small."""
NARROWEST = 32
"""Larger maps than this are halved, again and again, for a network that would cost more."""
SAMPLE = 1024
"""Units of a tensor whose variance is taken."""
FEWEST, MOST, SPREAD, TAILED = 16, 128, 3.0, 3.5
"""Rows and columns that are judged; the variance of their mean squares against chance; the fourth moment."""


@dataclass(frozen=True)
class Seen:
    """What is kept of a tensor: its variance over the examples, averaged; its values if it is a matrix."""

    variance: float
    values: Tensor | None


@dataclass(frozen=True)
class Start:
    """The run, in training mode; an op's place in its graph is that in any recording in that mode."""

    graph: Graph
    seen: Mapping[int, Seen]

    def of(self, tensor: TensorInfo) -> Seen:
        """What was seen of a tensor that an op made."""
        return self.seen[tensor.key]


@lru_cache(maxsize=1)
def start(network: Network) -> Start | None:
    """Run a network once, for all rules that ask.

    The result is None where the weights do not look as drawn, and where the run fails or would cost too much.
    """
    size = affordable(network)
    if size is None or not untrained(network.net):
        return None
    input, batch = size
    with redirect_stdout(sys.stderr):
        graph, seen = measure(network.net, input, _look, batch=batch, training=True)
    if graph.failure or (input != network.input and not _alike(graph, network.graph)):
        return None
    return Start(graph, seen)


def _alike(smaller: Graph, graph: Graph) -> bool:
    """True when a smaller input gave an example the same outputs."""
    made, meant = ([tensor.shape[1:] for tensor in run.outputs] for run in (smaller, graph))
    return made == meant


def affordable(network: Network) -> tuple[Shape, int] | None:
    """The input and batch to run with; a smaller input where it would cost too much.

    None for several inputs, whole numbers and given tensors: random ones would not be like the real ones.
    """
    graph, input = network.graph, network.input
    cost = sum(op.macs for op in graph.ops) // graph.batch
    weights = sum(parameter.elements for parameter in graph.parameters.values())
    if not input or graph.failure or weights > PARAMETERS or len(graph.ops) > OPS:
        return None
    while cost * SMALL_BATCH > MACS:
        halved = (input[0], *(length // 2 for length in input[1:]))
        if len(input) < 2 or min(halved[1:]) < NARROWEST:
            return None
        cost, input = cost * prod(halved) // prod(input), halved
    return input, BATCH if cost * BATCH <= MACS else SMALL_BATCH


def untrained(net: nn.Module) -> bool:
    """True when all weights are there and look as if drawn one by one, but for a tenth that chance may take.

    >>> untrained(nn.Linear(64, 64))
    True
    """
    if any(tensor.is_meta or nn.parameter.is_lazy(tensor) for tensor in net.parameters()):
        return False
    counted = [buffer for name, buffer in net.named_buffers() if name.endswith("num_batches_tracked")]
    if any(int(buffer) for buffer in counted):
        return False
    looks = [drawn(weight) for weight in _weights(net)]
    return looks.count(False) <= len(looks) // 10


def drawn(weight: Tensor) -> bool:
    """True when numbers look as if drawn one by one, uniform or normal; too few or equal ones cannot tell."""
    squares = weight.detach()[:MOST].flatten(1)[:, :MOST].double().square()
    rows, columns = squares.shape
    mean = squares.mean()
    expected = squares.square().mean() - mean.square()
    if min(rows, columns) < FEWEST or not expected > 0:
        return True
    rough = squares.square().mean() > TAILED * mean.square()
    uneven = max(squares.mean(1).var() * columns, squares.mean(0).var() * rows) > SPREAD * expected
    return not rough and not bool(uneven)


def _weights(net: nn.Module) -> Iterator[Tensor]:
    kinds = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d
    yield from (module.weight for module in net.modules() if isinstance(module, kinds))


def _look(tensor: Tensor) -> Seen:
    if not tensor.is_floating_point() or tensor.ndim < 2 or tensor.shape[0] < 2:
        return Seen(float("nan"), None)
    flat = tensor.flatten(1)
    sample = flat[:, :: max(1, flat.shape[1] // SAMPLE)].double()  # of which squares stay finite
    return Seen(sample.var(0).mean().item(), tensor.clone() if tensor.ndim == 2 else None)
