"""An explanation of a failure, and the table of functions that look for one."""

from collections.abc import Callable
from dataclasses import dataclass

from netwright.analysis.cause.history import place
from netwright.trace.graph import Failure, Graph


@dataclass(frozen=True)
class Explanation:
    """What is wrong in one sentence, the lines of evidence, and the likely fix, empty where none is known."""

    what: str
    evidence: tuple[str, ...]
    fix: str = ""

    def __str__(self) -> str:
        """Return what is wrong, the evidence and the fix, each on a line of its own."""
        fix = [f"fix: {self.fix}"] if self.fix else []
        return "\n".join([self.what, *(f"  {line}" for line in self.evidence), *fix])


Explain = Callable[[Graph, Failure], Explanation | None]
"""Explains a failure, or returns None where the failure is of another kind."""

EXPLAINS: dict[str, list[Explain]] = {}
"""The functions to try, by the name of the torch function that raised; those of `any` come first."""


def explains(*names: str) -> Callable[[Explain], Explain]:
    """Register a function that explains failures of these torch functions."""

    def enter(function: Explain) -> Explain:
        for name in names:
            EXPLAINS.setdefault(name, []).append(function)
        return function

    return enter


def layer(graph: Graph, failure: Failure) -> str:
    """Return the name of the module that failed."""
    return place(graph, failure.module)


def lines(graph: Graph, failure: Failure) -> tuple[str, ...]:
    """Say which line built the failing module, and which one called it."""
    module = graph.modules.get(failure.module)
    built = [f"built at {module.built}"] if module and module.built else []
    return (*built, *([f"called at {failure.where}"] if failure.where else []))
