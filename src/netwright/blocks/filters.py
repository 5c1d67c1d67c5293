"""Filters: common kernels, what a convolution computes in a few lines, and learning a kernel from data."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from netwright.errors import UsageError

FILTERS: Mapping[str, Float[Tensor, "i j"]] = {
    "mean": torch.ones(3, 3) / 9,
    "sobel-x": torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "sobel-y": torch.tensor([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "gaussian": torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    "laplace": torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "edge": torch.tensor([[1.0, -1.0]]),
}
"""Sobel-x responds to changes from left to right, sobel-y to changes from top to bottom."""


def filtered(image: Float[Tensor, "*b c h w"], kernel: Float[Tensor, "i j"]) -> Float[Tensor, "*b c h2 w2"]:
    """Cross-correlate each channel with `kernel`, without padding.

    >>> filtered(torch.ones(3, 5, 5), FILTERS["gaussian"]).shape
    torch.Size([3, 3, 3])
    >>> filtered(torch.tensor([[[1.0, 1, 0, 0, 1]]]), FILTERS["edge"])
    tensor([[[ 0.,  1.,  0., -1.]]])
    """
    planes = image.reshape(-1, 1, *image.shape[-2:])
    out = F.conv2d(planes, kernel.to(image)[None, None])
    return out.reshape(*image.shape[:-2], *out.shape[-2:])


def gaussian(size: int, sigma: float) -> Float[Tensor, "size size"]:
    """Return a `size` x `size` Gaussian kernel with a deviation of `sigma` pixels; it sums to one.

    >>> gaussian(5, 1.0).sum().item()
    1.0...
    """
    line = torch.exp(-((torch.arange(size) - (size - 1) / 2) ** 2) / (2 * sigma**2))
    return torch.outer(line, line) / line.sum() ** 2


def corr(x: Float[Tensor, "h w"], kernel: Float[Tensor, "i j"]) -> Float[Tensor, "h2 w2"]:
    """Cross-correlate: sum the products under the kernel at each place where it fits.

    >>> x = torch.arange(9.0).reshape(3, 3)
    >>> corr(x, torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    tensor([[19., 25.],
            [37., 43.]])
    """
    if any(size < taps for size, taps in zip(x.shape, kernel.shape, strict=True)):
        raise UsageError(f"the kernel {tuple(kernel.shape)} is larger than {tuple(x.shape)}; pad the image.")
    windows = x.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel).sum((-2, -1))


def convolve(x: Float[Tensor, "h w"], kernel: Float[Tensor, "i j"]) -> Float[Tensor, "h2 w2"]:
    """Convolve in the strict sense: cross-correlate with the kernel flipped along both axes.

    >>> convolve(torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[1.0, 2.0]]))
    tensor([[1., 2.]])
    """
    return corr(x, kernel.flip(0, 1))


def corr_channels(x: Float[Tensor, "c h w"], kernels: Float[Tensor, "o c i j"]) -> Float[Tensor, "o h2 w2"]:
    """Cross-correlate many channels: each output is the sum over all input channels.

    >>> corr_channels(torch.ones(2, 3, 3), torch.ones(4, 2, 2, 2))[:, 0, 0]
    tensor([8., 8., 8., 8.])
    """
    if x.shape[0] != kernels.shape[1]:
        raise UsageError(f"the kernels take {kernels.shape[1]} channels, but the image has {x.shape[0]}.")
    planes = [[corr(x[c], taps[c]) for c in range(len(x))] for taps in kernels]
    return torch.stack([torch.stack(each).sum(0) for each in planes])


def learn_kernel(
    x: Float[Tensor, "h w"],
    y: Float[Tensor, "h2 w2"],
    *,
    steps: int = 200,
    lr: float = 0.5,
    seed: int = 0,
) -> Float[Tensor, "i j"]:
    """Learn the kernel that turns `x` into `y` by gradient descent on the mean squared error.

    The size of the kernel follows from the two sizes. `lr` is relative to the largest step that is stable for
    any kernel, so it needs no tuning.

    >>> x = torch.ones(6, 8)
    >>> x[:, 2:6] = 0
    >>> edges = corr(x, torch.tensor([[1.0, -1.0]]))
    >>> learn_kernel(x, edges).allclose(torch.tensor([[1.0, -1.0]]), atol=0.05)
    True
    """
    size = [long - short + 1 for long, short in zip(x.shape, y.shape, strict=True)]
    if min(size) < 1:
        raise UsageError(f"the output {tuple(y.shape)} is larger than the input {tuple(x.shape)}.")
    kernel = torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=x.dtype)
    kernel = kernel.requires_grad_()
    curvature = 2 * float((x**2).mean()) * kernel.numel() or 1.0
    for _ in range(steps):
        loss = F.mse_loss(corr(x, kernel), y)
        (gradient,) = torch.autograd.grad(loss, kernel)
        kernel = (kernel - 2 * lr / curvature * gradient).detach().requires_grad_()
    return kernel.detach()
