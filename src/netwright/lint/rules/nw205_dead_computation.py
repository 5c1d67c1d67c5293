"""The result of a computation is never used.

What. A convolution or product runs in training and in evaluation, and no output depends on its result.

Why. It costs its multiply-accumulates in every pass and changes nothing. A head whose result is dropped, or a
branch that is overwritten before it is added, means that the network is not the one that was intended.

Guard. Both modes count, and writing into another tensor counts as use. Only the last operation of an unused
chain is reported. Nothing is reported when an operation that cannot be recorded stands in the way.

Instead. Return or use the result, or delete the call.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Graph, Op


def look(network: "Network") -> Iterator[Remark]:
    """Report the last op of every unused chain that costs multiply-accumulates."""
    from netwright.lint.graphs import complete, holder

    graph = network.graph
    dead = _dead(graph)
    if graph.failure or not complete(graph) or not dead:
        return
    training = network.recorded(training=True)
    also = {(op.name, op.module, op.call, op.where) for op in _dead(training)}
    for op in dead:
        later = [user for user in _after(network, op) if user.macs]
        if later or (op.name, op.module, op.call, op.where) not in also:
            continue
        path = holder(network, op)
        yield Remark(
            network.place(op),
            f"nothing uses the result of {path or op.name}, which costs {op.macs // graph.batch:,} "
            "multiply-accumulates for each example.",
            module=path,
            evidence={"macs": op.macs // graph.batch, "operation": op.name},
            fix=Fix("use the result, or delete the call"),
        )


def _dead(graph: "Graph") -> list["Op"]:
    """Return the ops with a cost whose results reach no output."""
    from netwright.lint.graphs import living

    alive = living(graph)
    return [op for op in graph.ops if op.macs and op.index not in alive]


def _after(network: "Network", op: "Op") -> list["Op"]:
    """Return every op that depends on an op."""
    dependents: dict[int, Op] = {}
    waiting = list(op.outputs)
    while waiting:
        for user in network.consumers.get(waiting.pop().key, []):
            if user.index not in dependents:
                dependents[user.index] = user
                waiting += user.outputs
    return list(dependents.values())


RULE = Rule("warning", "manual", network=look)
