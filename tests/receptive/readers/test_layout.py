"""Views, permutations, slices and concatenations against gradients."""

import pytest
import torch

from agreement import disagreement
from netwright.receptive.readers.layout import whole_index


def assigned(x):
    out = x.new_zeros((1, 3, 8))
    out[:, 1, 2:6] = x[:, 0]
    out[:, 0, -1] = x[:, 1, 2]
    return out


EXACT = {
    "view": (lambda x: x.view(1, 2, 2, 6), (4, 6)),
    "flatten": (lambda x: x.flatten(1), (2, 3, 2)),
    "unflatten": (lambda x: x.unflatten(1, (2, 3)), (6, 2)),
    "groups that cross": (lambda x: x.reshape(1, 4, 3), (2, 6)),
    "permute": (lambda x: x.permute(0, 2, 3, 1), (2, 3, 4)),
    "transpose": (lambda x: x.transpose(-1, 1), (2, 3)),
    "swapaxes": (lambda x: x.swapaxes(1, 2), (2, 3)),
    "mT": (lambda x: x.mT, (2, 3)),
    "T of a matrix": (lambda x: x[0].T, (2, 3)),
    "movedim": (lambda x: x.movedim((1, 2), (3, 1)), (2, 3, 4)),
    "windows and back": (
        lambda x: x.view(1, 2, 2, 2, 2).permute(0, 1, 3, 2, 4).reshape(4, 4).view(1, 4, 4).transpose(1, 2),
        (4, 4),
    ),
    "squeeze": (lambda x: x.squeeze(1).unsqueeze(-1), (1, 4)),
    "expand": (lambda x: x.expand(1, 3, 4), (1, 4)),
    "broadcast": (lambda x: x[:, :1] * x.sum(2, keepdim=True), (3, 4)),
    "concatenate channels": (
        lambda x: torch.cat([x, x.flip(2), x.mean(2, keepdim=True).expand_as(x)], 1),
        (2, 4),
    ),
    "concatenate along": (lambda x: torch.cat([x.new_zeros(1, 2, 1), x, x[:, :, ::2]], 2), (2, 5)),
    "stack": (lambda x: torch.stack([x, x.flip(1)], 2), (2, 3)),
    "chunk": (lambda x: x.chunk(2, 2)[1], (2, 5)),
    "split": (lambda x: x.split([1, 3], 1)[1], (4, 2)),
    "unbind": (lambda x: x.unbind(2)[1], (2, 3)),
    "nothing in front": (lambda x: torch.cat([x[:, :, :0], x[:, :, 0:]], 2), (2, 4)),
    "no channels of several": (
        lambda x: torch.cat([x, x.flip(2)], 1)[:, :0].sum(1, keepdim=True) + x,
        (2, 4),
    ),
    "narrow": (lambda x: x.narrow(2, 1, 2), (2, 4)),
    "narrow from the end": (lambda x: x.narrow(-1, -3, 2), (2, 4)),
    "select": (lambda x: x.select(2, -1), (2, 4)),
    "slices": (lambda x: x[:, 1:, None, ..., ::2], (3, 5)),
    "one position": (lambda x: x[..., -2], (3, 5)),
    "listed positions": (lambda x: x[:, :, [3, 0, -1]], (2, 5)),
    "assignment": (assigned, (2, 4)),
    "split of a concatenation": (
        lambda x: torch.cat([x, x.sum(2, keepdim=True).expand_as(x)], 1).chunk(2, 1)[0],
        (2, 4),
    ),
    "movedim to the end": (lambda x: x.movedim(1, -1), (2, 3, 4)),
    "side by side": (lambda x: torch.hstack([x, x.flip(1)]), (2, 3)),
    "below each other": (lambda x: torch.vstack([x, x.flip(2)]), (2, 3)),
    "in depth": (lambda x: torch.dstack([x, x.flip(2)]), (2, 3)),
    "stack at the end": (lambda x: torch.stack([x, x.flip(2)], -1), (2, 3)),
    "stack in front": (lambda x: torch.stack([x, x.flip(2)]), (2, 3)),
    "pieces of one size": (lambda x: x.split(2, -1)[2], (2, 5)),
    "as many pieces": (lambda x: x.tensor_split(3, 1)[1], (5, 2)),
    "pieces at places": (lambda x: x.tensor_split((1, 3), 1)[1], (5, 2)),
    "unbind the last axis": (lambda x: x.unbind(-1)[0], (2, 3)),
    "new axes among positions": (lambda x: x[:, None, 1, None, ::2], (3, 4)),
    "listed positions after an ellipsis": (lambda x: x[..., [3, 0]], (3, 4)),
    "expand with a new axis": (lambda x: x.expand(3, -1, -1, -1), (2, 3)),
    "broadcast to a shape": (lambda x: x.broadcast_to(2, 1, 2, 3), (2, 3)),
    "heads and back": (lambda x: x.view(1, 2, 2, 3).permute(0, 2, 1, 3).reshape(1, 4, 3), (2, 6)),
    "ravel": (lambda x: x.ravel(), (2, 3)),
    "like another": (lambda x: x.view_as(x.mT.contiguous()), (2, 3)),
    "one map concatenated with itself": (lambda x: torch.cat([x, x], 1), (2, 3)),
}

CONTAINED = {
    "positions that are data": (lambda x: x[:, :, torch.tensor([2, 0])], (2, 4)),
    "index_select": (lambda x: x.index_select(2, torch.tensor([1, 1])), (2, 4)),
    "gather": (lambda x: x.gather(2, torch.zeros(1, 2, 3, dtype=torch.long)), (2, 4)),
    "assignment over old values": (lambda x: _overwrite(x * 1), (2, 4)),
    "view of another type": (lambda x: torch.view_as_real(torch.view_as_complex(x)), (3, 2)),
}


def _overwrite(x):
    x[:, :, 1:3] = x[:, :, :2].clone()
    return x


@pytest.mark.parametrize(("function", "shape"), EXACT.values(), ids=EXACT)
def test_the_sets_are_those_of_the_gradient(function, shape):
    assert disagreement(function, shape) == ""


@pytest.mark.parametrize(("function", "shape"), CONTAINED.values(), ids=CONTAINED)
def test_the_sets_contain_those_of_the_gradient(function, shape):
    assert disagreement(function, shape, exact=False) == ""


def test_an_index_is_written_out_for_every_axis():
    everything = slice(None)
    assert whole_index((Ellipsis, 1), 3) == [everything, everything, 1]
    assert whole_index((None, 0), 2) == [None, 0, everything]
    assert whole_index((True,), 2) is None
    assert whole_index(((0, 1),), 2) is None
