"""Rows: the columns agree with the cells, and a row comes back from its JSON."""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from netwright.prediction.rows import ClassRow, MaskRow

CAT = ClassRow("a/x.png", "cat", 0.75, {"cat": 0.75, "dog, wild": 0.25})
MASK = MaskRow(
    "x.tif", "x.tif", {"cell": 0.125, "mask": 0.875}, "it sees everything", ("small",), "x.drawn.png"
)


@pytest.mark.parametrize("row", [CAT, MASK, ClassRow("x", "cat", 1.0, {"cat": 1.0}, "x.drawn.png")])
def test_a_row_comes_back_from_its_json(row):
    assert type(row).of(json.loads(json.dumps(row.facts()))) == row


def test_cells_stand_under_their_columns():
    cells = dict(zip(ClassRow.header(CAT.probabilities), CAT.cells(), strict=True))
    assert cells == {
        "file": "a/x.png",
        "class": "cat",
        "probability": "0.75",
        "cat": "0.75",
        "dog, wild": "0.25",
    }
    cells = dict(zip(MaskRow.header(MASK.shares), MASK.cells(), strict=True))
    assert cells["mask"] == "x.tif"
    assert cells["mask (class)"] == "0.875"  # a class that is called like a column
    assert cells["inexact"] == "it sees everything"


def test_probabilities_are_written_to_the_last_digit():
    value = float(str(np.float32(1 / 3)))
    cell = ClassRow("x", "a", value, {"a": value}).cells()[2]
    assert np.float32(cell) == np.float32(1 / 3)
    assert len(cell) <= 12


def test_files_are_those_that_belong_to_the_row():
    assert CAT.files == ()
    assert MASK.files == ("x.tif", "x.drawn.png")


def test_remarks_say_why_a_mask_is_inexact():
    assert MASK.remarks == ("inexact: it sees everything", "small")
    assert CAT.remarks == ()


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"file": "x"},
        CAT.facts() | {"class": 3},
        CAT.facts() | {"more": 1},
        CAT.facts() | {"probabilities": {"a": "b"}},
    ],
)
def test_other_json_is_refused(facts):
    with pytest.raises(ValidationError):
        ClassRow.of(facts)


def test_a_person_reads_percentages():
    assert CAT.line() == ("a/x.png", "cat", "75.0%")
    assert MASK.line() == ("x.tif", "x.tif", "cell 12.5%, mask 87.5%")
