"""Text, JSON, annotations, statistics."""

import json
from dataclasses import replace

import pytest

from netwright.lint.finding import Edit, Finding, Fix, Place
from netwright.lint.report import as_json, block, coloured, github, grouped, statistics, summary, text

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
    assert coloured([NOTE]).plain == text([NOTE]).rstrip("\n")


def layers(count):
    return [replace(NOTE, module=f"body.{index}") for index in range(count)]


def test_a_line_that_builds_many_layers_is_shown_once_with_the_others_named():
    shown = text([*layers(3), BAD])
    assert shown.count("NW301") == shown.count("NW103") == 1
    assert "    also: body.1, body.2\n" in shown
    assert text(layers(9)).endswith("    also: body.1, body.2, body.3, body.4, body.5 and 3 more\n")


def test_a_layer_called_again_and_again_is_not_named_beside_itself():
    again = [*layers(1) * 7, *layers(2)]
    assert block(again)[-1] == "    also: body.1"
    assert block(layers(1) * 3)[-1] == "    ×3"


def test_places_without_a_module_are_counted():
    assert block([NOTE, NOTE])[-1] == "    ×2"


def test_findings_of_other_rules_and_places_stay_apart_and_in_order():
    elsewhere = replace(NOTE, place=Place("net.py", 20, 9))
    assert [len(group) for group in grouped([NOTE, elsewhere, BAD, NOTE])] == [2, 1, 1]


def test_machines_get_every_finding():
    assert len(json.loads(as_json(layers(9)))) == len(github(layers(9)).splitlines()) == 9


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


def test_text_underlines_what_it_is_about(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("a = 1\n\tb = f(é, x)\n")
    lines = text([Finding("NW103", "n", "error", "m", Place("net.py", 2, 6, 2, 13))]).splitlines()
    shown, marks = lines[1], lines[2]
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "f(é, x)"


def test_colours_tell_the_severities_apart_and_brackets_are_not_markup():
    odd = Finding("NW103", "n", "error", "a [bold] word [/]", PLACE)
    assert coloured([odd]).plain.endswith("a [bold] word [/]")
    styles = {
        level: str(coloured([Finding("NW1", "n", level, "m", PLACE)]).spans[0].style)
        for level in ("error", "warning", "info")
    }
    assert len(set(styles.values())) == 3


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (["error"], "1 error"),
        (["warning", "warning"], "2 warnings"),
        (["info", "error", "error"], "2 errors, 1 info"),
    ],
)
def test_the_summary_counts_the_worst_first(levels, expected):
    assert summary([Finding("NW1", "n", level, "m", PLACE) for level in levels]) == expected


def test_an_annotation_s_title_and_file_cannot_break_out_of_it():
    odd = Finding("NW103", "n", "warning", "m", Place("a,b:c.py", 1))
    assert github([odd]) == "::warning file=a%2Cb%3Ac.py,line=1,col=1,title=NW103 n::m\n"


def test_nothing_found_is_nothing_printed():
    assert (text([]), github([]), statistics([])) == ("", "", "")
