"""Design, check, train, compare and explain deep networks built from blocks.

Public names load on first use, so that `import netwright` does not import torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netwright import design as design
    from netwright.analysis.summary import summary as summary
    from netwright.blocks.initialise import initialise as initialise
    from netwright.blocks.parameters import tie as tie
    from netwright.lint.run import check as check
    from netwright.spec import load as load
    from netwright.training.recipe import Recipe as Recipe
    from netwright.training.run import train as train

__version__ = "0.1.0"

_HOMES = {
    "load": "netwright.spec",
    "check": "netwright.lint.run",
    "initialise": "netwright.blocks.initialise",
    "tie": "netwright.blocks.parameters",
    "summary": "netwright.analysis.summary",
    "Recipe": "netwright.training.recipe",
    "train": "netwright.training.run",
}

_PACKAGES = ("design",)

__all__ = ["__version__", *_HOMES, *_PACKAGES]


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"netwright.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'netwright' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
