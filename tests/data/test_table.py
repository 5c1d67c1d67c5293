"""Columns by the type of their feature, and rows to stored images."""

from pathlib import Path

import pyarrow as pa
import pytest

from netwright.data.kinds import Kind
from netwright.data.table import columns, split
from netwright.errors import DataError

IMAGE = {"_type": "Image"}
LABEL = {"_type": "ClassLabel", "names": ["a", "b"]}
NUMBER = {"_type": "Value", "dtype": "int64"}
CELLS = [{"bytes": b"one", "path": "1.png"}, {"bytes": b"two", "path": None}]


def rows(cells=CELLS, labels=(0, 1)) -> pa.Table:
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    return pa.table({"img": pa.array(cells, kind), "label": pa.array(labels, pa.int64())})


def place(k: int) -> str:
    return f"row {k}"


def test_columns_are_found_by_type_whatever_their_name():
    assert columns({"id": NUMBER, "what": LABEL, "photo": IMAGE}, "", "set") == ("photo", "what")


def test_a_wanted_label_is_chosen_among_several():
    features = {"img": IMAGE, "fine": LABEL, "coarse": LABEL}
    assert columns(features, "coarse", "set") == ("img", "coarse")


def test_several_labels_are_refused_with_how_to_choose():
    with pytest.raises(
        DataError, match="several columns of type ClassLabel; write `set:fine` or `set:coarse`"
    ):
        columns({"img": IMAGE, "fine": LABEL, "coarse": LABEL}, "", "set")


@pytest.mark.parametrize(
    ("features", "wanted", "message"),
    [
        ({"text": NUMBER, "label": LABEL}, "", r"one column of type Image; it has text \(Value\), label"),
        (
            {"left": IMAGE, "right": IMAGE, "label": LABEL},
            "",
            r"one column .*left \(Image\), right \(Image\)",
        ),
        ({"img": IMAGE, "label": NUMBER}, "", r"of type ClassLabel; it has img \(Image\), label \(Value\)"),
        ({"img": IMAGE, "boxes": [NUMBER]}, "", r"of type ClassLabel; it has .*boxes \(nested\)"),
        (
            {"img": IMAGE, "label": LABEL},
            "lable",
            r"no column `lable` of type ClassLabel; .*label \(ClassLabel\)",
        ),
        ({}, "", "no described columns"),
    ],
)
def test_missing_columns_are_refused_with_those_that_are_there(features, wanted: str, message: str):
    with pytest.raises(DataError, match=message):
        columns(features, wanted, "set")


def test_rows_become_bytes_and_targets():
    part = split(rows(), "img", "label", 2, place)
    assert part is not None
    assert list(part.images) == [b"one", b"two"]
    assert part.targets[Kind.CLASS] == [0, 1]
    assert part.place(1) == "row 1"


def test_a_row_without_bytes_stands_for_its_file_and_one_without_either_for_nothing():
    cells = [{"bytes": None, "path": "/a/1.png"}, {"bytes": None, "path": None}, None]
    part = split(rows(cells, [0, 1, 1]), "img", "label", 2, place)
    assert part is not None
    assert list(part.images) == [Path("/a/1.png"), b"", b""]


@pytest.mark.parametrize("labels", [(-1, -1), (None, None)])
def test_a_split_without_labels_is_left_out(labels):
    assert split(rows(labels=labels), "img", "label", 2, place) is None


@pytest.mark.parametrize(
    ("labels", "message"), [((0, 2), "row 1 has the label 2"), ((None, 1), "row 0 has .* -1")]
)
def test_a_label_out_of_range_is_refused_with_its_row(labels, message: str):
    with pytest.raises(DataError, match=rf"{message}; it must be one of 0\.\.1"):
        split(rows(labels=labels), "img", "label", 2, place)
