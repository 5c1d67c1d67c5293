"""Where a tensor comes from: what made it, its last steps, and where two branches part."""

from netwright.arithmetic.shape import show
from netwright.trace.graph import Graph, Op, TensorInfo

STEPS = 4
"""How many operations of a history are shown."""


def place(graph: Graph, path: str) -> str:
    """Return the path and the class of a module, as "`net.1` (Conv2d)"; of the network, the class alone."""
    module = graph.modules.get(path)
    kind = "the network" if module is None else module.class_name
    return f"`{path}` ({kind})" if path else kind


def made_by(graph: Graph, info: TensorInfo) -> str:
    """Return the layer, or the operation and its line, that made a tensor."""
    if info.producer is None:
        places = [index for index, tensor in enumerate(graph.inputs) if tensor.key == info.key]
        if places:
            return "the input" if len(graph.inputs) == 1 else f"input {places[0] + 1}"
        return f"the parameter `{info.parameter}`" if info.parameter else "a constant"
    op = graph.ops[info.producer]
    where = f" at {op.where}" if op.where else ""
    layer = graph.modules.get(op.module)
    plain = layer is None or not op.module or bool(layer.outputs and layer.outputs[0].key != info.key)
    if plain:
        return f"`{op.name}`{where}"
    built = f", {layer.built}" if layer is not None and layer.built else where
    return f"{place(graph, op.module)[:-1]}{built})"


def history(graph: Graph, info: TensorInfo, steps: int = STEPS) -> tuple[str, ...]:
    """Return the last operations that led to a tensor, oldest first, each with its shape and its origin."""
    return tuple(
        f"{show(t.shape) or 'scalar'} from {made_by(graph, t)}" for t in _chain(graph, info)[-steps:]
    )


def parting(
    graph: Graph, first: TensorInfo, second: TensorInfo
) -> tuple[TensorInfo | None, tuple[str, ...], tuple[str, ...]]:
    """Return the last tensor that two branches share, or None, and the steps of each branch after it."""
    one, other = _chain(graph, first), _chain(graph, second)
    keys = {info.key for info in one}
    common = next((info for info in reversed(other) if info.key in keys), None)
    return common, _since(graph, one, common), _since(graph, other, common)


def _since(graph: Graph, chain: list[TensorInfo], common: TensorInfo | None) -> tuple[str, ...]:
    keys = [info.key for info in chain]
    after = chain[keys.index(common.key) + 1 :] if common and common.key in keys else chain
    if not after:
        return ("  no operation",)
    return tuple(f"  {show(t.shape) or 'scalar'} from {made_by(graph, t)}" for t in after[-STEPS:])


def _chain(graph: Graph, info: TensorInfo) -> list[TensorInfo]:
    """Return a tensor and its ancestors along the first input of each operation, oldest first."""
    chain = [info]
    while chain[-1].producer is not None:
        data = [tensor for tensor in graph.ops[chain[-1].producer].inputs if tensor.parameter is None]
        if not data:
            break
        chain.append(data[0])
    return chain[::-1]


def folded_by(graph: Graph, info: TensorInfo) -> TensorInfo | None:
    """Return the last ancestor with a whole batch, before a view merged the batch with another axis."""
    op = folding(graph, info)
    return None if op is None else op.inputs[0]


def folding(graph: Graph, info: TensorInfo) -> Op | None:
    """Return the view among a tensor's ancestors that merged the batch with another axis, or None."""
    while info.producer is not None:
        op = graph.ops[info.producer]
        before = op.inputs[0] if op.inputs else None
        if before is None or before.parameter is not None:
            return None
        whole = before.shape[:1] == (graph.batch,)
        if op.name in {"view", "reshape", "flatten"} and whole and info.shape[:1] != (graph.batch,):
            return op
        info = before
    return None
