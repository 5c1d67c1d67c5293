"""An explanation, and the table of functions that find one."""

from collections.abc import Callable
from dataclasses import dataclass

from netwright.analysis.cause.history import place
from netwright.trace.graph import Failure, Graph


@dataclass(frozen=True)
class Explanation:
    """What is wrong, in one sentence; the evidence, a line each; the likely fix (empty: none is known)."""

    what: str
    evidence: tuple[str, ...]
    fix: str = ""

    def __str__(self) -> str:
        """One line each."""
        fix = [f"fix: {self.fix}"] if self.fix else []
        return "\n".join([self.what, *(f"  {line}" for line in self.evidence), *fix])


Explain = Callable[[Graph, Failure], Explanation | None]
"""Explains a failure, or answers None where it is another one."""

EXPLAINS: dict[str, list[Explain]] = {}
"""By the name of the torch function that raised; `any` holds those that go by the text."""


def explains(*names: str) -> Callable[[Explain], Explain]:
    """Enter a function for failures of these torch functions."""

    def enter(function: Explain) -> Explain:
        for name in names:
            EXPLAINS.setdefault(name, []).append(function)
        return function

    return enter


def layer(graph: Graph, failure: Failure) -> str:
    """The module that failed, as text."""
    return place(graph, failure.module)


def lines(graph: Graph, failure: Failure) -> tuple[str, ...]:
    """The line that built the failing module and the one that called it."""
    module = graph.modules.get(failure.module)
    built = [f"built at {module.built}"] if module and module.built else []
    return (*built, *([f"called at {failure.where}"] if failure.where else []))
