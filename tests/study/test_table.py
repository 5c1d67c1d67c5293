"""The table for the terminal."""

from io import StringIO

import pytest
from rich.console import Console

from netwright.study.table import HEADS, cells, engineering, percent, table
from study.examples import design, trial


def shown(study) -> str:
    stream = StringIO()
    Console(file=stream, width=100).print(table(study))
    return stream.getvalue()


def test_a_row_gives_counts_and_errors_in_percent(make):
    row = dict(zip(HEADS, cells(make().designs[0]), strict=True))
    assert row["parameters"] == "269,722"
    assert row["test error"] == "56.67 ± 2.08"
    assert row["train error"] == "28.33 ± 1.04"
    assert row["seconds"] == "4.0"


def test_a_design_that_never_finished_has_dashes_and_its_reason_below(make):
    text = shown(make())
    assert ["hot", "269,722", "-", "-", "-", "-"] in [line.split() for line in text.splitlines()]
    assert "hot failed: the loss is nan at step 3" in text


def test_the_foot_says_that_nothing_was_chosen_on_the_test_split(make):
    assert "at the end of training (nothing is chosen on the test split)" in " ".join(shown(make()).split())


def test_every_verdict_stands_below(make):
    text = " ".join(shown(make()).split())
    assert "resnet56 is better than plain56 by 55.4 points" in text
    assert text.count("nothing can be said") == 2


def test_names_with_markup_are_shown_as_they_are(make):
    assert "[red]x[/red]" in shown(make(design("[red]x[/red]", [trial(0, [0.5])])))


def test_one_seed_is_marked():
    assert percent(None) == "-"
    assert "(1 seed)" in percent(design("a", [trial(0, [0.5])]).error("test"))


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999"), (1000, "1 k"), (999_499, "999 k"), (999_999, "1000 k"), (10**12, "1000 G")],
)
def test_counts_keep_three_digits(count, text):
    assert engineering(count) == text
