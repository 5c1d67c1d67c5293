"""Tiny networks of Acme (Acme et al. 2026)."""

from torch import nn

from netwright.models import Entry


def acme(*, width: int = 4, channels: int = 1, classes: int = 10) -> nn.Module:
    """Build a convolution with a kernel of 1 and a head."""
    return nn.Sequential(
        nn.Conv2d(channels, width, 1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(width, classes),
    )


NET = Entry("acme_net", acme, (1, 8, 8))
