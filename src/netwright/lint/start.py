"""The first step of training a network: one real run of a copy, shared by the rules that need it.

The run shows how training starts only if the weights are still as they were drawn. Initialisers draw weights
independently, uniform or normal, so all units are about equally strong: the mean squares of rows and columns
vary only by chance. Training makes some units stronger (after five epochs on handwritten digits, the variance
of the mean squares is three to seven times larger), so such a network is not run. Neither is a network whose
batch norms have counted batches.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from netwright.lint.network import Network, own_words
from netwright.trace.families import WEIGHTED
from netwright.trace.graph import Graph, TensorInfo
from netwright.trace.record import measure

BATCH, SMALL_BATCH = 8, 4
MACS = 1_000_000_000
"""The most in the run, which takes a fraction of a second on a processor; a deep check has no limits."""
PARAMETERS = 100_000_000
"""The most in the network, because a copy needs their memory once more."""
OPS = 800
"""The most in the graph, because recording each takes a millisecond, however small it is."""
NARROWEST = 32
"""Inputs are halved down to this size, at the least, for a network that would cost more."""
SAMPLE = 1024
"""The number of units of a tensor whose variance is taken."""
FEWEST, MOST, SPREAD, TAILED = 16, 128, 3.0, 3.5
"""The least and most rows and columns that are judged; limits of their variance and of the fourth moment."""


@dataclass(frozen=True)
class Seen:
    """A tensor of the run: its variance over the examples, averaged, and its values if it is a matrix."""

    variance: float
    values: Tensor | None


@dataclass(frozen=True)
class Start:
    """The run, in training mode; ops have the same indices as in any other recording in that mode."""

    graph: Graph
    seen: Mapping[int, Seen]

    def of(self, tensor: TensorInfo) -> Seen:
        """Return the numbers of a tensor that an op made."""
        return self.seen[tensor.key]


@lru_cache(maxsize=1)
def start(network: Network) -> Start | None:
    """Run a network once, for all rules that ask.

    The result is None if the weights do not look untrained, and if the run fails or would cost too much.
    """
    size = affordable(network)
    if size is None or not untrained(network.net):
        return None
    input, batch = size
    with own_words(), _one_thread():
        graph, seen = measure(network.net, input, _look, batch=batch, training=True)
    smaller = input is not network.given and input != network.input
    if graph.failure or (smaller and not _alike(graph, network.graph)):
        return None
    return Start(graph, seen)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Run on one thread; on several, small operations wait for each other, longest on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _alike(smaller: Graph, graph: Graph) -> bool:
    """Return True when a smaller input gave outputs of the same shapes."""
    made, meant = ([tensor.shape[1:] for tensor in run.outputs] for run in (smaller, graph))
    return made == meant


def affordable(network: Network) -> tuple[Any, int] | None:
    """Return the input and batch to run with; the input is smaller if the run would cost too much.

    Tensors that the user gave, such as tokens, are taken as they are. The result is None for the shapes of
    several inputs or of integers, because random numbers would not resemble the real ones. Products of
    activations count as if they did not shrink: attention in windows pads a smaller map to whole windows.
    """
    graph, input = network.graph, network.input
    cost = sum(op.macs for op in graph.ops) // graph.batch
    weights = sum(parameter.elements for parameter in graph.parameters.values())
    given = _real(network.given)
    if not (input or given) or graph.failure:
        return None
    if network.deep:
        return (network.given, graph.batch) if given else (input, BATCH)
    if weights > PARAMETERS or len(graph.ops) > OPS:
        return None
    if given:
        return (network.given, graph.batch) if cost * graph.batch <= MACS else None
    products = sum(op.macs for op in graph.ops if op.name not in WEIGHTED) // graph.batch
    while cost * SMALL_BATCH > MACS:
        halved = (input[0], *(length // 2 for length in input[1:]))
        if len(input) < 2 or min(halved[1:]) < NARROWEST:
            return None
        cost = products + (cost - products) * prod(halved) // prod(input)
        input = halved
    return input, BATCH if cost * BATCH <= MACS else SMALL_BATCH


def _real(given: Any) -> bool:
    """Return True for a tensor with values, and for a tuple, list or dict of nothing else."""
    parts = given.values() if isinstance(given, Mapping) else given
    parts = parts if isinstance(given, Mapping | tuple | list) else [given]
    return bool(parts) and all(isinstance(part, Tensor) and not part.is_meta for part in parts)


def untrained(net: nn.Module) -> bool:
    """Return True when all weights exist, and at least nine in ten look as if they were drawn independently.

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
    """Return True when numbers look independently drawn; too few or equal numbers are accepted."""
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
    sample = flat[:, :: max(1, flat.shape[1] // SAMPLE)].double()  # squares of doubles stay finite
    return Seen(sample.var(0).mean().item(), tensor.clone() if tensor.ndim == 2 else None)
