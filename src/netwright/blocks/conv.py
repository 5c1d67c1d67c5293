"""Convolution, normalisation and activation as one block, in one, two or three dimensions."""

from collections.abc import Callable

from torch import nn

CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
BATCH_NORMS = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


class NormedConv(nn.Sequential):
    """Convolution without bias, batch normalisation, activation (Ioffe & Szegedy 2015).

    The norm subtracts the mean, so a bias before it would do nothing. The default padding keeps the map at
    stride 1 for an odd `kernel`.

    Shape: `b channels *space` → `b out *space // stride`.

    >>> import torch
    >>> NormedConv(3, 16, stride=2)(torch.zeros(2, 3, 8, 8)).shape
    torch.Size([2, 16, 4, 4])
    """

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: int = 3,
        *,
        stride: int = 1,
        dims: int = 2,
        act: Callable[[], nn.Module] = nn.ReLU,
    ):
        conv = CONVOLUTIONS[dims](channels, out, kernel, stride=stride, padding=kernel // 2, bias=False)
        super().__init__(conv, BATCH_NORMS[dims](out), act())
