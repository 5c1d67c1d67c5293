"""Explain why a forward pass failed: the layer, its lines in the source, both shapes, the fix."""

from netwright.analysis.cause import branch, call, layer, window
from netwright.analysis.cause.explanation import EXPLAINS, Explanation
from netwright.analysis.cause.history import made_by, place
from netwright.arithmetic.shape import show
from netwright.trace.graph import Failure, Graph

FAMILIES = (window, layer, branch, call)
"""The modules whose explanations are tried; importing them fills the table."""


def explain(graph: Graph) -> Explanation | None:
    """Return the explanation of a graph's failure, or None where the forward pass succeeded."""
    failure = graph.failure
    if failure is None:
        return None
    for function in (*EXPLAINS["any"], *EXPLAINS.get(failure.name, ())):
        explanation = function(graph, failure)
        if explanation is not None:
            return explanation
    return _plain(graph, failure)


def _plain(graph: Graph, failure: Failure) -> Explanation:
    """Return the shapes and torch's own message, with the origin of each tensor that was given."""
    where = f" at {failure.where}" if failure.where else ""
    name = f" of `{failure.name}`" if failure.name else ""
    data = [info for info in failure.inputs if info.parameter is None]
    shapes = " and ".join(show(info.shape) or "a scalar" for info in data)
    on = f" on {shapes}" if shapes else ""
    given = (f"it was given {show(info.shape) or 'a scalar'} from {made_by(graph, info)}" for info in data)
    what = f"{place(graph, failure.module)} raised {failure.error}{name}{where}{on}"
    reason, _, more = failure.message.partition("\n")
    return Explanation(f"{what}: {reason.rstrip('.')}.", (*more.splitlines(), *given))
