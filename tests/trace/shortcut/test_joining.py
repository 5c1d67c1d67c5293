"""Joined and reduced tensors have the shapes and layouts of those on data."""

import pytest
import torch

aten = torch.ops.aten
X = torch.rand(3, 4, 5, 6)
LAST = X.to(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.cat.default, ([X, X[:, :2].contiguous()], 1)),
        (aten.cat.default, ([X, X], -1)),
        (aten.cat.default, ([X[:, :, 1:], X[:, :, :4]], 1)),
        (aten.cat.default, ([X[:, 0, :, 0].t(), X[:, 1, :, 0].t()], 0)),
        (aten.cat.default, ([X.permute(0, 1, 3, 2), X.permute(0, 1, 3, 2)], 2)),
        (aten.stack.default, ([X, X], 0)),
        (aten.stack.default, ([X, X, X], -1)),
        (aten.stack.default, ([X[0], X[1]], 2)),
        (aten.mean.dim, (X, (2, 3))),
        (aten.mean.dim, (X, (-1, 1), True)),
        (aten.mean.dim, (X, [])),
        (aten.mean.dim, (LAST, (1,))),
        (aten.sum.dim_IntList, (X, (2,))),
        (aten.sum.dim_IntList, (X.permute(3, 1, 0, 2), (1,), True)),
        (aten.sum.dim_IntList, (X, None)),
        (aten.amax.default, (X, (1, -1))),
        (aten.amax.default, (X,)),
        (aten.linalg_vector_norm.default, (X,)),
        (aten.linalg_vector_norm.default, (X, 2, [1], True)),
        (aten.linalg_vector_norm.default, (LAST, 1, [0, -1])),
    ],
)
def test_joined_and_reduced_tensors_are_laid_out_as_on_data(func, args, agrees):
    agrees(func, args)


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.cat.default, ([X, torch.zeros(1, 1)], 0)),
        (aten.cat.default, ([X, X], 4)),
        (aten.cat.default, ([],)),
        (aten.stack.default, ([],)),
        (aten.amax.default, (X[:, :0], (1,))),
        (aten.cat.default, ([X, X[:, :1].expand(3, 4, 5, 6)], 1)),
        (aten.cat.default, ([LAST, LAST], 1)),
        (aten.cat.default, ([LAST[:, :2], LAST[:, 2:]], 1)),
        (aten.cat.default, ([X, X.double()], 1)),
        (aten.stack.default, ([X, X[:2]], 0)),
        (aten.stack.default, ([X, X], 5)),
        (aten.mean.dim, (X.long(), (0,))),
        (aten.linalg_vector_norm.default, (X, 2, [4])),
        (aten.mean.dim, (X, (4,))),
        (aten.sum.dim_IntList, (X.long(), (0,))),
    ],
)
def test_mistakes_and_doubtful_cases_are_left_to_torch(func, args, declines):
    declines(func, args)
