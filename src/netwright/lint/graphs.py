"""What rules ask of a recorded graph: kinds of ops, chains between them, what reaches an output."""

from collections.abc import Iterator

from netwright.lint.network import Network
from netwright.trace.families import NORMS, PASSING, POINTWISE, VIEWS
from netwright.trace.graph import Graph, Op, TensorInfo

_POSITIONWISE = NORMS | PASSING | POINTWISE | VIEWS | {"linear", "pad"}
"""Their result at a position depends on that position: the search for other readers goes on through them."""
Axis = tuple[int, int, int, tuple[int, int], int]


def only_user(network: Network, tensor: TensorInfo) -> Op | None:
    """The one op that reads a tensor, through ops that hand it on; None when several do or it is returned."""
    while True:
        users = network.consumers.get(tensor.key, [])
        if len(users) != 1 or tensor.key in network.returned:
            return None
        if users[0].name not in PASSING:
            return users[0]
        tensor = users[0].outputs[0]


def maker(network: Network, tensor: TensorInfo) -> Op | None:
    """The op that made a tensor, through ops that hand it on."""
    op = network.producer(tensor)
    while op is not None and op.name in PASSING and op.inputs:
        op = network.producer(op.inputs[0])
    return op


def weight(op: Op) -> TensorInfo | None:
    """The weight of a weighted op, when it is a parameter as it stands."""
    found = op.arguments.get("weight")
    return found if isinstance(found, TensorInfo) and found.parameter else None


def axes(op: Op) -> list[Axis]:
    """(size, kernel, stride, padding, dilation) of every axis of a convolution."""
    kernel = op.arguments["weight"].shape[2:]
    sizes = op.inputs[0].shape[-len(kernel) :]
    spread = [op.arguments[name] for name in ("stride", "padding", "dilation")]
    return list(zip(sizes, kernel, *spread, strict=True))


def depthwise(op: Op) -> bool:
    """True for a convolution whose every group is one channel."""
    groups = op.arguments.get("groups", 1)
    return groups > 1 and groups == op.inputs[0].shape[1]


def read_before(network: Network, tensor: TensorInfo) -> bool:
    """True when a map, or what it was made of position by position, is returned or read elsewhere."""
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
    """True when one of the other parts of a split map, as queries beside keys, is read or returned."""
    return any(network.consumers.get(part.key) or part.key in network.returned for part in parts)


def living(graph: Graph) -> set[int]:
    """The ops whose results reach an output, or change a tensor that does."""
    keys = {tensor.key for tensor in graph.outputs}
    storages = {tensor.storage for tensor in graph.outputs}
    found: set[int] = set()
    for op in reversed(graph.ops):
        writes = op.inplace and any(tensor.storage in storages for tensor in op.outputs)
        if writes or any(tensor.key in keys for tensor in op.outputs):
            found.add(op.index)
            keys |= {tensor.key for tensor in op.inputs}
            storages |= {tensor.storage for tensor in op.inputs}
    return found


def complete(graph: Graph) -> bool:
    """True when every tensor an op reads has a known origin, so that reachability can be trusted."""
    made = [*graph.inputs, *(tensor for op in graph.ops for tensor in op.outputs)]
    known = {tensor.key for tensor in made} | {-1 - tensor.storage for tensor in made}
    read = [*graph.outputs, *(tensor for op in graph.ops for tensor in op.inputs)]
    return all(
        tensor.parameter or not tensor.requires_grad or {tensor.key, -1 - tensor.storage} & known
        for tensor in read
    )


def inside(graph: Graph, path: str) -> Iterator[Op]:
    """The ops that ran in a module or below it."""
    return (op for op in graph.ops if op.module == path or op.module.startswith(f"{path}."))


def holder(network: Network, op: Op) -> str:
    """The path of the module that holds an op's weight, else the one it ran in."""
    found = weight(op)
    if found is not None and found.parameter:
        path = found.parameter.rpartition(".")[0]
        if path in network.graph.modules:
            return path
    return op.module
