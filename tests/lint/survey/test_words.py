"""Numbers and names in messages."""

import pytest

from netwright.lint.survey.words import NAMED, count, listed, quoted


def test_a_name_is_given_once():
    assert listed(["`a`", "`a`", "`b`"]) == "`a` and `b`"


def test_as_many_names_as_are_shown_need_no_rest():
    assert "more" not in quoted(range(NAMED))
    assert quoted(range(NAMED + 1)).endswith("and 1 more")


@pytest.mark.parametrize(("number", "words"), [(0, "0 masks are"), (1, "1 mask is"), (3, "3 masks are")])
def test_the_verb_agrees_with_the_number(number, words):
    assert count(number, "mask", "are") == words
