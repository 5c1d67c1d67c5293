"""Parameters of a recorded module: each tensor once, however many names and modules share it."""

from collections.abc import Iterable
from dataclasses import dataclass

from netwright.trace.graph import Graph, Parameter


@dataclass(frozen=True)
class Count:
    """Parameters, how many of them are trained, and their bytes."""

    total: int
    trainable: int
    bytes: int


def count(parameters: Iterable[Parameter]) -> Count:
    """Add up different parameters; those of modules hidden in plain lists are trained by nobody.

    >>> count([Parameter("w", (3, 4), 4, trainable=True), Parameter("b", (3,), 2, trainable=False)])
    Count(total=15, trainable=12, bytes=54)
    """
    found = list(parameters)
    return Count(
        sum(p.elements for p in found),
        sum(p.elements for p in found if p.trainable),
        sum(p.elements * p.itemsize for p in found),
    )


def seen(graph: Graph) -> list[Parameter]:
    """The parameters that `net.parameters()` yields."""
    return [parameter for parameter in graph.parameters.values() if not parameter.hidden]


def by_module(graph: Graph) -> dict[str, frozenset[str]]:
    """For every module the names of all parameters in it and under it; hidden ones stay with their module."""
    found: dict[str, set[str]] = {path: set(module.parameters) for path, module in graph.modules.items()}
    for path, module in graph.modules.items():
        own = [name for name in module.parameters if not graph.parameters[name].hidden]
        for place in (path, *module.aliases):
            while place:
                place = place.rpartition(".")[0]
                if place in found:
                    found[place].update(own)
    return {
        path: frozenset(name for name in names if name in graph.parameters) for path, names in found.items()
    }
