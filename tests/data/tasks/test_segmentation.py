"""Segmentation: what it refuses, its baseline, its pictures and its files."""

import json

import numpy as np
import pytest
import torch
from torch import Tensor

from netwright.arithmetic.grid import Grid
from netwright.data import overlay
from netwright.data.examples import Data, Split
from netwright.data.kinds import IGNORE, Kind
from netwright.data.losses import cross_entropy, dice, tversky
from netwright.data.task import Task
from netwright.data.tasks.segmentation import Segmentation
from netwright.errors import DataError, RecipeError


def data(
    *masks: Tensor,
    classes: int = 2,
    values: tuple[int, ...] = (),
    ignore: tuple[int, ...] = (),
    dims: int = 2,
) -> Data:
    """A data set with these masks for training and testing, or with a random one."""
    drawn = masks or (torch.randint(0, classes, (1, *(8,) * dims), dtype=torch.uint8),) * 2
    train, test = (
        Split(torch.zeros(len(mask), 1, *mask.shape[1:], dtype=torch.uint8), {Kind.MASK: mask})
        for mask in drawn
    )
    names = tuple(map(str, values or range(classes)))
    return Data("tiny", names, train, train, test, (0.5,), (0.5,), "digest", values=values, ignore=ignore)


def test_segmentation_fulfils_the_protocol():
    task: Task = Segmentation(("off", "on"))
    assert task.name == "segmentation"
    assert task.monitor in task.metrics()
    assert not task.metrics()[task.monitor].lower_is_better


def test_the_loss_is_dice_and_cross_entropy_unless_named():
    output, target = torch.randn(2, 2, 5, 5), torch.randint(-1, 2, (2, 5, 5))
    task = Segmentation.from_data(data())
    torch.testing.assert_close(
        task.loss(output, target), dice(output, target) + cross_entropy(output, target)
    )
    named = Segmentation.from_data(data(), loss="tversky")
    assert torch.equal(named.loss(output, target), tversky(output, target))
    with pytest.raises(RecipeError, match="did you mean tversky"):
        Segmentation.from_data(data(), loss="tverski")


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((10,), "needs a map with 2 axes"),
        ((2, 4, 8, 8), "needs a map with 2 axes"),
        ((), "a scalar; tiny needs a map"),
        ((1, 8, 8), "needs 2 channels, one for each class. One channel with a sigmoid is written as two"),
        ((3, 8, 8), "3x8x8; tiny needs 2 channels"),
    ],
)
def test_an_output_that_does_not_fit_is_refused_with_the_remedy(shape, words):
    assert words in Segmentation.from_data(data()).check(shape, data())


def test_an_output_that_fits_is_accepted_also_if_it_is_smaller():
    assert Segmentation.from_data(data()).check((2, 4, 4), data()) == ""
    assert Segmentation.from_data(data(dims=3)).check((2, 8, 8, 8), data(dims=3)) == ""
    assert "2 classes, tiny has 3" in Segmentation.from_data(data()).check((2, 4, 4), data(classes=3))


def test_the_valid_unet_is_trained_on_the_central_388_of_572_pixels():
    mask = torch.arange(572 * 572).reshape(1, 572, 572) % 2
    grid = Grid.regular((572, 572), (388, 388))
    task = Segmentation(("0", "1"))
    encoded = task.encode({Kind.MASK: mask}, grid)
    assert torch.equal(encoded, mask[:, 92:480, 92:480])
    decoded = task.decode(task.ideal(encoded), grid)[Kind.MASK]
    assert decoded.shape == mask.shape
    assert (decoded != IGNORE).sum() == 388**2


def test_the_baseline_is_the_most_frequent_class_of_training_on_the_test_split():
    train = torch.zeros(2, 10, 10, dtype=torch.uint8)
    train[:, :2] = 255
    train[:, 2:7] = 9
    test = torch.zeros(1, 10, 10, dtype=torch.uint8)
    test[:, :4] = 255
    test[:, 4] = 9
    baseline = Segmentation.from_data(data(train, test, values=(0, 255), ignore=(9,))).baseline(
        data(train, test, values=(0, 255), ignore=(9,))
    )
    # 50 of the 90 positions that count are of class 0, and 40 of class 255
    assert baseline["pixel_error"] == pytest.approx(40 / 90)
    assert baseline["dice"] == pytest.approx((2 * 50 / (90 + 50) + 0) / 2)
    assert baseline["iou"] == pytest.approx((50 / 90 + 0) / 2)


