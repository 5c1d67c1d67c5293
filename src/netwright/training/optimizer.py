"""The optimizer of a recipe, and which weights decay."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from netwright.training.recipe import Recipe

NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)


def split(net: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Parameters that decay, and those spared: of norms, biases, and scales with one axis.

    Decay shrinks what multiplies an input; on a norm's scale or on an offset it only biases the result
    (He et al. 2019, "Bag of Tricks", section 3.1).
    """
    decayed: dict[nn.Parameter, None] = {}
    spared: dict[nn.Parameter, None] = {}
    for module in net.modules():
        for name, parameter in module.named_parameters(recurse=False):
            spare = isinstance(module, NORMS) or parameter.ndim < 2 or name.endswith("bias")
            (spared if spare else decayed)[parameter] = None
    return list(decayed), [parameter for parameter in spared if parameter not in decayed]


def build(net: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The optimizer that `recipe` names, with two groups: decayed and spared."""
    decayed, spared = split(net)
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    fused = not (
        recipe.clip_grad_norm and recipe.precision == "16-mixed"
    )  # it unscales inside, too late to clip
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=recipe.lr, betas=(recipe.momentum, 0.999), fused=fused)
    return torch.optim.SGD(
        groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.nesterov, fused=fused
    )


def penalty(weights: Iterable[Tensor], l1: float, l2: float) -> Tensor:
    """Explicit penalty: l1 x sum of |w| + l2 x sum of w squared, a scalar.

    >>> penalty([torch.tensor([1.0, -2.0])], l1=0.5, l2=0.25)
    tensor(2.7500)
    """
    terms = [l1 * w.abs().sum() + l2 * w.square().sum() for w in weights]
    return torch.stack(terms).sum()
