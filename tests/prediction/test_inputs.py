"""Which files are meant, in what order, and what their results are called."""

from pathlib import Path

import pytest

from netwright.errors import DataError
from netwright.prediction.inputs import Input, distinct, inputs


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in (
        "b/x.png",
        "a/x.png",
        "a/c/y.JPG",
        "a/.hidden.png",
        ".cache/z.png",
        "a/notes.txt",
        "top.tif",
    ):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    for name in ("a/v.zarr/zarr.json", "a/v.zarr/c/0/0.png", "a/w/.zarray"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    monkeypatch.chdir(tmp_path)
    return Path("data")


def names(*given, out=None):
    return [file.name for file in inputs(given, out).files]


def test_a_folder_is_read_at_any_depth_in_order_without_hidden_files(tree):
    assert names(tree) == ["a/c/y.JPG", "a/v.zarr", "a/w", "a/x.png", "b/x.png", "top.tif"]
    assert inputs([tree]).others == 1


def test_names_are_relative_to_the_deepest_folder_that_holds_everything(tree):
    assert names(tree / "a/x.png") == ["x.png"]
    assert names(tree / "b/x.png", tree / "a/x.png") == ["b/x.png", "a/x.png"]
    assert names(tree / "a/c", tree / "b") == ["a/c/y.JPG", "b/x.png"]
    assert names(tree / "a/c", tree / "top.tif") == ["a/c/y.JPG", "top.tif"]


def test_paths_stay_as_they_were_given(tree, monkeypatch):
    assert inputs([tree / "a/c"]).files == (Input(tree / "a/c/y.JPG", "y.JPG"),)
    monkeypatch.setenv("HOME", str(tree.absolute().parent))
    assert inputs(["~/data/top.tif"]).files[0].path.is_absolute()


def test_a_file_that_is_named_twice_counts_once(tree):
    assert names(tree / "a/x.png", tree / "a", tree.absolute() / "a/x.png").count("x.png") == 1


def test_the_folder_of_the_results_is_no_input(tree):
    assert names(tree, out=tree / "a") == ["b/x.png", "top.tif"]


def test_earlier_predictions_in_a_folder_are_no_input(tree):
    (tree / "b" / "predictions.json").write_text("{}")
    assert names(tree) == ["a/c/y.JPG", "a/v.zarr", "a/w", "a/x.png", "top.tif"]


def test_links_to_folders_are_followed_once(tree):
    (tree / "b/back").symlink_to(tree.absolute())
    (tree / "b/again").symlink_to((tree / "a/c").absolute())
    assert names(tree / "b") == [
        "again/y.JPG",
        *[f"back/{name}" for name in names(tree) if name[0] != "b"],
        "x.png",
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (["gone.png"], "there is no file or folder `gone.png`"),
        (["data/a/notes.txt"], "`data/a/notes.txt` has a format that is not read; these are: .png,"),
        (["empty"], "the folder `empty` holds no file of a format that is read"),
        ([], "nothing to predict"),
    ],
)
def test_what_cannot_be_predicted_is_refused_by_name(tree, given, reason):
    Path("empty").mkdir()
    with pytest.raises(DataError, match=reason):
        inputs(given)


def test_results_of_one_name_are_refused_with_both_inputs(tree):
    (tree / "a/x.jpg").write_bytes(b"")
    files = inputs([tree / "a"]).files
    with pytest.raises(
        DataError, match=r"`data/a/x\.jpg` and `data/a/x\.png` would both be written to `x\.png`"
    ):
        distinct(files, [file.result(".png") for file in files])
    distinct(files[:1], ["x.png"])


def test_a_result_has_the_name_of_its_input_with_another_ending():
    assert Input(Path("a/B.NII.GZ"), "a/B.NII.GZ").result(".nii.gz") == "a/B.nii.gz"
    assert Input(Path("v.1.zarr"), "v.1.zarr").result(".zarr") == "v.1.zarr"
    assert Input(Path("x.png"), "x.png").result(".drawn.png") == "x.drawn.png"


def test_a_stamp_changes_with_the_file(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"1")
    before = Input(path, "x.png").stamp()
    assert Input(path, "x.png").stamp() == before
    path.write_bytes(b"12")
    assert Input(path, "x.png").stamp() != before


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    def refused(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(DataError, match=f"the folder `{tmp_path}` cannot be read: Permission denied"):
        inputs([tmp_path])
