"""FracTAL against a literal float64 transcription of its equations, in numpy."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from netwright.blocks.fractal import FractalAttention, FractalUnit, similarity, tanimoto

S = 1e-5


def written(p: np.ndarray, l: np.ndarray, axes: tuple[int, ...], depth: int) -> np.ndarray:  # noqa: E741 (paper)
    """T(p, l) = 1/D Σ (pl + s) / (2^d (pp + ll) - (2^(d+1) - 1) pl + s)."""
    pl = np.sum(p * l, axis=axes, keepdims=True)
    pp = np.sum(p**2, axis=axes, keepdims=True)
    ll = np.sum(l**2, axis=axes, keepdims=True)
    total = np.zeros_like(pl)
    for d in range(depth):
        a, b = 2.0**d, -(2.0 ** (d + 1) - 1.0)
        total = total + (pl + S) / (a * (pp + ll) + b * pl + S)
    return total / depth


def complemented(p: np.ndarray, l: np.ndarray, axes: tuple[int, ...], depth: int) -> np.ndarray:  # noqa: E741
    return 0.5 * (written(p, l, axes, depth) + written(1 - p, 1 - l, axes, depth))


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def settled(module: nn.Module) -> nn.Module:
    """Float64, evaluation, with norms and scales that do something."""
    torch.manual_seed(1)
    for m in module.modules():
        if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            nn.init.normal_(m.running_mean)
            nn.init.uniform_(m.running_var, 0.5, 2)
            nn.init.normal_(m.weight)
            nn.init.normal_(m.bias)
        if isinstance(m, FractalUnit):
            nn.init.normal_(m.gamma)
    return module.double().eval()


def normed(x: np.ndarray, norm: nn.Module) -> np.ndarray:
    mean, var, weight, bias = (
        t.detach().numpy().reshape(1, -1, *[1] * (x.ndim - 2))
        for t in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return (x - mean) / np.sqrt(var + norm.eps) * weight + bias


def convolved(x: np.ndarray, conv: nn.Module) -> np.ndarray:
    return conv(torch.from_numpy(x)).detach().numpy()


def attention(x: np.ndarray, block: FractalAttention) -> np.ndarray:
    """att = norm(½ (FT over channels · v + FT over space · v)), q, k, v = sigmoid of normed convolutions."""
    q, k, v = (
        sigmoid(normed(convolved(x, part.conv), part.norm)) for part in (block.query, block.key, block.value)
    )
    space = tuple(range(2, x.ndim))
    weighed = complemented(q, k, (1,), block.depth) * v + complemented(q, k, space, block.depth) * v
    return normed(0.5 * weighed, block.norm)


@pytest.mark.parametrize("depth", [1, 3, 5])
@pytest.mark.parametrize("axes", [(1,), (2, 3)])
def test_the_similarity_is_the_equation(depth: int, axes: tuple[int, ...]):
    p, t = torch.rand(2, 3, 4, 5, dtype=torch.float64), torch.rand(2, 3, 4, 5, dtype=torch.float64)
    ours = similarity(p, t, axes, depth=depth).numpy()
    np.testing.assert_allclose(ours, complemented(p.numpy(), t.numpy(), axes, depth), rtol=1e-12)
    np.testing.assert_allclose(
        tanimoto(p, t, axes, depth=depth), written(p.numpy(), t.numpy(), axes, depth), rtol=1e-12
    )


def test_a_deeper_similarity_is_stricter_and_one_only_for_equals():
    p, t = torch.rand(1, 8, 3), torch.rand(1, 8, 3)
    values = [similarity(p, t, (1,), depth=depth) for depth in (1, 2, 5, 9)]
    assert all((low > high).all() for low, high in pairwise(values))
    torch.testing.assert_close(similarity(p, p, (1,)), torch.ones(1, 1, 3))


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_the_attention_is_the_equation(dims: int):
    block = settled(FractalAttention(4, dims=dims))
    x = torch.randn(2, 4, *[4] * dims, dtype=torch.float64)
    np.testing.assert_allclose(block(x).detach().numpy(), attention(x.numpy(), block), rtol=1e-9)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_the_unit_is_the_equation(dims: int):
    """y = f(x)(1 + γ₁ att₁(f(x))); out = (x + y)(1 + γ₂ att₂(x))."""
    block = settled(FractalUnit(4, depth=3, dims=dims))
    x = torch.randn(2, 4, *[4] * dims, dtype=torch.float64)
    f = x.numpy()
    for part in block.branch:
        f = convolved(np.maximum(normed(f, part.norm), 0), part.conv)
    one, two = block.gamma.tolist()
    y = f * (1 + one * attention(f, block.inner))
    out = (x.numpy() + y) * (1 + two * attention(x.numpy(), block.outer))
    np.testing.assert_allclose(block(x).detach().numpy(), out, rtol=1e-9, atol=1e-12)


def test_at_the_start_the_unit_is_an_ordinary_residual():
    block, x = FractalUnit(4), torch.randn(2, 4, 5, 5)
    torch.testing.assert_close(block(x), x + block.branch(x))
