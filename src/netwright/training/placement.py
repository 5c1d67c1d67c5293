"""The loader of a training: examples in memory as a whole, or windows of them."""

from typing import TYPE_CHECKING

import torch
from torch import nn

from netwright.data.augment import augmentation
from netwright.data.examples import Data
from netwright.training.loader import Loader
from netwright.training.output import input_shape
from netwright.training.patches import Patches
from netwright.training.recipe import Recipe
from netwright.training.units import Units
from netwright.training.windows import suited

if TYPE_CHECKING:
    from lightning_fabric import Fabric

REDUCED = {"16-true": torch.float16, "bf16-true": torch.bfloat16, "64-true": torch.float64}
"""The types of weights and inputs, by precision; float32 where the precision is not listed."""


def placed(fabric: "Fabric", data: Data, recipe: Recipe, net: nn.Module) -> Loader | Patches:
    """Return a loader on the device of `fabric`, with the augmentation and the formats of `recipe`.

    Args:
        fabric: Device, processes and precision.
        data: What to load.
        recipe: How, with its batch and its augmentation decided.
        net: The network, which decides how large examples are tiled.
    """
    assert recipe.batch != "auto"
    assert recipe.augment != "auto"
    patch = suited(data) if recipe.patch == "auto" else recipe.patch
    memory_format = torch.channels_last if recipe.channels_last else torch.contiguous_format
    units = Units(data, fabric.device, REDUCED.get(recipe.precision, torch.float32), memory_format)
    augment = augmentation(recipe.augment, data, input_shape(data, patch))
    share = (fabric.global_rank, fabric.world_size)
    if patch is None:
        return Loader(data, augment, batch=recipe.batch, units=units, share=share)
    return Patches(data, augment, patch=patch, batch=recipe.batch, units=units, net=net, share=share)
