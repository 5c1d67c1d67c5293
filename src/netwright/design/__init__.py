"""Design: from the shapes of input and output to the layers between them, or the reason why there are none.

Every function is imported on its first use; torch is not imported before a solution is built.
"""

from typing import TYPE_CHECKING

from netwright.lazy import attach

if TYPE_CHECKING:
    from netwright.design.budget import fit as fit
    from netwright.design.directions import autoencoder as autoencoder
    from netwright.design.directions import between as between
    from netwright.design.directions import decoder as decoder
    from netwright.design.directions import encoder as encoder

__getattr__, __dir__, __all__ = attach(
    "netwright.design", {"directions": "encoder decoder autoencoder between", "budget": "fit"}
)
