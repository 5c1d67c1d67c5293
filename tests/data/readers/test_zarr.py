"""zarr stores: arrays by name, and no codec that builds objects."""

import json
from pathlib import Path

import numpy as np
import pytest
import zarr

from netwright.data.read import read
from netwright.data.readers.zarr import names
from netwright.data.stored import Page
from netwright.errors import UnreadableError

VALUES = np.random.default_rng(0).integers(0, 3000, (9, 6, 5)).astype(np.uint16)


def write(path: Path, version: int = 3, **options) -> Path:
    group = zarr.open_group(path, mode="w", zarr_format=version)
    for name in ("raw", "labels/cells"):
        group.create_array(name, shape=VALUES.shape, dtype=VALUES.dtype, chunks=(4, 4, 4), **options)
        group[name][:] = VALUES if name == "raw" else VALUES // 1000
    return path


@pytest.mark.parametrize("version", [2, 3])
def test_arrays_are_read_by_name_and_by_page(tmp_path: Path, version: int):
    path = write(tmp_path / "a.zarr", version)
    assert names(path) == ("labels/cells", "raw")
    np.testing.assert_array_equal(read(Page(path, None, "raw")).values[0], VALUES)
    np.testing.assert_array_equal(read(Page(path, 4, "labels/cells")).values[0], VALUES[4] // 1000)
    with pytest.raises(UnreadableError, match="it holds the arrays labels/cells, raw, and one is wanted"):
        read(path)
    with pytest.raises(UnreadableError, match="no array `masks`; it has labels/cells, raw"):
        read(Page(path, 0, "masks"))


def test_shards_are_read(tmp_path: Path):
    path = write(tmp_path / "a.zarr", shards=(8, 8, 8))
    np.testing.assert_array_equal(read(Page(path, 8, "raw")).values[0], VALUES[8])


def test_a_store_that_is_one_array_needs_no_name(tmp_path: Path):
    zarr.save_array(tmp_path / "a.zarr", VALUES)
    np.testing.assert_array_equal(read(tmp_path / "a.zarr").values[0], VALUES)


def edit(file: Path, **facts) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | facts))


@pytest.mark.parametrize("codec", ["pickle", "json2", "somebody_elses"])
def test_a_codec_of_objects_is_refused_before_it_is_made(tmp_path: Path, codec: str):
    write(tmp_path / "two.zarr", 2)
    edit(tmp_path / "two.zarr/raw/.zarray", filters=[{"id": codec}])
    write(tmp_path / "three.zarr")
    edit(tmp_path / "three.zarr/raw/zarr.json", codecs=[{"name": f"numcodecs.{codec}"}, {"name": "bytes"}])
    write(tmp_path / "shards.zarr", shards=(8, 8, 8))
    file = tmp_path / "shards.zarr/raw/zarr.json"
    file.write_text(file.read_text().replace('"crc32c"', f'"{codec}"'))
    for name in ("two", "three", "shards"):
        with pytest.raises(UnreadableError, match=f"names the codec {codec}, which is refused"):
            read(Page(tmp_path / f"{name}.zarr", 0, "raw"))


def test_objects_are_refused(tmp_path: Path):
    write(tmp_path / "a.zarr", 2)
    edit(tmp_path / "a.zarr/raw/.zarray", dtype="|O")
    with pytest.raises(UnreadableError):
        read(Page(tmp_path / "a.zarr", 0, "raw"))


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_damaged_metadata_are_refused(tmp_path: Path, text: str):
    path = write(tmp_path / "a.zarr")
    (path / "raw" / "zarr.json").write_text(text)
    with pytest.raises(UnreadableError, match=r"zarr\.json"):
        read(Page(path, 0, "raw"))


@pytest.mark.parametrize("codecs", [5, [{"name": "x", "configuration": {"codecs": 5}}], [[]]])
def test_codecs_of_another_form_are_refused(tmp_path: Path, codecs: object):
    path = write(tmp_path / "a.zarr")
    edit(path / "raw" / "zarr.json", codecs=codecs)
    with pytest.raises(UnreadableError, match=r"zarr\.json"):
        read(Page(path, 0, "raw"))


def test_a_damaged_chunk_is_refused(tmp_path: Path):
    path = write(tmp_path / "a.zarr")
    chunk = next(file for file in sorted((path / "raw" / "c").rglob("*")) if file.is_file())
    chunk.write_bytes(b"\x28\xb5\x2f\xfd" + b"nonsense" * 4)
    with pytest.raises(UnreadableError, match="it is damaged"):
        read(Page(path, None, "raw"))
