"""A finding and its views."""

import json

from netwright.lint.finding import Edit, Finding, Fix, Place

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
