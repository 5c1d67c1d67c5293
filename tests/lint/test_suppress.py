"""Ignore comments."""

import pytest

from netwright.lint.finding import Finding, Place
from netwright.lint.script import Script
from netwright.lint.suppress import ignores, kept


def finding(line, code="NW301", end=None):
    return Finding(code, "n", "info", "m", Place("<text>", line, 1, end or line, 5))


def test_only_comments_count():
    text = 'a = 1  # netwright: ignore[NW301, NW7] tied\nb = "# netwright: ignore[NW301]"\n'
    text += "# netwright:ignore[NW1]\n"
    reported = [(ignore.code, ignore.place.line) for ignore in ignores(Script.parse(text))]
    assert reported == [("NW301", 1), ("NW7", 1), ("NW1", 3)]


def test_an_ignore_covers_its_code_on_its_line_and_is_used_up_by_nothing_else():
    written = list(
        ignores(Script.parse("x()  # netwright: ignore[NW301] why\ny()  # netwright: ignore[NW302]\n"))
    )
    left, used = kept([finding(1), finding(1, "NW302"), finding(2)], written)
    assert [(finding.code, finding.line) for finding in left] == [("NW302", 1), ("NW301", 2)]
    assert [ignore.code for ignore in used] == ["NW301"]


def test_an_ignore_after_the_last_line_of_a_long_call_counts():
    text = "f(\n    1,\n)  # netwright: ignore[NW3]\n"
    assert kept([finding(1, end=3)], ignores(Script.parse(text)))[0] == []


def test_an_empty_ignore_covers_nothing():
    assert len(kept([finding(1)], ignores(Script.parse("x()  # netwright: ignore[]\n")))[0]) == 1


@pytest.mark.parametrize(("line", "left"), [(1, 1), (2, 0), (3, 0), (4, 0), (5, 1)])
def test_an_ignore_on_any_line_of_a_long_call_counts(line, left):
    lines = ["x = 1", "f(", "    1,", ")", "y = 2"]
    lines[line - 1] += "  # netwright: ignore[NW301] tied weights"
    written = ignores(Script.parse("\n".join(lines) + "\n"))
    assert len(kept([finding(2, end=4)], written)[0]) == left


def test_several_codes_share_one_comment_and_strings_are_not_comments():
    text = 'x = "# netwright: ignore[NW1]"  # netwright: ignore[NW2, NW301] why\n'
    assert [(ignore.code, ignore.place.column) for ignore in ignores(Script.parse(text))] == [
        ("NW2", 33),
        ("NW301", 33),
    ]
