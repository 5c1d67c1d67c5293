"""Design: say what goes in and what must come out, get the layers, or the reason why there are none.

Functions load on first use; torch is not imported before a plan is built.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netwright.design.ask import autoencoder as autoencoder
    from netwright.design.ask import between as between
    from netwright.design.ask import decoder as decoder
    from netwright.design.ask import encoder as encoder
    from netwright.design.budget import fit as fit

_HOMES = {
    "encoder": "netwright.design.ask",
    "decoder": "netwright.design.ask",
    "autoencoder": "netwright.design.ask",
    "between": "netwright.design.ask",
    "fit": "netwright.design.budget",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(
            f"module 'netwright.design' has no attribute {name!r}; it has {', '.join(__all__)}"
        )
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
