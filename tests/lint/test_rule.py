"""A rule turns remarks into findings and has a page."""

import pytest

from netwright.lint.finding import Place, Remark
from netwright.lint.rule import Rule
from netwright.lint.script import Script

PAGE = """A title.

What. It looks
for this.

Why. Because.

Instead.

    do(this)
"""


def test_one_place_gives_one_finding_and_a_remark_may_lower_the_severity():
    place = Place("a.py", 1)
    remarks = [Remark(place, "m"), Remark(place, "m"), Remark(Place("a.py", 2), "m", severity="info")]
    rule = Rule("error", script=lambda script: remarks, code="NW999", name="x")
    findings = list(rule.findings(Script.parse("x = 1")))
    assert [(finding.line, finding.severity) for finding in findings] == [(1, "error"), (2, "info")]


def test_a_rule_that_is_off_by_default_reports_as_info():
    assert Rule("off").finding(Remark(Place("a.py", 1), "m")).severity == "info"


def test_the_page_of_a_rule_has_a_title_and_sections():
    rule = Rule("error", page=PAGE)
    assert rule.title == "A title."
    assert rule.sections == {
        "What": "It looks\nfor this.",
        "Why": "Because.",
        "Instead": "    do(this)",
    }


def test_an_unknown_severity_is_refused():
    with pytest.raises(ValueError, match=r"`severity` .='fatal'. must be one of error, warning, info, off"):
        Rule("fatal")
