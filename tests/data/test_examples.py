"""`Data`: from names, from folders, from arrays and from a Dataset."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind
from netwright.errors import DataError


def split(*shapes: tuple[int, ...]) -> Split:
    tensors = tuple(torch.zeros(shape) for shape in shapes)
    return Split(tensors, {Kind.MASK: tensors})


def test_the_input_of_ragged_data_is_the_smallest_along_each_axis():
    one = split((2, 9, 5), (2, 4, 8))
    data = Data("x", ("a", "b"), one, one, one, (0.0,), (1.0,), "d")
    assert (data.input, data.channels, data.uniform) == ((2, 4, 5), 2, False)
    assert data.kinds == {Kind.MASK}


def test_a_name_loads():
    assert len(Data.load("digits").train) == 1257


def test_the_options_that_were_given_are_kept_so_that_the_data_can_be_loaded_again():
    known = Data.load("digits", limit=40, size=6)
    assert known.options == {"limit": 40, "size": 6}
    assert Data.load("digits", **known.options).digest == known.digest
    assert Data.load("digits").options == {}


def test_examples_know_where_they_come_from():
    places = Data.load("digits", limit=40).test.places
    assert all(place.endswith(" of digits") for place in places)
    assert len(set(places)) == len(places) > 5


def test_every_choice_reaches_the_files(tmp_path: Path, save: Callable, noise):
    for k in range(20):
        save(tmp_path / "images" / f"p{k % 4}_{k}.png", noise(k, (9, 8)))
        save(
            tmp_path / "masks" / f"p{k % 4}_{k}.png",
            np.where(noise(k, (9, 8), 3) == 2, 255, noise(k, (9, 8), 2)),
        )
    data = Data.load(
        str(tmp_path), layout="pairs", task="segmentation", classes=("a", "b"), ignore=(255,), group=r"p\d",
        limit=6, size=5, max_pixels=100, skip_bad=True,
    )  # fmt: skip
    assert (data.classes, data.values, data.ignore) == (("a", "b"), (0, 1), (255,))
    assert data.input == (1, 5, 5)
    assert len(data.train) == 6
    assert not set(data.train.groups) & (set(data.valid.groups) | set(data.test.groups))
    with pytest.raises(DataError, match="and the limit is"):
        Data.load(str(tmp_path), ignore=(255,), max_pixels=10)


@pytest.mark.skipif("NETWRIGHT_DATA" not in __import__("os").environ, reason="NETWRIGHT_DATA is not set")
def test_isbi_2012_is_segmentation_in_blocks():
    data = Data.load("isbi2012")
    assert data.layout == "30 pairs, 512x512 grey, values {0, 255} → 2 classes; 20 train, 4 valid, 6 test"
    assert data.input == (1, 512, 512)
    assert data.train.targets[Kind.MASK].shape == (20, 512, 512)
    share = (
        (torch.cat([p.targets[Kind.MASK] for p in (data.train, data.valid, data.test)]) == 0).float().mean()
    )
    assert share == pytest.approx(0.22, abs=0.01)  # of membrane, as its page says


class Cells(Dataset):
    def __len__(self) -> int:
        return 24

    def __getitem__(self, k: int):
        image = torch.full((3, 6 + k % 2, 8), k / 24)
        return image, (image[0] > 0.5).long()


def test_a_dataset_of_masks_of_two_sizes():
    data = Data.of(Cells(), classes=("out", "in"), name="cells")
    assert (data.name, data.classes, data.channels, data.uniform) == ("cells", ("out", "in"), 3, False)
    assert sum(map(len, (data.train, data.valid, data.test))) == 24
    for image, mask in zip(data.train.inputs, data.train.targets[Kind.MASK], strict=True):
        assert torch.equal(mask, (image[0] > 0.5).long())


def test_arrays_with_splits_of_their_own(noise):
    one, two = (noise(0, (20, 6, 8)), np.arange(20) % 3), (noise(1, (5, 6, 8)), np.arange(5) % 3)
    data = Data.of(*one, valid=two, test=two, ignore=())
    assert [len(part) for part in (data.train, data.valid, data.test)] == [20, 5, 5]
    assert data.layout == "30 images, 6x8 grey, 3 classes; 20 train, 5 valid, 5 test"
    assert data.values == ()
