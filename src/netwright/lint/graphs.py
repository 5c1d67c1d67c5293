"""Questions that rules ask about a recorded graph: chains of ops, and what reaches an output."""

from collections.abc import Iterator

from netwright.lint.network import Network
from netwright.trace.families import NORMS, PASSING, POINTWISE, VIEWS
from netwright.trace.graph import Graph, Op, TensorInfo

_POSITIONWISE = NORMS | PASSING | POINTWISE | VIEWS | {"linear", "pad"}
"""Ops whose result at a position depends on that position of the input only."""
Axis = tuple[int, int, int, tuple[int, int], int]


def only_user(network: Network, tensor: TensorInfo) -> Op | None:
    """Return the only op that reads a tensor, or None; ops that pass their input through are skipped."""
    while True:
        users = network.consumers.get(tensor.key, [])
        if len(users) != 1 or tensor.key in network.returned:
            return None
        if users[0].name not in PASSING:
            return users[0]
        tensor = users[0].outputs[0]


def maker(network: Network, tensor: TensorInfo) -> Op | None:
    """Return the op that made a tensor; ops that pass their input through are skipped."""
    op = network.producer(tensor)
    while op is not None and op.name in PASSING and op.inputs:
        op = network.producer(op.inputs[0])
    return op


def weight(op: Op) -> TensorInfo | None:
    """Return the weight of an op, if it is a parameter itself and not computed from one."""
    tensor = op.arguments.get("weight")
    return tensor if isinstance(tensor, TensorInfo) and tensor.parameter else None


def axes(op: Op) -> list[Axis]:
    """Return (size, kernel, stride, padding, dilation) for every axis of a convolution."""
    kernel = op.arguments["weight"].shape[2:]
    sizes = op.inputs[0].shape[-len(kernel) :]
    spread = [op.arguments[name] for name in ("stride", "padding", "dilation")]
    return list(zip(sizes, kernel, *spread, strict=True))


def depthwise(op: Op) -> bool:
    """Return True for a convolution with one channel in each group."""
    groups = op.arguments.get("groups", 1)
    return groups > 1 and groups == op.inputs[0].shape[1]


def read_before(network: Network, tensor: TensorInfo) -> bool:
    """Return True when a map, or a map from which it was made position by position, has another reader."""
    while tensor.key not in network.returned:
        op = network.producer(tensor)
        if op is None or not op.inputs or op.name not in _POSITIONWISE:
            return False
        parts = [part for part in op.outputs if part.key != tensor.key and part.shape == tensor.shape]
        tensor = op.inputs[0]
        if any(user is not op for user in network.consumers[tensor.key]) or _used(network, parts):
            return True
    return True


def _used(network: Network, parts: list[TensorInfo]) -> bool:
    """Return True when one of the other parts of a split map (keys beside queries) is read or returned."""
    return any(network.consumers.get(part.key) or part.key in network.returned for part in parts)


def living(graph: Graph) -> set[int]:
    """Return the indices of the ops whose results reach an output, or change a tensor that does."""
    keys = {tensor.key for tensor in graph.outputs}
    storages = {tensor.storage for tensor in graph.outputs}
    alive: set[int] = set()
    for op in reversed(graph.ops):
        writes = op.inplace and any(tensor.storage in storages for tensor in op.outputs)
        if writes or any(tensor.key in keys for tensor in op.outputs):
            alive.add(op.index)
            keys |= {tensor.key for tensor in op.inputs}
            storages |= {tensor.storage for tensor in op.inputs}
    return alive


def complete(graph: Graph) -> bool:
    """Return True when every tensor that an op reads has a known origin, so that `living` can be trusted.

    The result of a scripted function looks like memory that nothing has filled, so its origin is unknown.
    """
    made = [*graph.inputs, *(tensor for op in graph.ops for tensor in op.outputs)]
    known = {tensor.key for tensor in made} | {-1 - tensor.storage for tensor in made}
    read = [*graph.outputs, *(tensor for op in graph.ops for tensor in op.inputs)]
    filled = {tensor.storage for op in graph.ops if op.inplace for tensor in op.outputs}
    empty = {t.key for op in graph.ops if op.name == "empty" for t in op.outputs if t.storage not in filled}
    return all(tensor.key not in empty for tensor in read) and all(
        tensor.parameter or not tensor.requires_grad or {tensor.key, -1 - tensor.storage} & known
        for tensor in read
    )


def softmax_dim(op: Op) -> int | None:
    """Return the dimension of a softmax, which torch chooses by the rank where none is given; else None."""
    if op.name not in {"softmax", "log_softmax", "softmin"}:
        return None
    dim = op.arguments.get("dim")
    return dim if isinstance(dim, int) else int(len(op.outputs[0].shape) not in {0, 1, 3})


def inside(graph: Graph, path: str) -> Iterator[Op]:
    """Return the ops that ran in a module or in its submodules."""
    return (op for op in graph.ops if op.module == path or op.module.startswith(f"{path}."))


def holder(network: Network, op: Op) -> str:
    """Return the path of the module that holds the weight of an op, else that of the module it ran in."""
    tensor = weight(op)
    if tensor is not None and tensor.parameter:
        path = tensor.parameter.rpartition(".")[0]
        if path in network.graph.modules:
            return path
    return op.module
