"""Data from arrays in memory."""

import numpy as np
import pytest
import torch

from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.data.moments import moments
from netwright.errors import DataError


def test_integers_are_classes_and_are_split_in_proportion(noise):
    data = Data.of(noise(0, (60, 3, 6, 8)), np.repeat([0, 1, 2], 20))
    assert data.classes == ("0", "1", "2")
    assert data.kinds == {Kind.CLASS}
    assert [len(part) for part in (data.train, data.valid, data.test)] == [48, 6, 6]
    assert torch.bincount(data.test.targets[Kind.CLASS]).tolist() == [2, 2, 2]
    assert data.mean == pytest.approx(moments(data.train.inputs)[0])
    assert data.range == (0, 255)


def test_every_input_keeps_its_target(noise):
    values = np.arange(60)
    data = Data.of(values[:, None, None].repeat(4, 1).astype(np.int16), values % 7)
    for part in (data.train, data.valid, data.test):
        assert (part.inputs[:, 0, 0, 0] % 7).tolist() == part.targets[Kind.CLASS].tolist()


@pytest.mark.parametrize("shape", [(20, 6, 8), (20, 1, 6, 8), (20, 3, 6, 8), (20, 6, 8, 5), (20, 4, 6, 8)])
def test_maps_of_the_size_of_the_images_are_masks(noise, shape: tuple[int, ...]):
    data = Data.of(torch.from_numpy(noise(0, shape)), noise(1, (20, 6, 8), 2))
    assert data.kinds == {Kind.MASK}
    assert data.train.inputs.shape[2:] == (6, 8)
    assert data.values == (0, 1)


def test_volumes_and_signals_have_masks_too(noise):
    volumes = Data.of(noise(0, (9, 4, 6, 8)), noise(1, (9, 4, 6, 8), 2))
    assert volumes.input == (1, 4, 6, 8)
    signals = Data.of(noise(0, (9, 2, 50)).astype(np.float32), noise(1, (9, 50), 2))
    assert signals.input == (2, 50)


def test_truth_values_are_a_mask(noise):
    data = Data.of(noise(0, (9, 6, 8)), noise(0, (9, 6, 8)) > 99)
    assert data.values == (0, 1)


def test_equal_arrays_have_equal_digests(noise):
    one, two = (Data.of(noise(0, (20, 6, 8)), noise(1, (20, 6, 8), 2)) for _ in range(2))
    assert one.digest == two.digest
    assert Data.of(noise(0, (20, 6, 8)), noise(2, (20, 6, 8), 2)).digest != one.digest


class Endless:
    """Not a map-style Dataset: it has no length."""

    def __getitem__(self, k: int):
        return k


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        (np.zeros((3, 4, 4)), [0, 1], "the train split has 3 inputs and 2 targets"),
        (np.zeros((0, 4, 4)), [], "the train split has 0 inputs and 0 targets"),
        (np.zeros((9, 4, 4)), np.zeros((9, 4, 5), int), "input 0 is 4x4 and its mask is 4x5"),
        (np.zeros((9, 4, 4)), np.linspace(0, 1, 9), "the targets are float64; classes are integers"),
        (np.zeros((9, 4, 4)), np.zeros((9, 4, 4)), "the mask of input 0 is float64; masks hold integers"),
        (np.full((9, 4, 4), np.nan), np.arange(9) % 2, "input 0 holds values that are not finite"),
        (np.full((9, 4), "x"), np.arange(9) % 2, "input 0 is <U1"),
        ([np.zeros((4, 4 + k)) for k in range(9)], np.arange(9) % 2, "inputs have different shapes"),
        (np.zeros((9, 4, 4)), np.arange(9) - 1, "has the class -1; classes are"),
        (np.zeros((9, 4, 4)), np.zeros((9, 4, 4), int), "the single value 0"),
        (Endless(), None, "the train split is a Endless; give inputs and targets, or a Dataset"),
        ([1, 2, 3], None, "the items of the train split are not pairs"),
    ],
)
def test_what_does_not_belong_together_is_refused(inputs, targets, message: str):
    with pytest.raises(DataError, match=message):
        Data.of(inputs, targets)


def test_classes_that_are_named_must_hold_every_target(noise):
    with pytest.raises(DataError, match=r"`arrays` has the class 2; classes are 0\.\.1"):
        Data.of(noise(0, (9, 6, 8)), np.arange(9) % 3, classes=("a", "b"))
    with pytest.raises(DataError, match="has the value 7, which is neither a class nor ignored; name it"):
        Data.of(noise(0, (9, 6, 8)), np.full((9, 6, 8), 7), classes=("0=a", "1=b"))


def test_splits_of_two_kinds_are_refused(noise):
    masks = (noise(0, (9, 6, 8)), noise(0, (9, 6, 8), 2))
    with pytest.raises(DataError, match="one split has classes for targets and another has masks"):
        Data.of(noise(0, (9, 6, 8)), np.arange(9) % 3, test=masks)


def test_large_memory_maps_stay_on_the_disk(tmp_path):
    """Nothing is copied: what is written to the file later is what the tensor holds."""
    shapes = {"x": (1, 64, 512, 520), "m": (64, 512, 520)}
    for name, shape in shapes.items():
        np.lib.format.open_memmap(tmp_path / f"{name}.npy", "w+", np.uint8, shape)[..., :4] = 1
    volume, mask = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in shapes)
    small = ([volume[:, :8]], [mask[:8]])
    data = Data.of([volume], [mask], valid=small, test=small)
    assert not data.uniform
    assert data.values == (0, 1)
    assert isinstance(data.valid.inputs, torch.Tensor)
    np.load(tmp_path / "x.npy", mmap_mode="r+")[0, 3, 5, 7] = 99
    np.load(tmp_path / "m.npy", mmap_mode="r+")[3, 5, 7] = 98
    assert data.train.inputs[0][0, 3, 5, 7] == 99
    assert data.train.targets[Kind.MASK][0][3, 5, 7] == 98
