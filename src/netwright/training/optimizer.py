"""Optimizers by name, and which weights they decay. A recipe names them without importing torch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from netwright.errors import USER_ERRORS, RecipeError
from netwright.plugins import plugins

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer

Factory = Callable[..., "Optimizer"]
"""A class of `torch.optim`, or a function like it: it takes groups of parameters, and `lr`."""


@dataclass(frozen=True)
class Settings:
    """The options of a recipe that shape its optimizer."""

    lr: float
    weight_decay: float
    momentum: float = 0.9
    nesterov: bool = True
    fused: bool = False


def _sgd(net: "nn.Module", settings: Settings) -> "Optimizer":
    from torch.optim import SGD

    return SGD(
        groups(net, settings.weight_decay),
        lr=settings.lr,
        momentum=settings.momentum,
        nesterov=settings.nesterov,
        fused=settings.fused,
    )


def _adamw(net: "nn.Module", settings: Settings) -> "Optimizer":
    from torch.optim import AdamW

    betas = (settings.momentum, 0.999)
    return AdamW(groups(net, settings.weight_decay), lr=settings.lr, betas=betas, fused=settings.fused)


def _muon(net: "nn.Module", settings: Settings) -> "Optimizer":
    from netwright.training.muon import Muon

    return Muon(net, groups(net, settings.weight_decay), settings)


OPTIMIZERS: dict[str, Callable[["nn.Module", Settings], "Optimizer"]] = {
    "sgd": _sgd,
    "adamw": _adamw,
    "muon": _muon,
}
"""Every optimizer that a recipe can name. These, and no others, take their momentum from the recipe."""


def chosen(optimizer: str | Factory) -> Callable[["nn.Module", Settings], "Optimizer"]:
    """Return what builds an optimizer: one of `OPTIMIZERS`, of an installed package, or `optimizer` itself.

    Raises:
        RecipeError: No optimizer has that name.
    """
    if callable(optimizer):
        return partial(_from_factory, optimizer)
    if optimizer in OPTIMIZERS:
        return OPTIMIZERS[optimizer]
    added = {plugin.name: plugin.value for plugin in plugins("optimizers")}
    if optimizer not in added:
        known = ", ".join([*OPTIMIZERS, *added])
        raise RecipeError(f"`optimizer` (={optimizer}) must be one of {known}, or from Python a class.")
    return partial(_from_factory, added[optimizer])


def _from_factory(factory: Factory, net: "nn.Module", settings: Settings) -> "Optimizer":
    from torch.optim import Optimizer

    name = getattr(factory, "__qualname__", repr(factory))
    try:
        optimizer = factory(groups(net, settings.weight_decay), lr=settings.lr)
    except USER_ERRORS as error:
        raise RecipeError(f"the optimizer `{name}` cannot be built: {error}.") from error
    if not isinstance(optimizer, Optimizer):
        raise RecipeError(
            f"the optimizer `{name}` returned a {type(optimizer).__name__}, not a torch.optim.Optimizer."
        )
    return optimizer


def groups(net: "nn.Module", weight_decay: float) -> list[dict[str, Any]]:
    """Return the groups of parameters that an optimizer takes: with and without weight decay."""
    decayed, spared = split(net)
    both = [{"params": decayed, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]
    return [group for group in both if group["params"]]


def split(net: "nn.Module") -> tuple[list["nn.Parameter"], list["nn.Parameter"]]:
    """Return the parameters that decay, and those that do not: norms, biases, and vectors.

    Decay shrinks what multiplies an input; on the scale of a norm or on an offset it only biases the result
    (He et al. 2019, "Bag of Tricks", section 3.1).
    """
    from torch import nn

    norms = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
    decayed: dict[nn.Parameter, None] = {}
    spared: dict[nn.Parameter, None] = {}
    for module in net.modules():
        for name, parameter in module.named_parameters(recurse=False):
            spare = isinstance(module, norms) or parameter.ndim < 2 or name.endswith("bias")
            (spared if spare else decayed)[parameter] = None
    return list(decayed), [parameter for parameter in spared if parameter not in decayed]
