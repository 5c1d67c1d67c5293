"""Positions that no output reads agree with the gradient, and the layer that loses them is named."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch import nn

import strategies  # noqa: F401  # loads the profile
from networks import networks, seen
from netwright.receptive.fields import fields
from netwright.receptive.unread import Unread, unread
from netwright.trace.record import record


def never_read(net, shape, **options):
    return unread(fields(record(net, shape, **options)))


@settings(max_examples=30)
@given(networks(2))
def test_exactly_the_rows_and_columns_without_gradient_are_never_read(drawn):
    net, sizes = drawn
    read = seen(net, sizes).any(axis=0)
    expected = tuple(tuple(np.flatnonzero(~read.any(axis=1 - axis)).tolist()) for axis in (0, 1))
    answers = never_read(net, (1, *sizes))
    assert (answers[0].positions if answers else ((), ())) == expected
    for answer in answers:
        assert answer.share <= 1 - read.mean() + 1e-12


def test_a_strided_1x1_loses_three_quarters_at_the_first_layer():
    net = nn.Sequential(nn.Conv2d(3, 4, 1, stride=2), nn.Conv2d(4, 4, 3))
    (gone,) = never_read(net, (3, 8, 8))
    assert (gone.input, gone.axes, gone.sizes, gone.lost) == (0, (2, 3), (8, 8), "0")
    assert gone.positions == ((1, 3, 5, 7),) * 2
    assert gone.share == 0.75


def test_the_layer_that_drops_them_is_named_not_the_one_that_last_read_them():
    class Crop(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.head = nn.Conv1d(1, 1, 3, padding=1), nn.Conv1d(1, 1, 1)

        def forward(self, x):
            return self.head(self.stem(x)[:, :, 2:])

    (gone,) = never_read(Crop(), (1, 8))
    assert (gone.positions, gone.lost) == (((0,),), "getitem")


def test_what_another_output_reads_is_read():
    class Heads(nn.Module):
        def forward(self, x):
            return x[:, :, ::2], x[:, :, 1::2]

    class Half(Heads):
        def forward(self, x):
            return super().forward(x)[0]

    assert never_read(Heads(), (1, 6, 4)) == ()
    assert never_read(Half(), (1, 6, 4))[0].positions == ((1, 3, 5), ())


def test_an_input_of_which_nothing_is_read_is_reported_as_whole():
    class Deaf(nn.Module):
        def forward(self, image, sound):
            return image.mean((2, 3))

    (gone,) = never_read(Deaf(), [(3, 4, 4), (1, 9)])
    assert (gone.input, gone.share) == (1, 1.0)
    assert gone.text() == "the whole input"


@pytest.mark.parametrize("back", [torch.from_numpy, torch.tensor, torch.as_tensor])
def test_fields_after_numpy_are_unknown_and_not_unread(back):
    class Outside(nn.Module):
        def forward(self, x):
            return back(x.detach().numpy() * 2)

    graph = record(Outside(), (3, 8))
    assert graph.mode == "real"
    known = fields(graph)
    assert known[graph.outputs[0].key].text() == "unknown (numpy)"
    assert unread(known) == ()


def test_no_position_of_an_unknown_field_or_failed_run_is_unread():
    class Odd(nn.Module):
        def forward(self, x):
            return torch.linalg.svdvals(x[:, :, ::2])

    assert never_read(Odd(), (3, 8)) == ()
    assert never_read(nn.Sequential(nn.Conv1d(1, 1, 1, 2), nn.Conv1d(2, 1, 1)), (1, 8)) == ()


def test_the_positions_of_axes_that_differ_are_named_one_by_one():
    gone = Unread(0, (2, 3, 4), (4, 8, 8), ((3,), (), (1, 3, 5, 7)), "stem")
    assert gone.text().startswith("plane 3 (1 of 4); columns 1, 3, 5 … (4 of 8): 62 %")
    assert "axis 1 0 (1 of 2)" in Unread(0, (1, 2, 3, 4), (2, 3, 4, 5), ((0,), (), (), ()), "x").text()
