"""A computation whose result nothing uses.

What. A convolution or product runs in training and in evaluation, and no output depends on its result.

Why. It costs its multiply-accumulates on every pass and changes nothing. A head whose result is dropped, a
branch overwritten before it is added: the network is not the one that was meant.

Guard. Both modes count, and so does writing into another tensor. Only the last operation of a dead chain is
reported. Nothing is said when an operation outside the record stands in the way.

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
    """The end of every dead chain with a cost."""
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
            f"nothing uses the result of {path or op.name}: {op.macs // graph.batch:,} multiply-accumulates "
            "an example for nothing.",
            module=path,
            evidence={"macs": op.macs // graph.batch, "operation": op.name},
            fix=Fix("use its result, or delete the call"),
        )


def _dead(graph: "Graph") -> list["Op"]:
    """The ops with a cost that reach no output."""
    from netwright.lint.graphs import living

    alive = living(graph)
    return [op for op in graph.ops if op.macs and op.index not in alive]


def _after(network: "Network", op: "Op") -> list["Op"]:
    """Every op that depends on another one."""
    found: dict[int, Op] = {}
    waiting = list(op.outputs)
    while waiting:
        for user in network.consumers.get(waiting.pop().key, []):
            if user.index not in found:
                found[user.index] = user
                waiting += user.outputs
    return list(found.values())


RULE = Rule("warning", "manual", network=look)
