"""Residual networks for photographs."""

import pytest

from models.counting import layers, on_meta, params, runs
from netwright.analysis.macs import macs
from netwright.errors import UsageError
from netwright.models.families.imagenet_resnet import imagenet_resnet

PUBLISHED = {
    "resnet18": (11_689_512, 1.814),
    "resnet50": (25_557_032, 4.089),
    "resnet152": (60_192_808, 11.514),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_and_macs_are_the_published_ones(name: str):
    net, (count, giga) = on_meta(name), PUBLISHED[name]
    assert params(net) == count
    assert round(macs(net, (3, 224, 224)) / 1e9, 3) == giga


@pytest.mark.parametrize(("name", "giga"), [("resnet50", 3.858), ("resnet152", 11.282)])
def test_with_the_stride_on_the_first_1x1_it_is_the_paper_s(name: str, giga: float):
    net = on_meta(f"{name}(block='original-bottleneck')")
    assert round(macs(net, (3, 224, 224)) / 1e9, 3) == giga
    assert params(net) == PUBLISHED[name][0]


@pytest.mark.parametrize(("name", "count"), [("resnet34", 21_797_672), ("resnet101", 44_549_160)])
def test_the_others_have_what_their_released_weights_have(name: str, count: int):
    assert params(name) == count


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_depth_counts_weighted_layers(depth: int):
    """Without the shortcuts' own convolutions: three, or four with bottlenecks."""
    assert layers(on_meta(f"resnet{depth}")) == depth + (3 if depth < 50 else 4)


def test_shortcut_a_has_no_parameters_and_blocks_may_be_chosen():
    assert params("resnet18(shortcut='A')") < params("resnet18")
    assert layers(on_meta("resnet18(block='bottleneck')")) == 3 * 8 + 2 + 4


@pytest.mark.parametrize(("depth", "dims"), [(18, 1), (18, 2), (50, 2), (18, 3)])
def test_one_forward_and_backward_in_any_dimension(depth: int, dims: int):
    net = lambda: imagenet_resnet(depth, width=2, dims=dims, channels=1, classes=3)  # noqa: E731 (built twice below)
    assert runs(net, 1, *[33] * min(dims, 2), *[32] * (dims - 2)).shape == (2, 3)


def test_an_invalid_depth_is_refused():
    with pytest.raises(UsageError, match=r"`depth` \(=20\) can be 18, 34, 50, 101, 152"):
        imagenet_resnet(20)
