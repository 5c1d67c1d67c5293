"""The footer has totals, what dominates and what marks mean, and no line where there is nothing to say."""

import pytest
from torch import nn

from netwright import summary
from netwright.analysis.footer import STRICT, footer


def below(net, shape, depth=3, **options):
    return footer(summary(net, shape, **options), depth)


def one(lines, start):
    """Return the one line that begins with `start`."""
    (line,) = [line for line in lines if line.startswith(start)]
    return line


def test_what_dominates_is_named_down_to_the_layer():
    net = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(100, 100), nn.Linear(100, 2)))
    assert "most weights 1.0 98 %" in below(net, (100,))


def test_a_wrapper_that_holds_everything_is_not_named_but_its_parts_are():
    equal = nn.Sequential(nn.Sequential(*(nn.Linear(10, 10) for _ in range(4))))
    assert "most weights 0.0 25 %, 0.1 25 %, 0.2 25 %" in below(equal, (10,))


def test_the_numbers_of_a_receptive_field_are_explained_where_there_are_some():
    assert "each output sees a input positions" in one(below(nn.Conv2d(1, 1, 3), (1, 8, 8)), "a /b c")
    assert not [line for line in below(nn.Linear(8, 8), (8,)) if line.startswith("a /b c")]


def test_totals_are_exact_and_name_the_number_of_examples():
    lines = below(nn.Linear(1000, 2), (1000,), batch=3)
    assert "2,002, 2,002 trainable, 7.8 KiB" in one(lines, "parameters")
    assert "2,000 forward, 2,000 backward, for one example (4,000 FLOPs forward)" in one(lines, "MACs")
    assert one(lines, "saved").endswith("of 3 examples")


def test_holes_are_explained_where_there_are_some():
    gridding = nn.Sequential(*(nn.Conv2d(1, 1, 3, dilation=2) for _ in range(2)))
    assert "dilation" in one(below(gridding, (1, 16, 16)), "∘n")
    assert not [line for line in below(nn.Conv2d(1, 1, 3), (1, 16, 16)) if line.startswith("∘")]


def test_holes_along_a_very_long_axis_are_reported_as_possible():
    gridding = nn.Sequential(*(nn.Conv1d(1, 1, 3, dilation=2) for _ in range(2)))
    assert "more than 2,048 positions" in one(below(gridding, (1, 16_000)), "∘?")
    assert not [line for line in below(gridding, (1, 16_000)) if line.startswith(("∘n", "never"))]
    wavenet = nn.Sequential(*(nn.Conv1d(1, 1, 2, dilation=2**n) for n in range(4)))
    assert not [line for line in below(wavenet, (1, 16_000)) if line.startswith("∘")]


def test_holes_that_no_shown_row_has_are_not_explained():
    """A dilated layer that the next one fills: the whole network has no holes."""
    net = nn.Sequential(nn.Conv1d(1, 1, 2, dilation=2), nn.Conv1d(1, 1, 2))
    assert one(below(net, (1, 16)), "∘n")
    assert not [line for line in below(net, (1, 16), depth=0) if line.startswith("∘")]


def test_positions_never_read_are_named_with_the_layer_that_loses_them():
    lines = below(nn.Sequential(nn.Conv2d(3, 4, 1, stride=2)), (3, 8, 8))
    assert one(lines, "never read") == (
        "never read   rows, columns 1, 3, 5 … (4 of 8 each): 75 % of the input or more, first lost at `0`"
    )


def test_the_input_is_numbered_where_there_are_several():
    class Two(nn.Module):
        def forward(self, one, two):
            return one.mean((2, 3)) + two[:, :, 1:].mean((2, 3))

    assert "of input 1: row 0 (1 of 6): 17 %" in one(below(Two(), [(1, 5, 5), (1, 6, 5)]), "never read")


@pytest.mark.parametrize(("norm", "marked"), [
    (nn.GroupNorm(2, 4), True),
    (nn.InstanceNorm2d(4), True),
    (nn.BatchNorm2d(4, track_running_stats=False), True),
    (nn.BatchNorm2d(4), False),
    (nn.InstanceNorm2d(4, track_running_stats=True), False),
    (nn.Identity(), False),
])  # fmt: skip
@pytest.mark.parametrize("training", [True, False])
def test_norms_that_take_statistics_in_evaluation_are_named_and_the_usual_batch_norm_is_not(
    norm, marked, training
):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), norm, nn.Conv2d(4, 4, 1))
    lines = [line for line in below(net, (3, 8, 8), training=training, batch=2) if line.startswith(STRICT)]
    assert len(lines) == marked
    for line in lines:
        assert line.endswith("(`1`), the output then sees whole")


def test_the_output_is_not_named_where_it_sees_everything_without_norms_too():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.AdaptiveAvgPool2d(1))
    assert one(below(net, (3, 8, 8)), STRICT).endswith("statistics that norms take (`1`)")
