"""Text, JSON, annotations, statistics."""

import json

from netwright.lint.finding import Edit, Finding, Fix, Place
from netwright.lint.report import as_json, coloured, github, statistics, summary, text

PLACE = Place("net.py", 14, 9, 14, 12)
BAD = Finding(
    "NW103", "padded-1x1", "error", "50 % waste:\nbad", PLACE, fix=Fix("p=0", edits=(Edit(PLACE, ""),))
)
NOTE = Finding("NW301", "bias-before-norm", "info", "a bias", PLACE, fix=Fix("think"))


def test_text_gives_the_place_and_the_fix():
    lines = text([BAD]).splitlines()
    assert lines[0].startswith("net.py:14:9: NW103 [error] padded-1x1: 50 % waste")
    assert lines[-1] == "    fix (unsafe): p=0"


def test_the_coloured_block_has_the_same_words():
    assert coloured(NOTE).plain == text([NOTE]).rstrip("\n")


def test_json_is_a_list_of_the_documented_objects():
    assert [row["code"] for row in json.loads(as_json([BAD, NOTE]))] == ["NW103", "NW301"]
    assert json.loads(as_json([])) == []


def test_annotations_escape_what_would_end_them():
    assert github([BAD, NOTE]).splitlines() == [
        "::error file=net.py,line=14,col=9,endLine=14,title=NW103 padded-1x1::50 %25 waste:%0Abad",
        "::notice file=net.py,line=14,col=9,endLine=14,title=NW301 bias-before-norm::a bias",
    ]


def test_statistics_count_the_commonest_first():
    assert statistics([NOTE, BAD, NOTE]).splitlines() == [
        "    2  NW301 [info] bias-before-norm",
        "    1  NW103 [error] padded-1x1",
    ]


def test_the_summary_says_what_can_be_fixed():
    assert summary([BAD, NOTE, NOTE]) == "1 error, 2 infos; fixable with --fix [--unsafe-fixes]: 1 unsafe"
