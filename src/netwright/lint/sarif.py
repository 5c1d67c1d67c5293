"""Findings as SARIF 2.1.0, which code-scanning services read (OASIS 2020)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from netwright import __version__
from netwright.lint import page
from netwright.lint.catalogue import rules
from netwright.lint.finding import Finding
from netwright.lint.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note", "off": "none"}


def sarif(findings: Sequence[Finding]) -> str:
    """Return one SARIF run with the findings and their rules; columns count code points, as in Python."""
    codes = sorted({finding.code for finding in findings})
    driver = {
        "name": "netwright",
        "version": __version__,
        "rules": [_rule(rules()[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes) for finding in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": " ".join(rule.sections["What"].split())},
        "help": {"text": page.text(rule), "markdown": page.markdown(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(finding: Finding, codes: Sequence[str]) -> dict[str, Any]:
    place = finding.place
    where: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    region = {"startLine": place.line, "startColumn": place.column}
    if place.end_line and place.end_column:
        region |= {"endLine": place.end_line, "endColumn": place.end_column}
    if place.line:
        where["region"] = region
    properties = dict(finding.evidence) | ({"module": finding.module} if finding.module else {})
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": where}],
        "properties": properties,
    }


def _uri(file: str) -> str:
    """Return a path relative to the working folder if it is inside it, else a file URI."""
    path = Path(file).resolve()
    if path.is_relative_to(Path.cwd()):
        return quote(path.relative_to(Path.cwd()).as_posix())
    return path.as_uri()
