"""Starting values of weights."""

from torch import nn


def he(net: nn.Module) -> nn.Module:
    """Draw every convolution's weights as He et al. 2015 (fan-out, for rectifiers); returns `net`."""
    for module in net.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return net
