"""The table: exact counts, folded blocks, the columns asked for, what dominates, a fixed width."""

from io import StringIO

import pytest
import torch
from rich.console import Console
from torch import nn

from netwright import summary
from netwright.analysis.table import COLUMNS, columns, foot, shapes, size, table, text
from netwright.errors import UsageError
from reference import resnet

RESNET = summary(resnet([3, 4, 6, 3], True).to("meta"), (3, 224, 224))


def test_totals_stand_in_the_first_row_and_the_foot():
    lines = text(RESNET).splitlines()
    assert "25,557,032" in lines[1]
    assert "4,089,184,256" in lines[1]
    assert any(line.startswith("MACs") and "8,178,368,512 FLOPs" in line for line in lines)


def test_repeated_blocks_are_one_line():
    assert any("×2" in line for line in text(RESNET, depth=1).splitlines())
    assert "×n stands for n equal blocks" in text(RESNET)
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
def test_every_column_has_something_to_say(name):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3))
    header, first, *_ = text(summary(net, (3, 8, 8)), [name], 0).splitlines()
    assert name in header
    assert first.startswith("Sequential")


def test_an_unknown_column_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="there is no column `flips`; the columns are operation"):
        columns(["flips"])


def test_what_dominates_is_named_down_to_the_layer():
    net = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(100, 100), nn.Linear(100, 2)))
    assert "most weights 1.0 98 %" in foot(summary(net, (100,)))


def test_uncounted_operations_are_marked_where_they_are_and_at_the_foot():
    class Fourier(nn.Module):
        def forward(self, x):
            return torch.fft.rfft(x).real

    found = text(summary(Fourier(), (8,)))
    assert "+?" in found
    assert "not counted  aten._fft_r2c" in found


def test_calls_aliases_and_modules_that_never_ran_are_marked():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = self.two = nn.Linear(4, 4)
            self.spare = nn.Identity()

        def forward(self, x):
            return self.two(self.one(x).relu())

    found = text(summary(Net(), (4,)))
    assert "Linear  2 calls  also two" in found
    assert "Identity  not called" in found


def test_a_terminal_gets_the_same_cells():
    console = Console(width=200, record=True, file=StringIO())
    console.print(table(RESNET, depth=0))
    assert "25,557,032" in console.export_text()


def test_bytes_and_shapes_are_short():
    assert [size(n) for n in (0, 1023, 1024, 2**40)] == ["0 B", "1023 B", "1.0 KiB", "1.0 TiB"]
    assert shapes(()) == ""
