"""SARIF 2.1.0."""

import json

import jsonschema

from netwright.lint.finding import Finding, Place
from netwright.lint.sarif import sarif

TEXT = {"type": "object", "required": ["text"], "additionalProperties": False}
TEXT["properties"] = {"text": {"type": "string"}, "markdown": {"type": "string"}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
COUNT = {"type": "integer", "minimum": 1}


def closed(required, **properties):
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def many(items):
    return {"type": "array", "items": items}


REGION = closed(["startLine"], startLine=COUNT, startColumn=COUNT, endLine=COUNT, endColumn=COUNT)
PHYSICAL = closed(
    ["artifactLocation"],
    artifactLocation=closed(["uri"], uri={"type": "string", "format": "uri-reference"}),
    region=REGION,
)
RULE = closed(
    ["id"],
    id={"type": "string"},
    name={"type": "string"},
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
    defaultConfiguration=closed([], level=LEVEL),
)
RESULT = closed(
    ["message"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=TEXT,
    locations=many(closed([], physicalLocation=PHYSICAL)),
    properties={"type": "object"},
)
DRIVER = closed(["name"], name={"type": "string"}, version={"type": "string"}, rules=many(RULE))
RUN = closed(
    ["tool"],
    tool=closed(["driver"], driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=many(RESULT),
)
SCHEMA = closed(
    ["version", "runs"], **{"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": many(RUN)}
)
"""The parts of the OASIS schema (sections 3.13 to 3.52 of the standard) that are written here, closed."""


def test_it_fits_the_schema_and_names_rule_place_and_level(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place("a folder/net.py", 14, 9, 15, 2)
    found = [
        Finding("NW708", "unsafe-load", "warning", "m", place, "stem", {"wasted": 64}),
        Finding("NW103", "padded-1x1", "error", "m", Place("/elsewhere/x.py", 1)),
        Finding("NW710", "type-equality", "info", "m", Place("net.py", 3)),
    ]
    log = json.loads(sarif(found))
    jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    run = log["runs"][0]
    assert [result["level"] for result in run["results"]] == ["warning", "error", "note"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    first = run["results"][0]["locations"][0]["physicalLocation"]
    assert first["artifactLocation"]["uri"] == "a%20folder/net.py"
    assert first["region"] == {"startLine": 14, "startColumn": 9, "endLine": 15, "endColumn": 2}
    assert run["results"][0]["properties"] == {"wasted": 64, "module": "stem"}


def test_no_finding_is_a_valid_log():
    jsonschema.validate(json.loads(sarif([])), SCHEMA)
