"""Parameters of a recorded module, each tensor counted once, however many names and modules share it."""

from collections.abc import Iterable
from dataclasses import dataclass

from netwright.trace.graph import Graph, Parameter


@dataclass(frozen=True)
class Count:
    """How many parameters there are, how many of them are trainable, and their bytes."""

    total: int
    trainable: int
    bytes: int


def count(parameters: Iterable[Parameter]) -> Count:
    """Add up different parameters.

    >>> count([Parameter("w", (3, 4), 4, trainable=True), Parameter("b", (3,), 2, trainable=False)])
    Count(total=15, trainable=12, bytes=54)
    """
    different = list(parameters)
    return Count(
        sum(p.elements for p in different),
        sum(p.elements for p in different if p.trainable),
        sum(p.elements * p.itemsize for p in different),
    )


def seen(graph: Graph) -> list[Parameter]:
    """Return the parameters that `net.parameters()` yields."""
    return [parameter for parameter in graph.parameters.values() if not parameter.hidden]


def by_module(graph: Graph) -> dict[str, frozenset[str]]:
    """Return, for each module, the names of all parameters in it and in the modules under it.

    The parameters of a module in a plain list or dict belong to that module alone.
    """
    names: dict[str, set[str]] = {path: set(module.parameters) for path, module in graph.modules.items()}
    for path, module in graph.modules.items():
        own = [name for name in module.parameters if not graph.parameters[name].hidden]
        for place in (path, *module.aliases):
            while place:
                place = place.rpartition(".")[0]
                if place in names:
                    names[place].update(own)
    return {
        path: frozenset(name for name in each if name in graph.parameters) for path, each in names.items()
    }
