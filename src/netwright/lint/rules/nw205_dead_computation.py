"""The result of a computation is never used.

What. A convolution, product or normalisation runs in training and in evaluation, and no output depends on its
result.

Why. It costs its multiply-accumulates in every pass and changes nothing. A head whose result is dropped, or a
branch that is overwritten before it is added, means that the network is not the one that was intended.

Guard. Both modes count, and writing into another tensor counts as use. Only the last operation of an unused
chain is reported, as the outermost module whose whole result is unused. Nothing is reported when an operation
that cannot be recorded stands in the way.

Instead. Return or use the result, or delete the call.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Graph, Op


def look(network: "Network") -> Iterator[Remark]:
    """Report the last op of every unused chain that costs multiply-accumulates."""
    from netwright.lint.graphs import complete, dead

    graph = network.graph
    unused = dead(graph)
    if graph.failure or not complete(graph) or not unused:
        return
    training = network.recorded(training=True)
    also = {(op.name, op.module, op.call, op.where) for op in dead(training)}
    for op in unused:
        later = any(user in unused for user in _after(network, op))
        if not later and (op.name, op.module, op.call, op.where) in also:
            yield _remark(network, op)


def _remark(network: "Network", op: "Op") -> Remark:
    from netwright.lint.graphs import holder, inside

    graph, batch = network.graph, network.graph.batch
    path = _outermost(graph, op)
    macs = sum(other.macs for other in inside(graph, path)) if path else op.macs
    called = replace(op, where=graph.modules[path].called, module=path) if path else op
    path = path or holder(network, op)
    cost = f", which costs {macs // batch:,} multiply-accumulates for each example" if macs else ""
    return Remark(
        network.place(called),
        f"nothing uses the result of {path or op.name}{cost}.",
        module=path,
        evidence={"macs": macs // batch, "operation": op.name},
        fix=Fix("use the result, or delete the call"),
    )


def _outermost(graph: "Graph", op: "Op") -> str:
    """Return the outermost module around an op that is called once and of which no result is used."""
    from netwright.lint.graphs import inside, living

    alive, parts = living(graph), op.module.split(".")
    for path in (".".join(parts[:end]) for end in range(1, len(parts) + 1)):
        module = graph.modules.get(path)
        if module and module.calls == 1 and not any(other.index in alive for other in inside(graph, path)):
            return path
    return ""


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
