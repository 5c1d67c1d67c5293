"""Ignore comments."""

from netwright.lint.finding import Finding, Place
from netwright.lint.script import Script
from netwright.lint.suppress import ignores, kept


def finding(line, code="NW301", end=None):
    return Finding(code, "n", "info", "m", Place("<text>", line, 1, end or line, 5))


def test_only_comments_count():
    text = 'a = 1  # netwright: ignore[NW301, NW7] tied\nb = "# netwright: ignore[NW301]"\n'
    text += "# netwright:ignore[NW1]\n"
    found = [(ignore.code, ignore.place.line) for ignore in ignores(Script.parse(text))]
    assert found == [("NW301", 1), ("NW7", 1), ("NW1", 3)]


def test_an_ignore_covers_its_code_on_its_line_and_is_used_up_by_nothing_else():
    written = list(
        ignores(Script.parse("x()  # netwright: ignore[NW301] why\ny()  # netwright: ignore[NW302]\n"))
    )
    left, unused = kept([finding(1), finding(1, "NW302"), finding(2)], written)
    assert [(found.code, found.line) for found in left] == [("NW302", 1), ("NW301", 2)]
    assert [ignore.code for ignore in unused] == ["NW302"]


def test_an_ignore_after_the_last_line_of_a_long_call_counts():
    text = "f(\n    1,\n)  # netwright: ignore[NW3]\n"
    assert kept([finding(1, end=3)], ignores(Script.parse(text)))[0] == []


def test_an_empty_ignore_covers_nothing():
    assert len(kept([finding(1)], ignores(Script.parse("x()  # netwright: ignore[]\n")))[0]) == 1
