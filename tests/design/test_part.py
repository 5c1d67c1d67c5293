"""The modules of a layer, in order."""

import pytest

from netwright.design import decoder, encoder
from netwright.design.part import parts


def names(solution) -> list[list[str]]:
    return [[part.name for part in parts(layer)] for layer in solution.layers]


def test_hidden_layers_are_normed_and_rectified_and_the_last_is_linear():
    solution = encoder((3, 8, 8), (16, 2, 2), layers=2)
    assert names(solution) == [["Conv2d", "BatchNorm2d", "ReLU"], ["Conv2d"]]


def test_where_the_map_is_one_position_a_bias_stands_for_the_norm():
    solution = encoder((3, 4), (16, 1), layers=3, through=(8, 1))
    point = [list(parts(layer)) for layer in solution.layers if layer.points[1] and not layer.last]
    assert point
    for modules in point:
        assert [part.name for part in modules] == ["Conv1d", "ReLU"]
        assert "bias" not in modules[0].options


def test_a_bottleneck_comes_first_and_residual_blocks_last():
    solution = encoder((16, 8, 8), (32, 2, 2), layers=2, bottleneck=2, residuals=2)
    first = names(solution)[0]
    assert first == ["Conv2d", "BatchNorm2d", "ReLU"] * 2 + ["ResidualBlock"] * 2


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_arguments_that_equal_the_defaults_of_torch_are_left_out(rank):
    solution = decoder((16, *[4] * rank), (3, *[8] * rank), layers=1)
    (window,) = parts(solution.layers[0])
    assert window.name == f"ConvTranspose{rank}d"
    assert dict(window.options) == {"kernel_size": 4, "stride": 2, "padding": 1}


def test_a_layer_on_the_way_up_that_keeps_the_size_is_a_plain_convolution():
    solution = decoder((16, 8, 8), (3, 16, 16), layers=2, through=(16, 8, 8))
    assert names(solution)[0][0] == "Conv2d"
    assert names(solution)[1][0] == "ConvTranspose2d"
