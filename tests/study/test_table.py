"""The table for the terminal and for notebooks."""

from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO

import pytest
from rich.console import Console

from netwright.study.table import cells, engineering, heads, html_list, html_table, table, text
from netwright.study.verdict import over_seeds
from study.examples import ERROR, HOT, RESIDUAL, SEGMENTATION, arm, segmentation, trial, two_by_two


def shown(study) -> str:
    stream = StringIO()
    Console(file=stream, width=100).print(table(study))
    return stream.getvalue()


def test_a_row_gives_counts_and_errors_in_percent(make):
    study = make()
    row = dict(zip(heads(study), cells(study, study.arms[0]), strict=True))
    assert row["parameters"] == "269,722"
    assert row["test error"] == "56.67 ± 2.08"
    assert row["train error"] == "28.33 ± 1.04"
    assert row["seconds"] == "4.0"


def test_the_recipe_has_a_column_only_where_there_are_several(make):
    assert "recipe" not in heads(make())
    study = make(**two_by_two())
    assert heads(study)[:2] == ("design", "recipe")
    assert [cells(study, arm)[:2] for arm in study.arms][1:3] == [
        ("plain", "lr=0.2"),
        ("residual", "lr=0.05"),
    ]


def test_a_design_that_never_finished_has_dashes_and_its_reason_below(make):
    lines = shown(make()).splitlines()
    assert ["hot", "269,722", "-", "-", "-", "-"] in [line.split() for line in lines]
    assert "hot failed: the loss is nan at step 3" in lines


def test_the_footer_states_that_nothing_was_chosen_on_the_test_split(make):
    assert "at the end of training (nothing is chosen on the test split)" in " ".join(shown(make()).split())


def test_the_trivial_answer_stands_below_the_table(make):
    assert "baseline (most frequent class): error 90.00 %" in shown(make()).splitlines()
    study = make(segmentation("unet", 0.8), task=SEGMENTATION)
    assert "baseline (all background): dice 0.437, pixel error 22.40 %" in shown(study).splitlines()
    assert "pixel error 22.40 %" in study._repr_html_()


def test_the_columns_are_those_of_the_task(make):
    study = make(segmentation("unet", 0.8731, 0.8812), task=SEGMENTATION)
    row = dict(zip(heads(study), cells(study, study.arms[0]), strict=True))
    assert row["train dice"] == "0.977 ± 0.006"
    assert row["test dice"] == "0.877 ± 0.006"
    text = " ".join(shown(study).split())
    assert "dice, mean ± deviation over seeds" in text
    assert "error in percent" not in text


def test_every_verdict_stands_below_the_table(make):
    words = " ".join(shown(make()).split())
    assert "resnet56 is better than plain56 by 55.4 points" in words
    assert words.count("cannot be compared") == 2


def test_names_with_markup_are_shown_as_they_are(make):
    assert "[red]x[/red]" in shown(make(arm("[red]x[/red]", trial(0, [0.5]))))


def test_a_narrow_terminal_wraps_names_and_keeps_every_number(make):
    parts = two_by_two()
    recipes = {f"{name} optimizer=adamw": options for name, options in parts["recipes"].items()}
    arms = [replace(arm, recipe=f"{arm.recipe} optimizer=adamw") for arm in parts["arms"]]
    study = make(**parts | {"recipes": recipes, "arms": arms})
    stream = StringIO()
    Console(file=stream, width=80).print(table(study))
    for each in arms:
        assert over_seeds(study.spread(each, "test"), ERROR) in stream.getvalue()
    assert "parameters" in stream.getvalue()


def test_text_has_a_fixed_width_and_no_colour(make):
    lines = text(make(RESIDUAL, HOT)).splitlines()
    assert lines[0].split() == ["design", "parameters", "MACs", "train", "error", "test", "error", "seconds"]
    assert max(map(len, lines)) <= 110
    assert "\x1b" not in "".join(lines)


def test_html_escapes_every_text():
    page = html_table(["<a>"], [["<b>", "&"]]) + html_list(["<c>"], "failed")
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(page)
    assert tags == ["table", "thead", "tr", "th", "tbody", "tr", "td", "td", "ul", "li"]
    assert "&lt;b&gt;" in page


def test_an_empty_list_is_nothing():
    assert html_list([]) == ""


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999"), (1000, "1 k"), (999_499, "999 k"), (999_999, "1000 k"), (10**12, "1000 G")],
)
def test_counts_keep_three_digits(count, text):
    assert engineering(count) == text