def test_the_baseline_takes_masks_of_different_sizes_one_at_a_time():
    masks = [torch.zeros(5, 7, dtype=torch.int32), torch.ones(40, 3, dtype=torch.int32)]
    split = Split([torch.zeros(1, *mask.shape) for mask in masks], {Kind.MASK: masks})
    ragged = Data("ragged", ("0", "1"), split, split, split, (0.5,), (0.5,), "digest")
    assert Segmentation.from_data(ragged).baseline(ragged)["pixel_error"] == pytest.approx(35 / 155)


@pytest.mark.parametrize("shape", [(6, 7), (3, 6, 7)])
def test_the_prediction_is_written_in_the_users_values_and_type(tmp_path, shape):
    stored = torch.randint(0, 2, (2, *shape), dtype=torch.int16) * 700
    task = Segmentation.from_data(data(stored, stored, values=(0, 700)))
    mask = torch.randint(0, 2, shape)
    task.write({Kind.MASK: mask}, tmp_path / "mask.npy")
    read = np.load(tmp_path / "mask.npy")
    assert read.dtype == np.int16
    assert np.array_equal(read, mask.numpy() * 700)


def test_positions_without_a_prediction_are_written_as_ignored_or_refused(tmp_path):
    mask = torch.tensor([[IGNORE, 0], [1, 1]])
    Segmentation(("a", "b"), values=(4, 5), ignore=(9,)).write({Kind.MASK: mask}, tmp_path / "mask.npy")
    assert np.load(tmp_path / "mask.npy").tolist() == [[9, 4], [5, 5]]
    with pytest.raises(DataError, match="leaves out 1 of 4 positions"):
        Segmentation(("a", "b")).write({Kind.MASK: mask}, tmp_path / "other.npy")
    assert not (tmp_path / "other.npy").exists()


@pytest.mark.parametrize("shape", [(6, 8), (3, 6, 8)])
def test_the_picture_shows_the_prediction_beside_the_truth(shape):
    truth = torch.zeros(shape, dtype=torch.int64)
    truth[..., 4:] = 1
    predicted = torch.zeros_like(truth)
    image = torch.rand(1, *shape)
    task = Segmentation(("off", "on"))
    alone = task.draw(image, {Kind.MASK: predicted})
    both = task.draw(image, {Kind.MASK: predicted}, {Kind.MASK: truth})
    assert alone.dtype == both.dtype == torch.uint8
    assert alone.shape == (3, 6, 8)
    assert both.shape == (3, 6, 32)
    assert torch.equal(both[:, :, 12:16], both[:, :, :4]), "class 0 is the image on both sides"
    assert not torch.equal(both[:, :, 16:20], both[:, :, 4:8])
    assert torch.equal(both[:, :, 24:28], both[:, :, :4]), "what is right is the image in the third picture"


def test_the_settings_hold_all_that_a_prediction_needs():
    task = Segmentation.from_data(data(values=(0, 255), ignore=(7,)), loss="dice")
    assert json.loads(json.dumps(task.settings())) == {
        "classes": ["0", "255"],
        "loss": "dice",
        "values": [0, 255],
        "ignore": [7],
        "dtype": "uint8",
    }


def test_a_prediction_for_a_signal_is_drawn_as_a_band():
    predicted, truth = ({Kind.MASK: torch.tensor([0, each, 1])} for each in (1, 0))
    picture = Segmentation(("rest", "beat")).draw(torch.zeros(1, 3), predicted, truth)
    right, wrong = picture[:, :, -3], picture[:, :, -2]
    assert right.unique().tolist() == [0]
    assert wrong.unique(dim=1).flatten().tolist() == list(overlay.WRONG)
