"""Exponential moving average of a network's weights."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class EMA:
    """A copy of `net` whose weights follow those of `net`: average = d x average + (1 - d) x weight.

    The decay d of update t (from 0) is min(decay, (1 + t) / (10 + t)), so that the first steps of a short run
    have little weight. Running statistics are averaged in the same way, and integers are copied.
    """

    def __init__(self, net: nn.Module, decay: float):
        self.net = deepcopy(net).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        """Move the average towards the weights of `net`."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        floats: tuple[list[Tensor], list[Tensor]] = ([], [])
        for mine, theirs in zip(self.net.state_dict().values(), net.state_dict().values(), strict=True):
            if mine.is_floating_point():
                floats[0].append(mine)
                floats[1].append(theirs)
            else:
                mine.copy_(theirs)
        torch._foreach_lerp_(floats[0], floats[1], 1 - decay)
