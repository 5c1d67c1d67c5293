"""The kernels everyone meets first, applied to an image of any channels."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

FILTERS: Mapping[str, Float[Tensor, "i j"]] = {
    "mean": torch.ones(3, 3) / 9,
    "sobel-x": torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "sobel-y": torch.tensor([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "gaussian": torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    "laplace": torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "edge": torch.tensor([[1.0, -1.0]]),
}
"""Sobel-x answers to what changes from left to right, sobel-y from top to bottom."""


def filtered(image: Float[Tensor, "*b c h w"], kernel: Float[Tensor, "i j"]) -> Float[Tensor, "*b c h2 w2"]:
    """Cross-correlate each channel with `kernel`; the border that it cannot cover is lost.

    >>> filtered(torch.ones(3, 5, 5), FILTERS["gaussian"]).shape
    torch.Size([3, 3, 3])
    >>> filtered(torch.tensor([[[1.0, 1, 0, 0, 1]]]), FILTERS["edge"])
    tensor([[[ 0.,  1.,  0., -1.]]])
    """
    planes = image.reshape(-1, 1, *image.shape[-2:])
    out = F.conv2d(planes, kernel.to(image)[None, None])
    return out.reshape(*image.shape[:-2], *out.shape[-2:])


def gaussian(size: int, sigma: float) -> Float[Tensor, "size size"]:
    """A `size` x `size` Gaussian kernel of deviation `sigma` pixels that sums to one.

    >>> gaussian(5, 1.0).sum().item()
    1.0...
    """
    line = torch.exp(-((torch.arange(size) - (size - 1) / 2) ** 2) / (2 * sigma**2))
    return torch.outer(line, line) / line.sum() ** 2
