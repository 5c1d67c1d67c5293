"""The result as a sequence of rows, as text, as JSON and for a notebook."""

import json
from pathlib import Path

from netwright.prediction.inputs import Input
from netwright.prediction.predictions import SHOWN, Predictions
from netwright.prediction.rows import ClassRow, MaskRow
from netwright.prediction.work import Skipped

HEADER = ClassRow.header(["cat", "<dog>"])


def row(number: int) -> ClassRow:
    return ClassRow(f"{number}.png", "cat", 0.75, {"cat": 0.75, "<dog>": 0.25})


def test_it_is_a_sequence_of_rows():
    found = Predictions([row(0), row(1)], HEADER)
    assert len(found) == 2
    assert [each.file for each in found] == ["0.png", "1.png"]
    assert found[-1].file == "1.png"
    assert found[:1] == [row(0)]


def test_the_text_has_the_first_rows_and_the_speed():
    found = Predictions([row(k) for k in range(SHOWN + 5)], HEADER, Path("out"), earlier=5, seconds=4.0)
    lines = str(found).splitlines()
    assert lines[0] == "0.png   cat  75.0%"
    assert lines[SHOWN] == "... and 5 more"
    table = Path("out", "predictions.csv")
    assert lines[-1] == f"20 files in 4.0 s, 5.0 files/s; 5 finished before; table in {table}"
    assert len(lines) == SHOWN + 2


def test_without_a_row_there_is_only_the_summary():
    assert str(Predictions([], HEADER)) == "0 files in 0.0 s"


def test_json_has_every_row_and_what_was_left_out():
    skipped = Skipped(Input(Path("x.png"), "x.png"), "it is empty")
    found = Predictions([row(0)], HEADER, Path("out"), skipped=(skipped,), seconds=1.5)
    facts = json.loads(json.dumps(found.facts()))
    assert facts == {
        "out": "out",
        "files": [row(0).facts()],
        "skipped": [{"file": "x.png", "reason": "it is empty"}],
        "earlier": 0,
        "seconds": 1.5,
    }
    assert "1 left out" in str(found)


def test_remarks_are_counted_over_the_files():
    masks = [MaskRow(f"{k}.png", f"{k}.png", {"cell": 1.0}, "it sees everything") for k in range(3)]
    skipped = Skipped(Input(Path("x.png"), "x.png"), "it is empty")
    found = Predictions(masks, MaskRow.header(["cell"]), skipped=(skipped,))
    assert found.remarks == ["left out `x.png`: it is empty", "inexact: it sees everything (3 files)"]


def test_a_notebook_shows_a_table_with_escaped_names():
    text = Predictions([row(0)], HEADER)._repr_html_()
    assert "<th>&lt;dog&gt;</th>" in text
    assert "<td>0.75</td>" in text
