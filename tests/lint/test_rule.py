"""Rules are found by walking their package."""

from pathlib import Path

import pytest

import netwright.lint.rules
from netwright.lint.finding import Place, Remark
from netwright.lint.rule import Rule, chosen, rules
from netwright.lint.script import Script


def test_every_file_is_a_rule_and_every_code_is_given_once():
    files = sorted(Path(netwright.lint.rules.__path__[0]).glob("nw*.py"))
    assert [path.stem[:5].upper() for path in files] == list(rules())


def test_the_catalogue_severity_and_name_are_those_of_the_file():
    assert (rules()["NW703"].name, rules()["NW703"].severity) == ("parameter-ignored", "error")


@pytest.mark.parametrize(
    ("select", "ignore", "inside", "outside"),
    [((), (), "NW701", None), (("NW7",), (), "NW701", "NW201"), ((), ("NW70",), "NW710", "NW701")],
)
def test_prefixes_choose_rules(select, ignore, inside, outside):
    codes = chosen(select, ignore)
    assert inside in codes
    assert outside not in codes


def test_a_rule_that_is_off_needs_its_whole_code(monkeypatch):
    monkeypatch.setattr("netwright.lint.rule.rules", lambda: {"NW107": Rule("off", code="NW107")})
    assert list(chosen(("NW1",))) == []
    assert list(chosen(("NW107",))) == ["NW107"]


def test_one_place_gives_one_finding_and_a_remark_may_lower_the_severity():
    place = Place("a.py", 1)
    said = [Remark(place, "m"), Remark(place, "m"), Remark(Place("a.py", 2), "m", severity="info")]
    rule = Rule("error", script=lambda script: said, code="NW999", name="x")
    found = list(rule.findings(Script.parse("x = 1")))
    assert [(finding.line, finding.severity) for finding in found] == [(1, "error"), (2, "info")]
