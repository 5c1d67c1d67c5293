"""Network in Network."""

import torch
from torch import nn

from models.counting import layers, on_meta, params, runs
from netwright.models.families.nin import nin


def test_parameters_are_those_of_the_authors_model_file():
    """Nine convolutions with biases, summed by hand."""
    shapes = [(3, 192, 25), (192, 160, 1), (160, 96, 1), (96, 192, 25), (192, 192, 1), (192, 192, 1)]
    shapes += [(192, 192, 9), (192, 192, 1), (192, 10, 1)]
    assert params("nin") == sum(a * b * k + b for a, b, k in shapes) == 966_986


def test_there_is_no_linear_layer():
    net = on_meta("nin")
    assert layers(net, (nn.Linear,)) == 0
    assert layers(net, (nn.Conv2d,)) == 9


def test_poolings_round_up_as_there():
    with torch.device("meta"):
        assert nin()[:4](torch.empty(1, 3, 32, 32)).shape == (1, 96, 16, 16)


def test_one_forward_and_backward():
    assert runs(lambda: nin(width=12, channels=1, classes=3), 1, 8, 8).shape == (2, 3)
