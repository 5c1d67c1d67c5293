"""A finding and its views."""

import json

import pytest

from netwright.lint.finding import Edit, Finding, Fix, Place, Remark

PLACE = Place("net.py", 14, 9, 14, 20)


def test_its_text_is_the_form_editors_jump_to():
    finding = Finding("NW301", "bias-before-norm", "info", "conv1 adds a bias.", PLACE)
    assert str(finding) == "net.py:14:9: NW301 [info] bias-before-norm: conv1 adds a bias."


def test_json_has_the_documented_keys_and_survives_json():
    fix = Fix("bias=False", edits=(Edit(PLACE, "x"),))
    row = Finding("NW301", "n", "info", "m", PLACE, "conv1", {"wasted": 64}, fix).to_json()
    keys = [
        "code",
        "name",
        "severity",
        "message",
        "module",
        "file",
        "line",
        "column",
        "evidence",
        "fix",
        "safe",
    ]
    assert list(row) == keys
    assert json.loads(json.dumps(row)) == row
    assert (row["evidence"], row["fix"], row["safe"]) == ({"wasted": 64}, "bias=False", False)


def test_a_fix_without_edits_is_manual_and_never_counts_as_safe():
    assert Fix("think", safe=True).kind == "manual"
    assert Fix("x", safe=True, edits=(Edit(PLACE, "y"),)).kind == "safe"
    assert Fix("x", edits=(Edit(PLACE, "y"),)).kind == "unsafe"
    assert Finding("C", "n", "info", "m", PLACE, fix=Fix("think", safe=True)).to_json()["safe"] is None


def test_places_sort_as_a_reader_meets_them():
    places = [Place("b.py", 1), Place("a.py", 10), Place("a.py", 2, 5), Place("a.py", 2, 1)]
    assert sorted(places) == [Place("a.py", 2, 1), Place("a.py", 2, 5), Place("a.py", 10), Place("b.py", 1)]


def test_a_finding_knows_where_it_is_without_its_place():
    finding = Finding("NW301", "n", "info", "m", PLACE)
    assert (finding.file, finding.line, finding.column) == ("net.py", 14, 9)


def test_the_default_evidence_is_read_only():
    remark = Remark(PLACE, "m")
    with pytest.raises(TypeError):
        remark.evidence["x"] = 1
    assert dict(Remark(PLACE, "n").evidence) == {}


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_json_says_the_severity_and_no_fix_where_there_is_none(severity):
    row = Finding("NW103", "padded-1x1", severity, "m", PLACE).to_json()
    assert (row["severity"], row["fix"], row["safe"]) == (severity, None, None)
