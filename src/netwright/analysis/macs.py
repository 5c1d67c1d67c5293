"""Multiply-accumulates of one example."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def macs(net: nn.Module, input: tuple[int, ...]) -> int:
    """Multiply-accumulates of one forward pass of one example, convolutions and matrix products, no bias.

    Args:
        net: any module; the caller's is not touched.
        input: shape of one example without batch.
    """
    from copy import deepcopy

    shadow = deepcopy(net).to("meta").eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        shadow(torch.empty(1, *input, device="meta"))
    return counter.get_total_flops() // 2
