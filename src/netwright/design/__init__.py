"""Design: from the shapes of input and output to the layers between them, or the reason why there are none.

`plan` goes from a network and data to the largest patch and batch that fit into memory.

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
    from netwright.design.planning import Plan as Plan
    from netwright.design.planning import plan as plan
    from netwright.design.trials import Setup as Setup

__getattr__, __dir__, __all__ = attach(
    "netwright.design",
    {
        "directions": "encoder decoder autoencoder between",
        "budget": "fit",
        "planning": "plan Plan",
        "trials": "Setup",
    },
)
