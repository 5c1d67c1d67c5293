"""Pointwise operations against gradients, and each is in the table."""

import pytest
import torch
from torch.nn import functional as F

from agreement import disagreement
from netwright.receptive.readers.pointwise import CONSTANT
from netwright.receptive.readers.table import readers
from netwright.trace.families import POINTWISE


def in_place(x):
    y = x * 2
    y += x.flip(1)
    y.relu_()
    return y


def copied(x):
    y = x.flip(2) * 1
    y.copy_(x)
    return y


EXACT = {
    "chain": (lambda x: (x.exp() + x).sigmoid().clamp(min=0), (2, 3)),
    "two maps": (lambda x: torch.maximum(x, x.flip(2) * 0.5) + x.flip(2), (2, 3)),
    "broadcast of a row": (lambda x: x * x[:, :1], (3, 2)),
    "where": (lambda x: torch.where(x > 0, x, x.flip(1)) + x.flip(1), (2, 3)),
    "gated": (lambda x: F.glu(x, 1), (4, 3)),
    "in place": (in_place, (2, 3)),
    "copied over": (copied, (2, 3)),
    "new values": (lambda x: x + torch.zeros_like(x.flip(2)), (2, 3)),
}


@pytest.mark.parametrize(("function", "shape"), EXACT.values(), ids=EXACT)
def test_the_sets_are_those_of_the_gradient(function, shape):
    assert disagreement(function, shape) == ""


def test_embedding_keeps_positions_apart():
    from netwright.receptive.fields import fields
    from netwright.trace.record import record

    net = torch.nn.Sequential(torch.nn.Embedding(10, 4), torch.nn.Linear(4, 2))
    graph = record(net, torch.zeros(1, 6, dtype=torch.long))
    assert fields(graph)[graph.outputs[0].key].text() == "1 /1 +0"


def test_every_name_of_the_families_has_a_reader():
    assert set(readers()) >= POINTWISE | set(CONSTANT)


def test_functions_of_torch_that_are_pointwise_are_listed():
    """These are the unary functions of torch that keep shapes and have a diagonal Jacobian."""
    x = torch.rand(3, dtype=torch.float64) * 0.5 + 0.2
    names = "abs exp log sin cos tanh sigmoid relu erf sqrt rsqrt neg square floor sign atan sinh expm1"
    for name in names.split():
        jacobian = torch.autograd.functional.jacobian(getattr(torch, name), x)
        assert (jacobian == jacobian.diag().diag()).all()
        assert name in POINTWISE
