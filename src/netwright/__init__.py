"""Design, check, train, compare and explain deep networks built from blocks.

Every public name is imported on its first use, so that `import netwright` does not import torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netwright import blocks as blocks
    from netwright import design as design
    from netwright import models as models
    from netwright.analysis.summary import Summary as Summary
    from netwright.analysis.summary import summary as summary
    from netwright.blocks.initialise import initialise as initialise
    from netwright.blocks.parameters import tie as tie
    from netwright.data.examples import Data as Data
    from netwright.data.task import Task as Task
    from netwright.errors import CallError as CallError
    from netwright.errors import CheckpointError as CheckpointError
    from netwright.errors import DataError as DataError
    from netwright.errors import DesignError as DesignError
    from netwright.errors import DivergenceError as DivergenceError
    from netwright.errors import InfeasibleError as InfeasibleError
    from netwright.errors import NetwrightError as NetwrightError
    from netwright.errors import RecipeError as RecipeError
    from netwright.errors import RunError as RunError
    from netwright.errors import ShapeError as ShapeError
    from netwright.errors import SpecError as SpecError
    from netwright.errors import TrustError as TrustError
    from netwright.errors import UsageError as UsageError
    from netwright.errors import WindowError as WindowError
    from netwright.lint.finding import Finding as Finding
    from netwright.lint.run import check as check
    from netwright.spec import load as load
    from netwright.study.compare import compare as compare
    from netwright.study.result import Study as Study
    from netwright.trace.graph import Graph as Graph
    from netwright.training.recipe import Recipe as Recipe
    from netwright.training.run import Run as Run
    from netwright.training.run import train as train

__version__ = "0.1.0"

_MODULES = {
    "netwright.spec": "load",
    "netwright.analysis.summary": "summary Summary",
    "netwright.lint.run": "check",
    "netwright.lint.finding": "Finding",
    "netwright.training.run": "train Run",
    "netwright.training.recipe": "Recipe",
    "netwright.study.compare": "compare",
    "netwright.study.result": "Study",
    "netwright.blocks.initialise": "initialise",
    "netwright.blocks.parameters": "tie",
    "netwright.data.examples": "Data",
    "netwright.data.task": "Task",
    "netwright.trace.graph": "Graph",
    "netwright.errors": "NetwrightError UsageError ShapeError WindowError CallError SpecError TrustError "
    "DesignError InfeasibleError DataError RecipeError RunError CheckpointError DivergenceError",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}
_PACKAGES = ("blocks", "design", "models")

__all__ = ["__version__", *_HOMES, *_PACKAGES]


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"netwright.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'netwright' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
