"""The table: exact counts, collapsed blocks, the columns asked for, what dominates, a fixed width."""

import pytest
import torch
from torch import nn

from netwright import summary
from netwright.analysis.table import COLUMNS, columns, text
from netwright.errors import UsageError
from reference import resnet

RESNET = summary(resnet([3, 4, 6, 3], True).to("meta"), (3, 224, 224))


def test_totals_are_in_the_first_row_and_the_footer():
    lines = text(RESNET).splitlines()
    assert "25,557,032" in lines[1]
    assert "4,089,184,256" in lines[1]
    assert any(line.startswith("MACs") and "8,178,368,512 FLOPs" in line for line in lines)


def test_repeated_blocks_are_one_line():
    assert any("×2" in line for line in text(RESNET, depth=1).splitlines())
    assert "n equal blocks" in text(RESNET)
    assert "×n" not in text(RESNET, depth=0)


def test_the_text_is_the_same_every_time_and_has_no_trailing_blanks_or_colour():
    first = text(RESNET)
    assert first == text(RESNET) == str(RESNET)
    assert "\x1b" not in first
    assert all(line == line.rstrip() for line in first.splitlines())


def test_only_the_columns_asked_for_are_shown():
    header = text(RESNET, ["output", "backward"]).splitlines()[0].split()
    assert header == ["layer", "output", "backward"]


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_can_be_shown(name):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Conv2d(4, 4, 3))
    header, first, *_ = text(summary(net, (3, 8, 8)), [name], 0).splitlines()
    assert name in header
    assert first.startswith("Sequential")


def test_an_unknown_column_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="there is no column `flips`; the columns are operation"):
        columns(["flips"])


def test_uncounted_operations_are_marked_where_they_are_and_in_the_footer():
    class Fourier(nn.Module):
        def forward(self, x):
            return torch.fft.rfft(x).real

    shown = text(summary(Fourier(), (8,)))
    assert "+?" in shown
    assert "not counted  aten._fft_r2c" in shown


def test_calls_aliases_and_modules_that_never_ran_are_marked():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = self.two = nn.Linear(4, 4)
            self.spare = nn.Identity()

        def forward(self, x):
            return self.two(self.one(x).relu())

    shown = text(summary(Net(), (4,)))
    assert "Linear  2 calls  also two" in shown
    assert "Identity  not called" in shown


def widths(lines):
    return max(map(len, lines))


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_narrow_terminal_gets_whole_cells_of_fewer_digits_and_columns(width):
    """A number or a shape is never cut in two."""
    shown, full = (text(RESNET, None, 1, w).splitlines() for w in (width, None))
    table, below = shown[: shown.index("")], shown[shown.index("") + 1 :]
    assert widths(shown) <= width
    assert "…" not in table[1]
    assert "whole" in table[1]
    if widths(full[: full.index("")]) > width:
        assert "25.6 M" in table[1] or "params" not in table[0]
        assert any(line.startswith(f"{width} columns") and "three digits" in line for line in below)
    assert any("25,557,032" in line for line in below)


def test_the_columns_left_out_in_a_narrow_terminal_are_named():
    header, *rest = text(RESNET, None, 1, 50).splitlines()
    assert "saved" not in header
    assert "sees" in header
    assert "without saved" in " ".join(" ".join(rest).split())


def test_a_wide_terminal_and_a_pipe_get_the_same():
    assert text(RESNET, None, 1, 200).split() == text(RESNET, None, 1).split()


def test_columns_asked_for_stay_in_a_narrow_terminal():
    names = ["operation", "output", "saved", "backward", "line"]
    header = text(RESNET, names, 1, 40).splitlines()[0].split()
    assert header == ["layer", *names]


def test_fields_with_holes_and_with_norms_are_marked():
    net = nn.Sequential(nn.Conv2d(3, 4, 3, dilation=2), nn.GroupNorm(2, 4))
    lines = text(summary(net, (3, 9, 9)), ["sees", "norms"]).splitlines()
    assert [line.split()[1:] for line in lines[1:4]] == [
        ["5", "/1", "+0", "∘2", "†", "whole"],
        ["5", "/1", "+0", "∘2"],
        ["5", "/1", "+0", "∘2", "†", "whole"],
    ]
