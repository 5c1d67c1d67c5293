"""`load`: finding, splitting, limiting, caching and refusing."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from netwright.data import decode, hub
from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.data.moments import moments
from netwright.data.source import find
from netwright.data.split import complete
from netwright.errors import DataError

Write = Callable[..., Path]
load = Data.load
SPLITS = ("train", "valid", "test")


def sizes(data: Data) -> list[int]:
    return [len(getattr(data, split)) for split in SPLITS]


def same(one: Data, other: Data) -> bool:
    pairs = [(getattr(one, split), getattr(other, split)) for split in SPLITS]
    return one.digest == other.digest and all(
        torch.equal(a.inputs, b.inputs) and torch.equal(a.targets[Kind.CLASS], b.targets[Kind.CLASS])
        for a, b in pairs
    )


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, decoding an image fails the test."""

    def forbid() -> None:
        monkeypatch.setattr(decode, "_pixels", lambda *_: pytest.fail("decoded again"))

    return forbid


@pytest.fixture(scope="module")
def letters(write_classes: Write, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_classes(tmp_path_factory.mktemp("data") / "letters", {"a": 40, "b": 20, "c": 20})


def test_digits_come_in_three_fixed_splits():
    data = load("digits")
    assert sizes(data) == [1257, 180, 360]
    assert data.input == (1, 8, 8)
    assert data.classes == tuple("0123456789")
    assert data.train.inputs.dtype == torch.uint8
    assert data.train.targets[Kind.CLASS].dtype == torch.int64
    torch.manual_seed(99)
    assert same(load("digits"), data)


def test_digits_are_stratified():
    data = load("digits")
    for part in (data.valid, data.test):
        share = torch.bincount(part.targets[Kind.CLASS]) / len(part)
        assert (share - torch.bincount(data.train.targets[Kind.CLASS]) / len(data.train)).abs().max() < 0.01


def test_a_folder_of_class_folders_is_a_data_set(letters: Path):
    data = load(str(letters))
    assert sizes(data) == [64, 8, 8]
    assert data.classes == ("a", "b", "c")
    assert torch.bincount(data.test.targets[Kind.CLASS]).tolist() == [4, 2, 2]
    assert data.input == (3, 5, 6)
    assert data.name == str(letters)


def test_moments_are_those_of_the_training_split_alone(letters: Path):
    for data in (load(str(letters)), load(str(letters), limit=20)):
        assert (data.mean, data.std) == moments(data.train.inputs)


def test_the_named_folder_is_searched_before_the_hub(letters: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NETWRIGHT_DATA", str(letters.parent))
    monkeypatch.setattr(hub, "stored", lambda *_: pytest.fail("asked the hub"))
    data = load("letters")
    assert data.name == "letters"
    assert data.digest == load(str(letters)).digest


def test_a_path_that_starts_with_a_dot_is_not_looked_for_in_the_named_folder(
    letters: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NETWRIGHT_DATA", str(letters.parent))
    with pytest.raises(DataError, match=r"there is no folder `\./letters`"):
        load("./letters")


def test_an_unknown_name_goes_to_the_hub_with_the_place_of_a_local_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NETWRIGHT_DATA", str(tmp_path))
    asked = []

    def stored(*arguments):
        asked.append(arguments)
        raise DataError("no network")

    monkeypatch.setattr(hub, "stored", stored)
    with pytest.raises(DataError, match="no network"):
        load("someone/cells:stain")
    assert asked == [("someone/cells", "stain", tmp_path / "someone" / "cells")]


@pytest.mark.parametrize("name", ["/no/such/folder", "no/such/folder", "~/no-such-folder"])
def test_a_missing_folder_is_refused_by_name(name: str):
    with pytest.raises(DataError, match=f"there is no folder `{name}`"):
        load(name)


@pytest.mark.parametrize("name", ["", ":label"])
def test_no_name_is_refused_and_not_taken_for_the_named_folder(
    name: str, letters: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NETWRIGHT_DATA", str(letters))
    with pytest.raises(DataError, match="the data has no name; write digits"):
        load(name)


def test_an_archive_is_found_in_the_named_folder_or_by_its_path(
    tmp_path: Path, noise, monkeypatch: pytest.MonkeyPatch
):
    np.savez(tmp_path / "cells.npz", x=noise(0, (20, 6, 8)), y=noise(1, (20, 6, 8), 2))
    monkeypatch.setenv("NETWRIGHT_DATA", str(tmp_path))
    digests = [load(name).digest for name in ("cells.npz", str(tmp_path / "cells.npz"))]
    monkeypatch.setenv("NETWRIGHT_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    assert {*digests, load("cells.npz").digest} == {digests[0]}
    with pytest.raises(DataError, match=r"there is no file `gone\.npz`"):
        load("gone.npz")


@pytest.mark.parametrize("options", [{"group": "none"}, {"dims": 3}, {"ignore": (255,)}])
def test_what_is_said_of_masks_is_refused_for_classes(letters: Path, options: dict):
    with pytest.raises(
        DataError, match=rf"`{next(iter(options))}` .* is for images with masks, and .* has classes"
    ):
        load(str(letters), **options)


def test_a_file_is_not_data(letters: Path):
    with pytest.raises(DataError, match=r"000\.png` is a file; data is a folder"):
        load(str(letters / "a" / "000.png"))


@pytest.mark.parametrize("option", ["limit", "size"])
@pytest.mark.parametrize("value", [0, -3])
def test_an_option_that_is_not_positive_is_refused_before_anything_is_read(option: str, value: int):
    with pytest.raises(DataError, match=rf"`{option}` \(={value}\) must be positive"):
        load("/no/such/folder", **{option: value})


def test_a_second_load_decodes_nothing(letters: Path, no_decoding: Callable[[], None]):
    first = load(str(letters), limit=30)
    no_decoding()
    second = load(str(letters), limit=30)
    assert same(first, second)
    assert (first.mean, first.std, first.skipped) == (second.mean, second.std, second.skipped)


def test_a_limit_decodes_no_more_than_it_takes(letters: Path, monkeypatch: pytest.MonkeyPatch):
    decoded, pixels = [], decode._pixels
    monkeypatch.setattr(decode, "_pixels", lambda *content: decoded.append(content) or pixels(*content))
    assert sizes(load(str(letters), limit=16)) == [16, 3, 3]
    assert len(decoded) == 22


def test_a_damaged_cache_is_rebuilt(letters: Path, own_cache: Path):
    first = load(str(letters))
    (path,) = own_cache.iterdir()
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    assert same(load(str(letters)), first)
    assert path.read_bytes() != content


def test_changed_content_is_decoded_anew(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path, {"a": 10, "b": 10})
    first = load(str(tmp_path))
    (tmp_path / "a" / "000.png").write_bytes((tmp_path / "b" / "003.png").read_bytes())
    assert load(str(tmp_path)).digest != first.digest


def test_the_digest_tells_limits_and_sizes_apart(letters: Path):
    options: list[dict] = [{}, {"limit": 20}, {"limit": 21}, {"size": 4}, {"size": 4, "limit": 20}]
    assert len({load(str(letters), **option).digest for option in options}) == len(options)


def test_a_limit_above_the_training_split_changes_nothing(letters: Path):
    assert same(load(str(letters), limit=64), load(str(letters)))


def test_a_limit_is_stratified_and_the_same_every_time(letters: Path):
    data = load(str(letters), limit=16)
    assert torch.bincount(data.train.targets[Kind.CLASS]).tolist() == [8, 4, 4]
    torch.manual_seed(4)
    assert same(load(str(letters), limit=16), data)


def test_a_limit_below_the_classes_is_refused(letters: Path):
    with pytest.raises(DataError, match=r"`limit` \(=2\) is less than the 3 classes"):
        load(str(letters), limit=2)


def test_a_corrupt_image_stops_with_its_file_name_or_is_counted(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path, {"a": 10, "b": 10})
    bad = tmp_path / "a" / "004.png"
    bad.write_bytes(bad.read_bytes()[:50])
    with pytest.raises(DataError, match=f"`{bad}` cannot be read"):
        load(str(tmp_path))
    data = load(str(tmp_path), skip_bad=True)
    assert data.skipped == 1
    assert sum(sizes(data)) == 19
    with pytest.raises(DataError, match=f"`{bad}` cannot be read"):  # the cache does not hide it
        load(str(tmp_path))


def test_a_broken_link_is_a_bad_image(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path, {"a": 10, "b": 10})
    (tmp_path / "a" / "link.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(DataError, match=r"link\.png` cannot be read"):
        load(str(tmp_path))
    assert load(str(tmp_path), skip_bad=True).skipped == 1


def test_a_folder_that_may_not_be_listed_is_refused_by_name(letters: Path, monkeypatch: pytest.MonkeyPatch):
    def deny(_: Path):
        raise PermissionError("permission denied")

    monkeypatch.setattr(Path, "iterdir", deny)
    with pytest.raises(DataError, match=f"`{letters}` cannot be read: permission denied"):
        load(str(letters))


def test_a_colon_in_a_folder_s_name_is_not_a_column(tmp_path: Path, write_classes: Write):
    write_classes(tmp_path / "taken-10:30", {"a": 10, "b": 10})
    assert sizes(load(str(tmp_path / "taken-10:30"))) == [16, 2, 2]


def test_a_load_that_was_killed_leaves_no_trace_in_the_result(letters: Path, own_cache: Path):
    (own_cache / ".abc.1.partial").write_bytes(b"half a file")
    assert sizes(load(str(letters))) == [64, 8, 8]


def test_local_data_imports_neither_the_hub_s_library_nor_kornia(letters: Path):
    code = (
        f"import sys; from netwright.data.examples import Data; Data.load({str(letters)!r});"
        "sys.exit(bool({'datasets', 'kornia', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


needs_data = pytest.mark.skipif("NETWRIGHT_DATA" not in os.environ, reason="NETWRIGHT_DATA is not set")


@needs_data
def test_cifar10_has_the_splits_and_the_class_order_of_the_hub():
    stored = find("cifar10")
    assert stored.classes == (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    )  # fmt: skip
    splits = complete(stored.splits, stored.held_out, "cifar10")
    counts = {name: Counter(split.targets[Kind.CLASS]) for name, split in splits.items()}
    wanted = {"train": 4500, "valid": 500, "test": 1000}
    assert counts == {name: dict.fromkeys(range(10), count) for name, count in wanted.items()}


@needs_data
def test_a_part_of_cifar10_is_decoded_once(no_decoding: Callable[[], None]):
    data = load("cifar10", limit=5000)
    assert sizes(data) == [5000, 556, 1111]
    assert data.input == (3, 32, 32)
    # Published for all original images; this is a part of them, as JPEG.
    assert data.mean == pytest.approx((0.4914, 0.4822, 0.4465), abs=0.005)
    assert data.std == pytest.approx((0.2470, 0.2435, 0.2616), abs=0.005)
    no_decoding()
    assert same(load("cifar10", limit=5000), data)
