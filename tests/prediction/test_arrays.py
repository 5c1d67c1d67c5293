"""Arrays in memory: in any usual arrangement, with the targets that the outputs stand for."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import label

from netwright.errors import DataError
from netwright.prediction import codes
from netwright.prediction.arrays import classified, examples, masked
from netwright.prediction.classes import Classes
from netwright.prediction.predict import predict
from netwright.prediction.predictor import Predictor
from netwright.prediction.tiling import tiling
from netwright.prediction.work import Options

GREY, COLOUR, SIGNAL = (1, 8, 8), (3, 8, 8), (6, 50)


@pytest.mark.parametrize(
    ("shape", "input", "wanted"),
    [
        ((5, 1, 8, 8), GREY, [(1, 8, 8)] * 5),
        ((5, 8, 8), GREY, [(1, 8, 8)] * 5),
        ((1, 8, 8), GREY, [(1, 8, 8)]),
        ((8, 8), GREY, [(1, 8, 8)]),
        ((3, 8, 8), COLOUR, [(3, 8, 8)]),
        ((8, 9, 3), COLOUR, [(3, 8, 9)]),
        ((2, 8, 9, 3), COLOUR, [(3, 8, 9)] * 2),
        ((2, 6, 50), SIGNAL, [(6, 50)] * 2),
        ((6, 40), SIGNAL, [(6, 40)]),
    ],
)
def test_one_array_is_one_input_or_several(shape, input, wanted):
    assert [one.shape for one in examples(np.zeros(shape), input)] == wanted
    assert [one.shape for one in examples(torch.zeros(shape), input)] == wanted


def test_a_sequence_holds_one_input_each():
    given = [np.zeros((8, 8)), torch.zeros(1, 9, 7, dtype=torch.float16), np.zeros((4, 4), bool)]
    found = examples(given, GREY)
    assert [one.shape for one in found] == [(1, 8, 8), (1, 9, 7), (1, 4, 4)]
    assert [str(one.dtype) for one in found] == ["float64", "float32", "uint8"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (np.array([["a"]]), "the array is <U1 of 1x1"),
        (3, "the input is a int"),
        ([np.zeros((0, 8))], "array 0 is float64 of 0x8"),
    ],
)
def test_what_is_no_array_is_refused(given, reason):
    with pytest.raises(DataError, match=reason):
        examples(given, GREY)


def test_classes_come_in_the_order_of_the_arrays(any_size_run, squares):
    work = Classes(Predictor.of(any_size_run), None, Options())
    images = list(squares.test.inputs[:12].numpy())
    images[3:3] = [np.zeros((1, 9, 12), np.uint8)]
    found = classified(work, images)
    assert found.targets["class"].dtype == torch.int64
    for number, image in enumerate(images):
        alone = classified(work, [image])
        assert found.targets["class"][number] == alone.targets["class"][0]
        assert found[number].file == str(number)
        assert found[number].probability == pytest.approx(alone[0].probability, rel=1e-4)


def test_masks_are_those_of_the_network(masks_run, cells):
    stored = cells.test.inputs
    found = masked(Predictor.of(masks_run), list(stored.numpy()), Options())
    mean, std = cells.mean[0], cells.std[0]
    with torch.no_grad():
        wanted = masks_run.load()((stored / 255 - mean) / std).argmax(1)
    assert torch.equal(found.targets["mask"], wanted)
    assert found[0].shares["cell"] == pytest.approx(float((wanted[0] == 1).float().mean()))


def test_masks_of_other_shapes_are_a_sequence(masks_run):
    arrays = [np.zeros((1, 16, 16), np.uint8), np.zeros((1, 21, 18), np.uint8)]
    found = masked(Predictor.of(masks_run), arrays, Options())
    assert [tuple(mask.shape) for mask in found.targets["mask"]] == [(16, 16), (21, 18)]


def test_what_does_not_fit_is_refused_by_its_number(masks_run):
    arrays = [np.zeros((1, 16, 16), np.uint8), np.zeros((3, 16, 16), np.uint8)]
    with pytest.raises(DataError, match="array 1 does not fit the run: it is 3x16x16"):
        masked(Predictor.of(masks_run), arrays, Options())


def test_the_row_says_why_a_mask_is_inexact(masks_run, cells, monkeypatch):
    monkeypatch.setattr(
        codes, "tiling", lambda *given: replace(tiling(*given), inexact="short", notes=("n",))
    )
    (row,) = masked(Predictor.of(masks_run), [cells.test.inputs[0].numpy()], Options())
    assert (row.inexact, row.notes) == ("short", ("n",))
    assert row.remarks == ("inexact: short", "n")


def test_small_regions_are_absorbed_in_arrays_and_files_alike(masks_run, cells, tmp_path):
    stored = cells.test.inputs[0, 0].numpy()
    np.save(tmp_path / "x.npy", stored)
    predictor = Predictor.of(masks_run)
    plain = predict(predictor, stored).targets["mask"]
    found = predict(predictor, stored, components=60).targets["mask"]
    predict(predictor, tmp_path / "x.npy", out=tmp_path / "out", components=60)
    assert not torch.equal(found, plain)
    assert np.array_equal(np.load(tmp_path / "out/x.npy") == 255, found[0] == 1)
    for value in (0, 1):
        assert min(np.bincount(label(found[0] == value)[0].ravel())[1:], default=60) >= 60
