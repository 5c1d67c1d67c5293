"""What commands that report findings share."""

import json

import pytest

from netwright.cli.findings import Choice, View, say, show, split, sum_up, tell, write
from netwright.lint.finding import Finding, Place
from netwright.lint.session import Outcome

FINDING = Finding("NW812", "unreadable", "error", "1 image cannot be read", Place("cells/a.png"))


@pytest.mark.parametrize(("words", "codes"), [((), ()), (["NW1,nw301", "NW7"], ("NW1", "NW301", "NW7"))])
def test_codes_may_be_separated_by_commas(words, codes):
    assert split(words) == codes


@pytest.mark.parametrize(
    ("view", "form"),
    [
        (View(), "text"),
        (View(json=True), "json"),
        (View("sarif"), "sarif"),
        (View(statistics=True), "statistics"),
    ],
)
def test_a_view_has_one_form(view, form):
    assert view.form == form
    assert Choice().baseline is None


def test_text_goes_to_standard_output_and_the_sum_to_standard_error(capsys):
    show(Outcome((FINDING,)), View())
    shown = capsys.readouterr()
    assert shown.out == "cells/a.png: NW812 [error] unreadable: 1 image cannot be read\n"
    assert shown.err == "1 error\n"


def test_other_forms_are_printed_whole(capsys):
    show(Outcome((FINDING,)), View(json=True))
    show(Outcome((FINDING,)), View(statistics=True))
    rows, _, count = capsys.readouterr().out.rpartition("]\n")
    assert json.loads(rows + "]")[0]["line"] == 0
    assert count == "    1  NW812 [error] unreadable\n"


def test_failures_and_notes_are_told_and_hide_that_nothing_was_found(capsys):
    tell(Outcome(failures=("error: no file",), notes=("a note",)))
    sum_up(Outcome(failures=("error: no file",)))
    sum_up(Outcome())
    say("[bold]as it is[/]")
    assert capsys.readouterr().err.splitlines() == [
        "error: no file",
        "a note",
        "nothing found",
        "[bold]as it is[/]",
    ]


def test_brackets_in_names_are_no_markup(capsys):
    write([Finding("NW812", "unreadable", "error", "[red] is a name", Place("[x].png"))])
    assert capsys.readouterr().out.startswith("[x].png: NW812 [error] unreadable: [red] is a name")
