"""Decoding of images with masks: types, sizes, memory maps, and every kind of bad pair."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from netwright.data import maps
from netwright.data.kinds import Kind
from netwright.data.maps import Maps
from netwright.data.stored import Content, Page, Slices, Stored, StoredSplit
from netwright.data.tensors import Split
from netwright.errors import DataError

Save = Callable[[Path, np.ndarray], Path]


def stored(pairs: list[tuple[Content, Content]], values: tuple[int, ...] = (0, 1), **facts) -> Stored:
    """The first pairs are for training; the last two for validation and test."""
    images, masks = [image for image, _ in pairs], [mask for _, mask in pairs]

    def part(start: int, stop: int) -> StoredSplit:
        names = [f"image {k}" for k in range(start, stop)]
        return StoredSplit(images[start:stop], {Kind.MASK: masks[start:stop]}, lambda k: names[k], names)

    n = len(pairs)
    splits = {"train": part(0, n - 2), "valid": part(n - 2, n - 1), "test": part(n - 1, n)}
    return Stored(tuple(map(str, values)), splits, values=values, **facts)


def load(given: Stored, size: int | None = None, skip_bad: bool = False) -> tuple[dict[str, Split], dict]:
    return Maps(given, size, skip_bad, None).load()


@pytest.fixture
def write(tmp_path: Path, save: Save, noise) -> Callable[..., list[tuple[Content, Content]]]:
    """Writes pairs of the given shapes."""

    def make(*shapes: tuple[int, ...], kind: type = np.uint8, suffix: str = ".npy", most: int = 250):
        return [
            (
                save(tmp_path / f"{k}{suffix}", noise(k, shape, most, kind)),
                save(tmp_path / f"{k}-mask{suffix}", noise(k, shape, 2)),
            )
            for k, shape in enumerate(shapes)
        ]

    return make


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16, np.float32])
def test_examples_of_one_shape_are_one_tensor_of_their_type(write, noise, kind: type):
    splits, facts = load(stored(write(*[(6, 8)] * 5, kind=kind)))
    train = splits["train"]
    assert isinstance(train.inputs, torch.Tensor)
    assert train.inputs.shape == (3, 1, 6, 8)
    np.testing.assert_array_equal(train.inputs[2, 0].numpy(), noise(2, (6, 8), 250, kind))
    assert torch.equal(train.targets[Kind.MASK][2], torch.from_numpy(noise(2, (6, 8), 2)))
    values = np.stack([noise(k, (6, 8), 250, kind) for k in range(3)]).astype(float)
    low, high = facts["range"]
    assert facts["mean"][0] * (high - low) + low == pytest.approx(values.mean())
    assert facts["std"][0] * (high - low) == pytest.approx(values.std())


@pytest.mark.parametrize(
    "shapes", [[(6, 8), (7, 9), (5, 5), (6, 8)], [(4, 6, 8), (5, 7, 9), (3, 5, 5), (4, 6, 8)]]
)
def test_examples_of_many_shapes_are_maps(write, noise, shapes: list[tuple[int, ...]]):
    splits, _ = load(stored(write(*shapes, kind=np.uint16)))
    assert isinstance(splits["train"].inputs, tuple)
    assert splits["train"].shapes == [(1, *shape) for shape in shapes[:2]]
    np.testing.assert_array_equal(splits["train"].inputs[1][0].numpy(), noise(1, shapes[1], 250, np.uint16))
    assert splits["train"].targets[Kind.MASK][1].shape == shapes[1]
    assert list(splits["train"].groups) == ["image 0", "image 1"]


def test_a_set_beyond_the_room_stays_on_the_disk(write, monkeypatch: pytest.MonkeyPatch):
    pairs = write(*[(6, 8)] * 4)
    held, facts = load(stored(pairs))
    monkeypatch.setattr(maps, "ROOM", 100)
    mapped, again = load(stored(pairs))
    assert isinstance(mapped["train"].inputs, tuple)
    assert torch.equal(torch.stack(mapped["train"].inputs), held["train"].inputs)
    assert again["digest"] == facts["digest"]


def test_large_plain_files_are_mapped_where_they_are(write, own_cache: Path, monkeypatch: pytest.MonkeyPatch):
    pairs = write((6, 8), (7, 9), (5, 5), (6, 8), kind=np.int16)
    own, facts = load(stored(pairs))
    monkeypatch.setattr(maps, "LARGE", 1)
    monkeypatch.setattr(maps, "VERSION", 0)
    there, again = load(stored(pairs))
    assert again["digest"] == facts["digest"]
    for one, other in zip(own["train"].inputs, there["train"].inputs, strict=True):
        assert torch.equal(one, other)
    (last,) = [path for path in own_cache.iterdir() if path.is_dir() and _bytes(path) == 0]
    assert json.loads((last / "facts.json").read_text())["entries"]["train"]["inputs"][0].keys() == {
        "shape",
        "type",
    }


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.name != "facts.json")


def test_a_stack_read_as_volumes_is_mapped_where_it_is(tmp_path: Path, save: Save, noise, monkeypatch):
    monkeypatch.setattr(maps, "LARGE", 1)
    volume, mask = noise(shape=(9, 6, 8)), noise(shape=(9, 6, 8), most=2)
    paths = save(tmp_path / "v.npy", volume), save(tmp_path / "m.npy", mask)
    blocks = [(0, 5), (5, 7), (7, 9)]
    pairs = [tuple(Slices(tuple(Page(path, k) for k in range(*block))) for path in paths) for block in blocks]
    splits, _ = load(stored(pairs))
    np.testing.assert_array_equal(splits["valid"].inputs[0][0].numpy(), volume[5:7])
    np.testing.assert_array_equal(splits["test"].targets[Kind.MASK][0].numpy(), mask[7:9])


def test_a_second_load_decodes_nothing(write, monkeypatch: pytest.MonkeyPatch):
    given = stored(write(*[(6, 8)] * 4))
    first, facts = load(given)
    monkeypatch.setattr(maps, "read", lambda *_: pytest.fail("decoded again"))
    second, again = load(given)
    assert torch.equal(first["train"].inputs, second["train"].inputs)
    assert {**again, "mean": tuple(again["mean"])} | {"std": 0, "range": 0} == {**facts} | {
        "std": 0,
        "range": 0,
    }


@pytest.mark.parametrize("damage", ["facts.json", "train.inputs", "test.masks"])
def test_a_damaged_cache_is_rebuilt(write, own_cache: Path, damage: str):
    given = stored(write(*[(6, 8)] * 4))
    first, _ = load(given)
    (file,) = own_cache.rglob(damage)
    file.write_bytes(file.read_bytes()[:-9])
    assert torch.equal(load(given)[0]["train"].inputs, first["train"].inputs)


def test_what_a_killed_decoding_left_is_cleared(write, own_cache: Path):
    given = stored(write(*[(6, 8)] * 4))
    load(given)
    (folder,) = [path for path in own_cache.iterdir() if path.is_dir()]
    folder.rename(own_cache / f".{folder.name}.partial")
    ((own_cache / f".{folder.name}.partial") / "facts.json").unlink()
    load(given)
    assert [path.name for path in own_cache.iterdir() if path.is_dir()] == [folder.name]


def test_changed_files_are_decoded_anew(write, save: Save, noise):
    pairs = write(*[(6, 8)] * 4)
    _, facts = load(stored(pairs))
    path = pairs[0][0]
    assert isinstance(path, Path)
    save(path, noise(77))
    os.utime(path, ns=(1, 1))
    assert load(stored(pairs))[1]["digest"] != facts["digest"]


def test_a_cache_that_cannot_be_written_is_named(write, own_cache: Path, monkeypatch: pytest.MonkeyPatch):
    (own_cache / "file").write_text("")
    monkeypatch.setenv("NETWRIGHT_CACHE", str(own_cache / "file"))
    with pytest.raises(
        DataError, match=r"cannot be stored in .*file .*; set NETWRIGHT_CACHE to another folder"
    ):
        load(stored(write(*[(6, 8)] * 4)))


def test_a_size_resizes_masks_too(write):
    splits, _ = load(stored(write((6, 8), (9, 7), (12, 12), (6, 8), suffix=".png")), size=5)
    assert splits["train"].inputs.shape == (2, 1, 5, 5)
    assert set(splits["train"].targets[Kind.MASK].unique().tolist()) <= {0, 1}


def test_a_mask_of_another_size_is_refused_with_both(write, save: Save, noise):
    pairs = write(*[(6, 8)] * 4)
    save(pairs[1][1], noise(shape=(6, 7), most=2))
    with pytest.raises(DataError, match="image 1 is 6x8 and its mask is 6x7; they must have one size"):
        load(stored(pairs))


def test_a_mask_that_was_not_turned_with_its_photograph_is_explained(write, tmp_path: Path, noise):
    pairs = write(*[(6, 8)] * 4, suffix=".png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise()).save(tmp_path / "0.png", exif=exif)
    with pytest.raises(
        DataError, match=r"image 0 is 8x6 and its mask is 6x8 \(the image was turned by its EXIF"
    ):
        load(stored(pairs))


def test_values_that_are_no_class_are_refused_with_the_mask(write, save: Save, noise):
    pairs = write(*[(6, 8)] * 4)
    save(pairs[2][1], noise(shape=(6, 8), most=4))
    with pytest.raises(
        DataError, match=r"the mask of image 2 has the values \{2, 3\}, and the classes are \{0, 1\}"
    ):
        load(stored(pairs))
    load(stored(pairs, ignore=(2, 3)))


def test_images_of_another_form_are_refused(write, save: Save, noise):
    pairs = write(*[(6, 8)] * 4)
    save(pairs[1][0], noise(shape=(6, 8, 3)))
    with pytest.raises(DataError, match=r"image 1 has 3 channels \(an image\), while image 0 has 1 channel"):
        load(stored(pairs))
    save(pairs[1][0], noise(shape=(6, 8), kind=np.uint16))
    with pytest.raises(DataError, match="image 1 is uint16, while image 0 is uint8; convert one of them"):
        load(stored(pairs))


@pytest.mark.parametrize("side", [0, 1])
def test_a_damaged_file_stops_with_its_place_or_is_left_out(write, side: int):
    pairs = write(*[(6, 8)] * 5)
    pairs[1][side].write_bytes(b"damaged")
    with pytest.raises(DataError, match=r"image 1 cannot be read: .*not a readable NumPy file.*--skip-bad"):
        load(stored(pairs))
    splits, facts = load(stored(pairs), skip_bad=True)
    assert facts["skipped"] == 1
    assert list(splits["train"].groups) == ["image 0", "image 2"]


def test_values_that_are_not_finite_are_refused(write, save: Save):
    pairs = write(*[(6, 8)] * 4, kind=np.float32)
    save(pairs[0][0], np.full((6, 8), np.nan, np.float32))
    with pytest.raises(DataError, match=r"image 0 cannot be read: it holds values that are not finite"):
        load(stored(pairs))


def test_a_split_of_damaged_files_only_is_refused(write):
    pairs = write(*[(6, 8)] * 4)
    pairs[3][0].write_bytes(b"")
    with pytest.raises(DataError, match="the test split has no readable image; 1 could not be read"):
        load(stored(pairs), skip_bad=True)


def test_masks_of_several_types_become_one(tmp_path: Path, save: Save, noise):
    pairs = [(save(tmp_path / f"{k}.png", noise(k)), tmp_path / f"m{k}.png") for k in range(4)]
    for k, (_, mask) in enumerate(pairs):
        red = np.zeros((6, 8, 3), np.uint8)
        red[k, k] = (255, 0, 0) if k else 0
        save(mask, red)
    splits, _ = load(stored(pairs, (0, 0xFF0000), colours=True))
    assert splits["train"].targets[Kind.MASK].unique().tolist() == [0, 0xFF0000]
