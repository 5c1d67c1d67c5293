"""The journal: what is finished stays, what changed is done again, other predictions are refused."""

import csv
import json

import pytest

from netwright.errors import RunError
from netwright.prediction.inputs import Input
from netwright.prediction.journal import ABOUT, LINES, TABLE, opened
from netwright.prediction.rows import ClassRow, MaskRow
from netwright.prediction.work import Done

ABOUT_RUN = {"run": "a1", "classes": ["cat", "dog"], "size": None}
HEADER = ("file", "class", "probability", "cat", "dog")


@pytest.fixture
def files(tmp_path):
    made = [Input(tmp_path / f"{name}.png", f"{name}.png") for name in ("a", 'b, "quoted"', "c")]
    for file in made:
        file.path.write_bytes(b"1")
    return made


def done(file, name="cat"):
    return Done(file, file.stamp(), ClassRow(file.name, name, 0.75, {"cat": 0.75, "dog": 0.25}))


@pytest.fixture
def out(tmp_path, files):
    with opened(tmp_path / "out", ABOUT_RUN, ClassRow) as journal:
        journal.add([done(files[1]), done(files[0], "dog")])
    return tmp_path / "out"


def test_the_next_call_knows_what_is_finished(out, files):
    with opened(out, ABOUT_RUN, ClassRow) as journal:
        assert [journal.finished(file) for file in files] == [
            done(files[0], "dog").row,
            done(files[1]).row,
            None,
        ]


def test_names_that_are_not_utf_8_are_known_again(tmp_path):
    file = Input(tmp_path / "a\udcff.png", "a\udcff.png")
    for _ in range(2):
        with opened(tmp_path / "out", ABOUT_RUN, ClassRow) as journal:
            known = journal.rows([file.name])
            journal.add([Done(file, "stamp", ClassRow(file.name, "cat", 1.0, {"cat": 1.0, "dog": 0.0}))])
            journal.write(HEADER, [file.name])
    assert [row.file for row in known] == [file.name]
    assert (tmp_path / "out" / TABLE).read_bytes().splitlines()[1].startswith(b"a\xff.png,cat")


def test_the_table_has_every_row_once_in_the_order_of_the_files(out, files):
    with opened(out, ABOUT_RUN, ClassRow) as journal:
        journal.add([done(files[2])])
        journal.write(HEADER, [file.name for file in files])
    with (out / TABLE).open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["file"] for row in rows] == ["a.png", 'b, "quoted".png', "c.png"]
    assert rows[0] == {"file": "a.png", "class": "dog", "probability": "0.75", "cat": "0.75", "dog": "0.25"}


def test_files_of_earlier_calls_stay_in_the_table(out, files):
    with opened(out, ABOUT_RUN, ClassRow) as journal:
        journal.add([done(files[2])])
        journal.write(HEADER, ["c.png"])
    names = [line.partition(",")[0] for line in (out / TABLE).read_text().splitlines()[1:]]
    assert names[-1] == "c.png"
    assert len(names) == 3


def test_a_file_that_changed_is_done_again(out, files):
    files[0].path.write_bytes(b"12")
    with opened(out, ABOUT_RUN, ClassRow) as journal:
        assert journal.finished(files[0]) is None
        assert journal.rows([files[0].name]) == []
        journal.add([done(files[0])])
    with opened(out, ABOUT_RUN, ClassRow) as journal:
        assert journal.finished(files[0]).class_name == "cat"


def test_a_result_that_is_missing_is_made_again(tmp_path, files):
    row = MaskRow("a.png", "a.png", {"cell": 1.0})
    with opened(tmp_path / "out", ABOUT_RUN, MaskRow) as journal:
        (tmp_path / "out/a.png").write_bytes(b"")
        journal.add([Done(files[0], files[0].stamp(), row)])
        assert journal.finished(files[0]) == row
        (tmp_path / "out/a.png").unlink()
        assert journal.finished(files[0]) is None


def test_another_file_of_the_same_name_is_refused(out, tmp_path, files):
    other = Input(tmp_path / "elsewhere" / "a.png", "a.png")
    with opened(out, ABOUT_RUN, ClassRow) as journal, pytest.raises(RunError, match=r"elsewhere.a\.png"):
        journal.finished(other)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"run": "b2"}, r"run \(=b2\) was a1"),
        ({"size": 32}, r"size \(=32\) was none"),
        ({"classes": ["x" * 90]}, r'classes \(=\["xxxxxxxxxx\.\.\.\) was \["cat", "dog"\]'),
    ],
)
def test_other_predictions_are_refused_by_what_differs(out, changed, reason):
    with pytest.raises(RunError, match=reason), opened(out, ABOUT_RUN | changed, ClassRow):
        pass


def test_a_line_that_was_cut_off_is_removed(out, files):
    whole = (out / LINES).read_bytes()
    for length in range(len(whole.splitlines(keepends=True)[0]), len(whole), 9):
        (out / LINES).write_bytes(whole[:length])
        with opened(out, ABOUT_RUN, ClassRow) as journal:
            assert journal.finished(files[1]) is not None
            assert journal.finished(files[0]) is None
            journal.add([done(files[0], "dog")])
        assert (out / LINES).read_bytes() == whole


@pytest.mark.parametrize("line", ["{", "3", '{"source": "a", "stamp": "b", "row": {"file": "x"}}', "[1, 2]"])
def test_a_damaged_line_is_named(out, line):
    with (out / LINES).open("a") as journal:
        journal.write(line + "\n")
    with pytest.raises(RunError, match=r"line 3 of .* is damaged"), opened(out, ABOUT_RUN, ClassRow):
        pass


@pytest.mark.parametrize(
    ("text", "reason"),
    [("no json", "does not describe predictions"), (json.dumps({"format": 9}), "has format 9")],
)
def test_a_damaged_description_is_refused(out, text, reason):
    (out / ABOUT).write_text(text)
    with pytest.raises(RunError, match=reason), opened(out, ABOUT_RUN, ClassRow):
        pass


def test_what_a_killed_process_left_is_removed(out):
    (out / "deep/.v.zarr.7.partial/c").mkdir(parents=True)
    (out / "deep/.v.zarr.7.partial/c/0").write_bytes(b"1")
    (out / "deep/.x.png.7.partial").write_bytes(b"1")
    with opened(out, ABOUT_RUN, ClassRow):
        assert list((out / "deep").iterdir()) == []


def test_one_process_writes_at_a_time(out):
    with (
        opened(out, ABOUT_RUN, ClassRow),
        pytest.raises(RunError, match="in use by another process"),
        opened(out, ABOUT_RUN, ClassRow),
    ):
        pass


def test_a_folder_of_something_else_is_left_alone(tmp_path, files):
    with pytest.raises(RunError, match="is not empty"), opened(tmp_path, ABOUT_RUN, ClassRow):
        pass
    assert not (tmp_path / ABOUT).exists()


def test_options_may_change_until_a_prediction_is_finished(tmp_path, files):
    with opened(tmp_path / "out", ABOUT_RUN | {"size": 16}, ClassRow):
        pass
    with opened(tmp_path / "out", ABOUT_RUN, ClassRow) as journal:
        journal.add([done(files[0])])
    assert json.loads((tmp_path / "out" / ABOUT).read_text())["size"] is None
    with (
        pytest.raises(RunError, match=r"size \(=16\) was none"),
        opened(tmp_path / "out", ABOUT_RUN | {"size": 16}, ClassRow),
    ):
        pass
