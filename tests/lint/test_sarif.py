"""SARIF 2.1.0, held to the schema beside (see its README for where it is from)."""

import json
from pathlib import Path

import jsonschema
import pytest

from netwright.lint.catalogue import rules
from netwright.lint.finding import Finding, Fix, Place
from netwright.lint.sarif import LEVELS, SCHEMA, sarif

OASIS = json.loads((Path(__file__).parent / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
VALIDATOR = jsonschema.Draft202012Validator(OASIS, format_checker=jsonschema.FormatChecker())


def valid(findings):
    """The log of some findings, once the schema has accepted it."""
    log = json.loads(sarif(findings))
    VALIDATOR.validate(log)
    return log


HERE = Place("net.py", 3)


def finding(code, severity="warning", place=HERE, **options):
    return Finding(code, rules()[code].name, severity, "m", place, **options)


def test_the_schema_is_a_schema_of_this_version_and_refuses_what_is_not_in_it():
    jsonschema.Draft202012Validator.check_schema(OASIS)
    assert OASIS["properties"]["version"]["enum"] == ["2.1.0"]
    log = valid([finding("NW708")])
    for spoiled in (
        log | {"version": "2.0.0"},
        log | {"results": []},
        log | {"runs": [log["runs"][0] | {"results": [{"level": "loud", "message": {"text": "m"}}]}]},
        log | {"runs": [{"results": []}]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            VALIDATOR.validate(spoiled)


def test_it_names_rule_place_and_level(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place("a folder/net.py", 14, 9, 15, 2)
    reported = [
        finding("NW708", "warning", place, module="stem", evidence={"wasted": 64}),
        finding("NW103", "error", Place("/elsewhere/x.py", 1)),
        finding("NW710", "info"),
    ]
    run = valid(reported)["runs"][0]
    assert [result["level"] for result in run["results"]] == ["warning", "error", "note"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    first = run["results"][0]["locations"][0]["physicalLocation"]
    assert first["artifactLocation"]["uri"] == "a%20folder/net.py"
    assert first["region"] == {"startLine": 14, "startColumn": 9, "endLine": 15, "endColumn": 2}
    assert run["results"][0]["properties"] == {"wasted": 64, "module": "stem"}
    second = run["results"][1]["locations"][0]["physicalLocation"]
    assert second["artifactLocation"]["uri"] == "file:///elsewhere/x.py"


def test_no_finding_is_a_valid_log():
    assert valid([])["runs"][0]["results"] == []


@pytest.mark.parametrize("code", list(rules()))
def test_every_rule_s_page_fits_the_schema(code):
    [described] = valid([finding(code)])["runs"][0]["tool"]["driver"]["rules"]
    assert described["id"] == code
    assert described["defaultConfiguration"]["level"] == LEVELS[rules()[code].severity]
    assert described["help"]["text"].startswith(code)


def test_evidence_of_any_plain_kind_is_kept():
    evidence = {"shapes": [[2, 3], [4]], "share": 0.5, "norm": None, "names": ["a"]}
    [result] = valid([finding("NW101", "error", evidence=evidence, fix=Fix("x"))])["runs"][0]["results"]
    assert result["properties"] == evidence


def test_names_outside_of_ascii_and_of_uris_are_escaped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [result] = valid([finding("NW708", place=Place("é/100%#?.py", 1))])["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "%C3%A9/100%25%23%3F.py"


def test_it_says_which_schema_it_follows():
    assert json.loads(sarif([]))["$schema"] == SCHEMA
    assert "errata01" in SCHEMA
