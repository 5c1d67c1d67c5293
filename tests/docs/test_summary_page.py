"""docs/summary.md agrees with the summary: its keys, its columns and its example."""

import re
from pathlib import Path

import pytest
from torch import nn

from netwright import summary
from netwright.analysis.document import SCHEMA, document
from netwright.analysis.table import COLUMNS, text
from netwright.receptive.fields import LONGEST

PAGE = (Path(__file__).parents[2] / "docs" / "summary.md").read_text(encoding="utf-8")
KEYS = {
    name: re.findall(r"`(\w+)`", keys)
    for name, keys in re.findall(r"^\| `(\S+?)` \| (.*) \|$", PAGE, re.MULTILINE)
}
NET = nn.Sequential(nn.Conv2d(3, 4, 1), nn.GroupNorm(2, 4), nn.Conv2d(4, 4, 3, 2, 2, dilation=2))
FAILED = document(summary(nn.Sequential(nn.Conv2d(3, 4, 1, stride=2), nn.Linear(3, 3)), (3, 8, 8)))
WHOLE = document(summary(nn.Conv2d(3, 4, 1, stride=2), (3, 8, 8)))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("totals", WHOLE["totals"]),
        ("receptive_field[]", WHOLE["totals"]["receptive_field"][0]),
        ("never_read[]", WHOLE["totals"]["never_read"][0]),
        ("rows[]", WHOLE["rows"][0]),
        ("failure", FAILED["failure"]),
    ],
)
def test_the_keys_on_the_page_are_those_of_the_document(name, content):
    assert KEYS[name] == list(content)


def test_the_keys_on_top_are_named_in_their_order():
    (line,) = re.findall(r"On top: (.*?), with `--optimizer`", PAGE, re.DOTALL)
    assert re.findall(r"`(\w+)`", line) == list(WHOLE)
    assert f"`{SCHEMA}`" in PAGE


def test_the_example_is_what_is_printed():
    shown = re.findall(r"```text\n(layer.*?)```", PAGE, re.DOTALL)[0].splitlines()
    printed = text(summary(NET, (3, 32, 32), name="Net")).splitlines()
    assert [line.split() for line in shown] == [line.split() for line in printed[: len(shown)]]


def test_the_column_and_the_limit_it_names_exist():
    assert "norms" in COLUMNS
    assert f"{LONGEST:,} positions" in PAGE
