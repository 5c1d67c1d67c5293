"""Muon for the matrices of a network, AdamW for everything else, as one optimizer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from netwright.training.optimizer import Settings

LAYERS = (nn.Linear, nn.modules.conv._ConvNd, nn.MultiheadAttention, nn.RNNBase)


class Muon(torch.optim.Optimizer):
    """`torch.optim.Muon` on weights seen as matrices, `out × rest`, beside `torch.optim.AdamW` on the rest.

    Muon (Jordan 2024) replaces the momentum of a matrix by the nearest orthogonal one. It is made for hidden
    layers, so biases, norms, embeddings, free parameters and the head (the layer that is registered last)
    are left to AdamW. The update is scaled to the size of AdamW's (Liu et al. 2025, "Muon is scalable for
    LLM training"), so that one learning rate and one weight decay serve both.

    `groups` are those of the parameters of `net`, with their weight decay.
    """

    def __init__(self, net: nn.Module, groups: list[dict[str, Any]], settings: "Settings"):
        matrices = set(hidden(net))
        parts = []
        for group in groups:
            for of_muon in (True, False):
                params = [p for p in group["params"] if (p in matrices) is of_muon]
                momentum = (
                    {"momentum": settings.momentum} if of_muon else {"betas": (settings.momentum, 0.999)}
                )
                if params:
                    parts.append(group | momentum | {"params": params, "muon": of_muon})
        super().__init__(parts, {"lr": settings.lr})
        self.views = {p: matrix(p.detach()) for p in matrices}
        rest = [group for group in self.param_groups if not group["muon"]]
        self.inner: list[torch.optim.Optimizer] = []
        if matrices:
            viewed = [g | {"params": [self.views[p] for p in g["params"]]} for g in self._of_muon()]
            self.inner.append(
                torch.optim.Muon(viewed, nesterov=settings.nesterov, adjust_lr_fn="match_rms_adamw")
            )
        if rest:
            self.inner.append(torch.optim.AdamW([dict(group) for group in rest], fused=settings.fused))

    def _of_muon(self) -> list[dict[str, Any]]:
        return [group for group in self.param_groups if group["muon"]]

    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Take one step with the gradients of the parameters; a closure is not supported."""
        for parameter, view in self.views.items():
            view.data = matrix(parameter.detach())  # the parameter may have moved to another device
            view.grad = None if parameter.grad is None else matrix(parameter.grad, like=parameter)
        own = [*self._of_muon(), *(group for group in self.param_groups if not group["muon"])]
        inner = [group for optimizer in self.inner for group in optimizer.param_groups]
        for group, theirs in zip(own, inner, strict=True):
            theirs |= {key: group[key] for key in ("lr", "weight_decay", "momentum", "betas") if key in group}
        for optimizer in self.inner:
            optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        """Return the states of both optimizers."""
        return {"inner": [optimizer.state_dict() for optimizer in self.inner]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the states of both optimizers."""
        for parameter, view in self.views.items():
            view.data = matrix(parameter.detach())
        for optimizer, state in zip(self.inner, state_dict["inner"], strict=True):
            optimizer.load_state_dict(state)


def hidden(net: nn.Module) -> list[nn.Parameter]:
    """Return the weights of all linear, convolution, attention and recurrent layers but the head.

    >>> net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 10))
    >>> [tuple(weight.shape) for weight in hidden(net)]
    [(4, 1, 3, 3)]
    """
    layers = [module for module in net.modules() if isinstance(module, LAYERS)]
    others = layers[-1:] + [module for module in net.modules() if isinstance(module, nn.Embedding)]
    excluded = {parameter for module in others for parameter in module.parameters()}
    weights: dict[nn.Parameter, None] = {}
    for layer in layers:
        for name, parameter in layer.named_parameters(recurse=False):
            if parameter.ndim > 1 and not name.endswith("bias") and parameter not in excluded:
                weights[parameter] = None
    return list(weights)


def matrix(tensor: Tensor, like: Tensor | None = None) -> Tensor:
    """Return a weight `[out, ...]` as a matrix `[out, rest]` that shares its memory.

    Where the weight is stored in another order of axes (channels last), so are the columns; a gradient takes
    the order of the weight that it is `like`.
    """
    strides = (tensor if like is None else like).stride()
    axes = sorted(range(1, tensor.ndim), key=lambda axis: -strides[axis])
    ordered = tensor.permute(0, *axes)
    return ordered.view(len(tensor), -1) if like is None else ordered.reshape(len(tensor), -1)
