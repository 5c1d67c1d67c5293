"""Which axes of an input are space or time, and which hold channels."""

from netwright.receptive.readers.pointwise import CONSTANT
from netwright.trace.graph import Graph, TensorInfo

_FEATURES_FIRST = ("conv", "max_pool", "avg_pool", "adaptive_", "batch_norm", "instance_norm", "group_norm",
                   "interpolate", "upsample", "pixel_", "lp_pool")  # fmt: skip
_FEATURES_LAST = ("linear", "layer_norm", "rms_norm", "lstm", "gru", "rnn", "scaled_dot_product_attention")


def space_axes(graph: Graph, tensor: TensorInfo) -> tuple[int, ...]:
    """Return the axes of an input other than batch and channels, from the operation that reads it first.

    Convolutions have their channels at axis 1, linear and recurrent layers at the last axis. Where there is
    no such operation, images and volumes have them first and sequences last; matrices have none.
    """
    rank = len(tensor.shape)
    if rank < 3:
        return tuple(range(min(1, rank - 1), rank)) if rank == 2 else ()
    return tuple(axis for axis in range(1, rank) if axis != _channels(graph, tensor))


def _channels(graph: Graph, tensor: TensorInfo) -> int:
    """Return the axis of the channels, followed through permutations and operations that keep the shape."""
    rank = len(tensor.shape)
    orders = {tensor.key: list(range(rank))}
    for op in graph.ops:
        order = next((orders[given.key] for given in op.inputs if given.key in orders), None)
        if order is None:
            continue
        if op.name.startswith(_FEATURES_FIRST) and len(order) > 1:
            return order[1]
        if op.name.startswith(_FEATURES_LAST):
            return order[-1]
        if op.name == "permute":
            orders[op.outputs[0].key] = [order[dim] for dim in op.arguments["dims"]]
        elif op.name == "transpose":
            first, second = op.arguments["dim0"], op.arguments["dim1"]
            exchanged = {first: second, second: first}
            orders[op.outputs[0].key] = [order[exchanged.get(dim, dim)] for dim in range(rank)]
        elif op.outputs and op.outputs[0].shape == op.inputs[0].shape and op.name not in CONSTANT:
            orders[op.outputs[0].key] = order
    return 1 if rank > 3 else rank - 1
