"""Design: from the shapes of input and output to the layers between them, or the reason why there are none.

Every function is imported on its first use; torch is not imported before a solution is built.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netwright.design.budget import fit as fit
    from netwright.design.directions import autoencoder as autoencoder
    from netwright.design.directions import between as between
    from netwright.design.directions import decoder as decoder
    from netwright.design.directions import encoder as encoder

_HOMES = {
    "encoder": "netwright.design.directions",
    "decoder": "netwright.design.directions",
    "autoencoder": "netwright.design.directions",
    "between": "netwright.design.directions",
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
