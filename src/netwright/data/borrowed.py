"""Augmentations of kornia by name: which ones an input and its targets allow, and one conversion for all."""

from collections.abc import Sequence
from inspect import isclass

import torch
from torch import Tensor, nn

from netwright.arithmetic.shape import show
from netwright.data.kinds import Targets
from netwright.errors import USER_ERRORS


class Kornia:
    """Augmentations of kornia in turn, with one conversion of bytes to floats in 0..1 and back."""

    def __init__(self, modules: Sequence[nn.Module]):
        self.modules = nn.Sequential(*modules)

    def __call__(self, inputs: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
        """Return the augmented batch, and the targets as they are."""
        if inputs.dtype != torch.uint8:
            return self.modules(inputs), targets
        changed = self.modules(inputs.float().div_(255))
        return changed.mul(255).round_().clamp_(0, 255).to(torch.uint8), targets


def offered(dims: int, *, spatial: bool) -> dict[str, type[nn.Module]]:
    """Return the classes of kornia for images (2) or volumes (3) that leave the targets alone.

    Mixing ones are never among them. Where any target is `spatial`, only changes of intensity are: several of
    kornia's warps leave points or boxes unmoved (https://github.com/kornia/kornia/issues/4420).
    """
    import kornia.augmentation as library  # slow to import, and seldom needed

    kind: type
    match dims, spatial:
        case 2, False:
            kind = library.AugmentationBase2D
        case 2, True:
            kind = library.IntensityAugmentationBase2D
        case 3, False:
            kind = library.RigidAffineAugmentationBase3D
        case 3, True:
            kind = library.IntensityAugmentationBase3D
        case _:
            return {}
    return {
        name: value
        for name, value in vars(library).items()
        if isclass(value) and issubclass(value, kind) and "Base" not in name
    }


def refused(name: str, dims: int) -> str:
    """Return why kornia's class of that name is not among those offered; empty if it has none."""
    for others, what in ((2, "images with two axes"), (3, "volumes")):
        if name in offered(others, spatial=False):
            if others != dims:
                return f"it is for {what}, and these inputs have {dims} axes of space"
            return (
                "it moves the image and not the targets; use flip, rotate90, crop, affine, elastic or "
                "grid_elastic, which move both"
            )
    return ""


def misfit(module: nn.Module, input: tuple[int, ...]) -> str:
    """Return why a module cannot take such inputs, by trying it on grey ones; empty if it can."""
    from kornia.core.exceptions import BaseError  # slow to import, as above

    count = 16 if len(input) == 3 else 2  # a volume is large
    with torch.random.fork_rng(devices=[]):
        try:
            shape = tuple(module(torch.full((count, *input), 0.5)).shape[1:])
        except (*USER_ERRORS, BaseError) as error:
            return str(error).strip().splitlines()[0].rstrip(".")
    return "" if shape == input else f"it makes them {show(shape)}, and a network has one input size"
