"""Wide residual networks."""

import pytest
from torch import nn

from models.counting import layers, on_meta, params, runs
from netwright.errors import UsageError
from netwright.models.families.wide_resnet import wide_resnet


@pytest.mark.parametrize(
    ("name", "millions"),
    [("wide_resnet40_4", 8.9), ("wide_resnet16_8", 11.0), ("wide_resnet28_10", 36.5)],
)
def test_parameters_are_those_of_the_paper_s_table_4(name: str, millions: float):
    spec = name if name != "wide_resnet16_8" else "wide_resnet(depth=16, widen=8)"
    assert round(params(spec) / 1e6, 1) == millions


def test_28_10_has_exactly_the_published_parameters():
    assert params("wide_resnet28_10") == 36_479_194


def test_depth_counts_convolutions_with_the_shortcuts_of_the_stages():
    assert layers(on_meta("wide_resnet28_10"), (nn.Conv2d,)) == 28


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_one_forward_and_backward_in_any_dimension(dims: int):
    small = {"widen": 2, "dropout": 0.3, "width": 2, "dims": dims, "channels": 1, "classes": 3}
    assert runs(lambda: wide_resnet(10, **small), 1, *[8] * dims).shape == (2, 3)


def test_dropout_reaches_every_block():
    rates = [m.p for m in wide_resnet(16, widen=1, dropout=0.3).modules() if isinstance(m, nn.Dropout)]
    assert rates == [0.3] * 6


def test_an_invalid_depth_is_refused():
    with pytest.raises(UsageError, match=r"`depth` \(=20\) must be 6n \+ 4; the nearest are 16 and 22"):
        wide_resnet(20)
