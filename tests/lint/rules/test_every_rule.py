"""What holds for every rule: a page, a bad program, a good one."""

import re

import pytest

from netwright.lint.page import EACH, Page
from netwright.lint.rule import rules
from programs import found, loud, marked, program

CODES = list(rules())


@pytest.mark.parametrize("code", CODES)
def test_its_page_says_what_why_and_what_instead(code):
    page = Page.of(rules()[code])
    assert set(EACH) <= set(page.parts)
    assert all(len(page.parts[part]) > 15 for part in EACH)
    assert page.title.endswith(".")


@pytest.mark.parametrize("code", CODES)
def test_it_finds_what_its_bad_program_marks_and_nothing_else(code):
    bad = program(code, "bad")
    assert marked(bad, code)
    assert sorted(set(found(bad, code))) == marked(bad, code)


@pytest.mark.parametrize("code", CODES)
def test_its_good_program_is_free_of_errors_and_warnings(code):
    good = program(code, "good")
    assert found(good, code) == []
    assert loud(good) == []


@pytest.mark.parametrize("code", CODES)
def test_its_code_and_name_come_from_its_file(code):
    assert re.fullmatch(r"NW\d{3}", code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rules()[code].name)
