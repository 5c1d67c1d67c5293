"""Activations by class and by name."""

import pytest
import torch
from torch.nn import functional as F

from netwright.blocks.activation import ACTIVATIONS, Maxout
from netwright.errors import UsageError

PLAIN = {
    "relu": F.relu,
    "leaky-relu": F.leaky_relu,
    "elu": F.elu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda x: x.exp() / x.exp().sum(1, keepdim=True),
    "maxout": lambda x: torch.maximum(x[:, ::2], x[:, 1::2]),
    "silu": lambda x: x * torch.sigmoid(x),
    "swish": lambda x: x * torch.sigmoid(x),
    "gelu": lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2,
    "none": lambda x: x,
}


@pytest.mark.parametrize("dims", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_name_computes_its_formula_in_any_dimension(name: str, dims: int):
    x = torch.randn(2, 6, *[3] * dims)
    torch.testing.assert_close(ACTIVATIONS[name]()(x), PLAIN[name](x))


def test_maxout_refuses_channels_that_do_not_divide_and_says_how_many_would():
    with pytest.raises(UsageError, match=r"channels \(=7\) .* `pieces` \(=3\); .* 9 outputs"):
        Maxout(3)(torch.zeros(1, 7))


def test_maxout_shows_its_pieces():
    assert repr(Maxout(3)) == "Maxout(pieces=3)"
