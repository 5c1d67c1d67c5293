"""Why a forward pass failed, in the user's words: the layer, its lines, both shapes, the fix."""

from netwright.analysis.cause import branch, call, layer, window
from netwright.analysis.cause.explanation import EXPLAINS, Explanation
from netwright.analysis.cause.history import made_by, place
from netwright.arithmetic.shape import show
from netwright.trace.graph import Failure, Graph

FAMILIES = (window, layer, branch, call)
"""The modules whose import fills the table."""


def explain(graph: Graph) -> Explanation | None:
    """The explanation of a graph's failure, None where the forward pass succeeded."""
    failure = graph.failure
    if failure is None:
        return None
    for function in (*EXPLAINS["any"], *EXPLAINS.get(failure.name, ())):
        found = function(graph, failure)
        if found is not None:
            return found
    return _plain(graph, failure)


def _plain(graph: Graph, failure: Failure) -> Explanation:
    """Torch's own words, and who made what the failing function was given."""
    where = f" at {failure.where}" if failure.where else ""
    name = f" of `{failure.name}`" if failure.name else ""
    data = [info for info in failure.inputs if info.parameter is None]
    given = (f"it was given {show(info.shape) or 'a scalar'} from {made_by(graph, info)}" for info in data)
    what = f"{place(graph, failure.module)} raised {failure.error}{name}{where}."
    return Explanation(what, (failure.message, *given))
