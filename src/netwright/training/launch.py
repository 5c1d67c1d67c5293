"""Where to train: one process, or the processes that torchrun started."""

import os
from typing import TYPE_CHECKING

from netwright.training.recipe import Recipe

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def launch(recipe: Recipe) -> "Fabric":
    """Fabric with the recipe's device and precision; under torchrun, one device a process (DDP)."""
    from lightning_fabric import Fabric  # costs seconds, so only a training pays for it

    world, local = (int(os.environ.get(name, "1")) for name in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"))
    fabric = Fabric(
        accelerator=recipe.device,
        devices=local,
        num_nodes=world // local,
        strategy="ddp" if world > 1 else "auto",
        precision=recipe.precision,
    )
    fabric.launch()
    return fabric
