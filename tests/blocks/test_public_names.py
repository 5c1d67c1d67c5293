"""The names that `netwright.blocks` offers."""

import pytest

import netwright.blocks

NAMES = [
    *["NormedConv", "Point", "Halve", "Double", "PreConv", "convolution", "Maxout", "ACTIVATIONS", "NORMS"],
    *["Blur", "GlobalAverage", "POOLS", "Residual", "StochasticDepth", "Subsample", "option_a", "option_b"],
    *["Basic", "Bottleneck", "OriginalBottleneck", "Plain", "stages", "PreBasic", "PreBottleneck", "Wide"],
    *["Inception", "NaiveInception", "DenseBlock", "DenseLayer", "Transition", "SelfAttention"],
    *["PositionAttention", "ChannelAttention", "SqueezeExcite", "FractalAttention", "FractalUnit"],
    *["Hourglass", "HalfBottleneck", "Pair", "Down", "Up", "CroppedUp", "INITIALISERS", "scale_by_data"],
    *["measure_gradients", "FILTERS", "filtered", "gaussian", "learn_kernel"],
]


def test_the_public_names_are_these():
    assert netwright.blocks.__all__ == NAMES
    assert dir(netwright.blocks) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_there_whatever_was_imported_before(name: str):
    """A module of the same name would take its place after its first import."""
    value = getattr(netwright.blocks, name)
    assert value is getattr(netwright.blocks, name)
    assert type(value).__name__ != "module"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AttributeError, match="no attribute 'NormedConf'; it has NormedConv, Point"):
        _ = netwright.blocks.NormedConf
