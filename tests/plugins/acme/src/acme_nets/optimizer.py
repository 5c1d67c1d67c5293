"""An optimizer that steps by the sign of the gradient."""

import torch
from torch.optim import Optimizer


class Signs(Optimizer):
    """Step by `lr` against the sign of each gradient."""

    def __init__(self, params, lr: float = 0.01):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        """Move every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.sub_(parameter.grad.sign(), alpha=group["lr"])
