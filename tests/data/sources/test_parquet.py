"""Folders of parquet files, written by `datasets` itself and by hand."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from netwright.data.kinds import Kind
from netwright.data.sources import parquet
from netwright.errors import DataError

FEATURES = {"img": {"_type": "Image"}, "label": {"names": ["cat", "ant"], "_type": "ClassLabel"}}


def write(path: Path, rows: list[tuple[bytes, int]], features: dict | None = FEATURES) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    cells = [{"bytes": content, "path": None} for content, _ in rows]
    table = pa.table({"img": pa.array(cells, kind), "label": [label for _, label in rows]})
    if features is not None:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pq.write_table(table, path)
    return path


def test_splits_are_read_in_the_order_of_their_files(tmp_path: Path):
    write(tmp_path / "train-00001-of-00002.parquet", [(b"3", 1)])
    write(tmp_path / "train-00000-of-00002.parquet", [(b"1", 0), (b"2", 1)])
    write(tmp_path / "test-00000-of-00001.parquet", [(b"4", 0)])
    stored = parquet.stored(tmp_path)
    assert stored.classes == ("cat", "ant")
    assert list(stored.splits["train"].images) == [b"1", b"2", b"3"]
    assert stored.splits["train"].targets[Kind.CLASS] == [0, 1, 1]
    assert list(stored.splits["test"].images) == [b"4"]
    assert stored.splits.keys() == {"train", "test"}


def test_a_place_names_the_row_and_its_file(tmp_path: Path):
    first = write(tmp_path / "train-0.parquet", [(b"1", 0), (b"2", 1)])
    second = write(tmp_path / "train-1.parquet", [(b"3", 1), (b"4", 0)])
    place = parquet.stored(tmp_path).splits["train"].place
    assert [place(k) for k in (0, 1, 2, 3)] == [
        f"row 0 of `{first}`",
        f"row 1 of `{first}`",
        f"row 0 of `{second}`",
        f"row 1 of `{second}`",
    ]


@pytest.mark.parametrize("name", ["validation-0.parquet", "valid.parquet", "val_0.parquet", "dev.parquet"])
def test_validation_goes_by_several_names(tmp_path: Path, name: str):
    write(tmp_path / "train.parquet", [(b"1", 0)])
    write(tmp_path / name, [(b"2", 1)])
    assert list(parquet.stored(tmp_path).splits["valid"].images) == [b"2"]


def test_files_of_other_splits_are_left_alone(tmp_path: Path):
    write(tmp_path / "train.parquet", [(b"1", 0)])
    write(tmp_path / "unsupervised.parquet", [(b"2", -1)])
    assert parquet.stored(tmp_path).splits.keys() == {"train"}


def test_files_may_lie_in_one_folder_below(tmp_path: Path):
    write(tmp_path / "data" / "train.parquet", [(b"1", 0)])
    assert not parquet.matches(tmp_path)
    assert len(parquet.stored(tmp_path).splits["train"]) == 1


def test_a_folder_without_parquet_files_is_not_recognised(tmp_path: Path):
    assert parquet.matches(tmp_path) == "it has no parquet files"
    write(tmp_path / ".cache" / "train.parquet", [(b"1", 0)])  # hidden
    write(tmp_path / "one" / "deeper" / "train.parquet", [(b"1", 0)])
    assert parquet.matches(tmp_path) == "it has no parquet files"


def test_an_unlabelled_test_split_is_left_out(tmp_path: Path):
    write(tmp_path / "train.parquet", [(b"1", 0)])
    write(tmp_path / "test.parquet", [(b"2", -1)])
    assert parquet.stored(tmp_path).splits.keys() == {"train"}


def test_an_unlabelled_train_split_is_refused(tmp_path: Path):
    write(tmp_path / "train.parquet", [(b"1", -1)])
    with pytest.raises(DataError, match="no row of the train files"):
        parquet.stored(tmp_path)


def test_files_in_several_folders_are_refused_and_one_is_named(tmp_path: Path):
    write(tmp_path / "fine" / "train.parquet", [(b"1", 0)])
    write(tmp_path / "full" / "train.parquet", [(b"1", 0)])
    with pytest.raises(DataError, match=f"2 folders, .* name one, such as `{tmp_path / 'fine'}`"):
        parquet.stored(tmp_path)


def test_a_folder_of_several_data_sets_is_not_taken_for_the_one_in_parquet(tmp_path: Path):
    write(tmp_path / "cifar10" / "train.parquet", [(b"1", 0)])
    (tmp_path / "cells").mkdir()
    with pytest.raises(DataError, match=f"name one, such as `{tmp_path / 'cifar10'}`"):
        parquet.stored(tmp_path)


def test_a_folder_without_train_files_is_refused_with_what_is_there(tmp_path: Path):
    write(tmp_path / "part-0.parquet", [(b"1", 0)])
    with pytest.raises(DataError, match=r"no train-\*\.parquet among part-0\.parquet"):
        parquet.stored(tmp_path)


def test_a_file_without_described_columns_is_refused_with_them(tmp_path: Path):
    write(tmp_path / "train.parquet", [(b"1", 0)], features=None)
    with pytest.raises(DataError, match=r"one column of type Image; it has img \(struct<.*label \(int64\)"):
        parquet.stored(tmp_path)


def test_files_that_name_other_classes_are_refused(tmp_path: Path):
    write(tmp_path / "train.parquet", [(b"1", 0)])
    other = FEATURES | {"label": {"names": ["ant", "cat"], "_type": "ClassLabel"}}
    write(tmp_path / "test.parquet", [(b"1", 0)], features=other)
    with pytest.raises(DataError, match=r"test\.parquet` differ from those of `.*train\.parquet`"):
        parquet.stored(tmp_path)


@pytest.mark.parametrize("keep", [0, 3, 40, -30])
def test_a_truncated_file_is_refused_by_name(tmp_path: Path, keep: int):
    path = write(tmp_path / "train.parquet", [(b"1", 0)])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"train\.parquet` is not a readable parquet file"):
        parquet.stored(tmp_path)


def test_a_file_damaged_inside_is_refused_by_name(tmp_path: Path):
    path = write(tmp_path / "train.parquet", [(b"content " * 50, 0)] * 50)
    content = bytearray(path.read_bytes())
    content[4:40] = bytes(36)  # the header of the first page
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"train\.parquet` is damaged"):
        parquet.stored(tmp_path)
