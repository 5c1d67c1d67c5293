"""Reductions, products, attention, norms and recurrences against gradients."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from agreement import disagreement

attend = F.scaled_dot_product_attention


def constant(module):
    """Return a module with positive weights that differ, in double precision."""
    for parameter in module.parameters():
        with torch.no_grad():
            parameter.copy_(torch.linspace(0.1, 0.4, parameter.numel()).view_as(parameter))
    return module.double()


class First(nn.Module):
    """Return the first output of a module."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        return self.module(x)[0]


class Last(First):
    """The final state of a recurrence."""

    def forward(self, x):
        return self.module(x)[1]


class Heads(nn.Module):
    """Multi-head attention of a sequence with itself."""

    def __init__(self):
        super().__init__()
        self.attend = constant(nn.MultiheadAttention(4, 2, batch_first=True))

    def forward(self, x):
        return self.attend(x, x, x)[0]


class Biased(nn.Module):
    """Attention with a relative position bias."""

    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(4, 4))

    def forward(self, x):
        return attend(x, x, x, self.bias)


class Picked(nn.Module):
    """Return one of the outputs of a function."""

    def __init__(self, function, which=0):
        super().__init__()
        self.function, self.which = function, which

    def forward(self, x):
        return self.function(x)[self.which]


EXACT = {
    "variance and mean": (Picked(lambda x: torch.var_mean(x, (1, 2))), (2, 3)),
    "norm of one axis": (lambda x: x.norm(dim=1), (2, 3)),
    "norm of all": (lambda x: x.norm(), (2, 3)),
    "vector norm": (lambda x: torch.linalg.vector_norm(x, dim=2), (2, 3)),
    "product": (lambda x: x.prod(2), (2, 3)),
    "running product": (lambda x: x.cumprod(1), (3, 2)),
    "running logsumexp": (lambda x: x.logcumsumexp(2), (2, 4)),
    "soft maximum": (lambda x: x.log_softmax(1), (3, 2)),
    "vector times matrices": (lambda x: x[0, 0] @ x, (3, 3)),
    "dot product": (lambda x: x[0, 0] @ x[0, 1], (3, 3)),
    "batches of one matrix": (lambda x: x @ x[0].T, (3, 4)),
    "product and sum": (lambda x: torch.baddbmm(x, x, x), (3, 3)),
    "outer product by einsum": (lambda x: torch.einsum("bi,bj->bij", x[:, 0], x[:, 1]), (2, 3)),
    "lstm of two layers": (First(constant(nn.LSTM(3, 4, 2, batch_first=True))), (5, 3)),
    "lstm both ways in two layers": (
        First(constant(nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True))),
        (5, 3),
    ),
    "lstm with projections": (First(constant(nn.LSTM(3, 4, batch_first=True, proj_size=2))), (5, 3)),
    "last state of an lstm": (Picked(Last(constant(nn.LSTM(3, 4, batch_first=True)))), (5, 3)),
    "transformer layer": (
        constant(nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True, norm_first=True)),
        (3, 4),
    ),
    "spectrum": (lambda x: torch.fft.rfft(x).abs(), (2, 6)),
    "spectrum of two axes": (lambda x: torch.fft.rfftn(x, dim=(2, 3)).abs(), (1, 3, 4)),
    "scaled slices": (lambda x: x.renorm(2, 1, 0.5), (2, 3)),
    "standard deviation beside the mean": (Picked(lambda x: torch.std_mean(x, dim=2), 1), (2, 3)),
    "sum without the unknown": (lambda x: x.nansum(1), (2, 3)),
    "mean": (lambda x: x.mean((2, 3)), (2, 3, 3)),
    "sum of one axis": (lambda x: x.sum(-1, keepdim=True), (2, 3)),
    "sum of all": (lambda x: x.sum(), (2, 3)),
    "logsumexp": (lambda x: x.logsumexp(1), (2, 3)),
    "softmax": (lambda x: x.softmax(-1), (2, 4)),
    "normalize": (lambda x: F.normalize(x, dim=1), (3, 2)),
    "cumulative sum": (lambda x: x.cumsum(2), (2, 4)),
    "linear": (constant(nn.Linear(4, 3)), (2, 4)),
    "matmul": (lambda x: x @ x.mT, (3, 4)),
    "matmul with a vector": (lambda x: x @ x[0, 0], (3, 4)),
    "bmm": (lambda x: torch.bmm(x, x.transpose(1, 2)), (3, 4)),
    "einsum": (lambda x: torch.einsum("bct,bcs->bts", x, x), (2, 3)),
    "einsum with ellipsis": (lambda x: torch.einsum("...ct,...c->...t", x, x[..., 0]), (2, 3)),
    "einsum without a result": (lambda x: torch.einsum("bij,bjk", x, x), (3, 3)),
    "attention": (lambda x: attend(x, x, x), (5, 3)),
    "attention with a trained bias": (Biased().double(), (4, 3)),
    "attention by hand": (lambda x: (x @ x.mT).softmax(-1) @ x, (4, 3)),
    "lstm": (First(constant(nn.LSTM(3, 4, batch_first=True))), (5, 3)),
    "gru both ways": (First(constant(nn.GRU(3, 4, batch_first=True, bidirectional=True))), (5, 3)),
    "final state": (Last(constant(nn.GRU(3, 4, batch_first=True))), (5, 3)),
    "multi-head attention": (Heads(), (3, 4)),
    "batch norm": (nn.BatchNorm2d(2).double().eval(), (2, 3, 3)),
}

CONTAINED = {
    "max": (lambda x: x.max(2)[0], (2, 4)),
    "variance": (lambda x: x.var(2), (2, 4)),
    "sort": (lambda x: x.sort(1)[0], (3, 2)),
    "topk": (lambda x: x.topk(2, 2)[0], (2, 4)),
    # The first token attends to itself alone: the softmax of one score has no gradient.
    "causal attention": (lambda x: attend(x, x, x, is_causal=True), (5, 3)),
    "two layers both ways": (
        First(constant(nn.GRU(3, 2, 2, batch_first=True, bidirectional=True))),
        (5, 3),
    ),
    "masked attention": (lambda x: attend(x, x, x, torch.ones(4, 4, dtype=torch.bool).tril()), (4, 3)),
    "grouped queries": (
        lambda x: attend(x.expand(1, 4, 3, 2), x[:, :2], x[:, :2], enable_gqa=True),
        (4, 3, 2),
    ),
    "spectrum": (lambda x: torch.fft.rfft2(x).abs(), (2, 4, 4)),
    "spectrum of one axis": (lambda x: torch.fft.fft(x, dim=1).real, (4, 2)),
    "sampling at data": (lambda x: F.grid_sample(x, x[:, :, :, :2], align_corners=True), (3, 3, 3)),
    "cosine similarity": (lambda x: F.cosine_similarity(x, x.flip(1), dim=2), (3, 4)),
    "repeated letter": (lambda x: torch.einsum("bii->b", x), (3, 3)),
}


@pytest.mark.parametrize(("function", "shape"), EXACT.values(), ids=EXACT)
def test_the_sets_are_those_of_the_gradient(function, shape):
    assert disagreement(function, shape) == ""


@pytest.mark.parametrize(("function", "shape"), CONTAINED.values(), ids=CONTAINED)
def test_the_sets_contain_those_of_the_gradient(function, shape):
    assert disagreement(function, shape, exact=False) == ""
