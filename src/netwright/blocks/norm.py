"""Normalisation in one, two or three dimensions: each function takes the channels and `dims`."""

from collections.abc import Callable, Mapping
from math import gcd

from torch import nn

Norm = Callable[[int, int], nn.Module]

BATCH_NORMS = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
INSTANCE_NORMS = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}


def batch(channels: int, dims: int) -> nn.Module:
    """Normalise over batch and space (Ioffe & Szegedy 2015)."""
    return BATCH_NORMS[dims](channels)


def instance(channels: int, dims: int) -> nn.Module:
    """Normalise each channel of each example over space, with a learnt scale (Ulyanov et al. 2016)."""
    return INSTANCE_NORMS[dims](channels, affine=True)


def group(channels: int, dims: int, *, groups: int = 32) -> nn.Module:
    """Normalise over space and the channels of each of `groups` groups (Wu & He 2018).

    If `groups` does not divide `channels`, their greatest common divisor is used.

    >>> group(48, 2)
    GroupNorm(16, 48, ...)
    """
    return nn.GroupNorm(gcd(groups, channels), channels)


def layer(channels: int, dims: int) -> nn.Module:
    """Normalise over space and all channels of an example, with a scale per channel (Ba et al. 2016).

    Transformers normalise each position on its own: that is `torch.nn.LayerNorm` on `b length channels`.
    """
    return nn.GroupNorm(1, channels)


def none(channels: int, dims: int) -> nn.Module:
    """Do not normalise; a convolution without a norm has a bias."""
    return nn.Identity()


NORMS: Mapping[str, Norm] = {
    "batch": batch,
    "instance": instance,
    "group": group,
    "layer": layer,
    "none": none,
}
