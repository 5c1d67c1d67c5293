"""The worst examples: which they are, and what is written."""

import json
from math import nan

import numpy as np
import pytest
from PIL import Image
from scipy.sparse import csr_array

from netwright.data.metrics.confusion import Confusion, mean_dice
from netwright.data.scale import Scale
from netwright.errors import UsageError
from netwright.prediction.evaluate import evaluate
from netwright.prediction.scores import Worst
from netwright.prediction.worst import caption, ranked
from netwright.training.recipe import Recipe
from netwright.training.run import train
from netwright.training.states import Counted
from tiny import SPEC, cells, data


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(SPEC, data(), Recipe(steps=6, batch=16, augment=()), out=tmp_path_factory.mktemp("run"))


def counted(matrices, losses) -> Counted:
    states = csr_array(np.array(matrices, float).reshape(len(losses), -1))
    metric = Confusion(2, mean_dice)
    return Counted(0.0, {"dice": metric}, {"dice": states}, np.array(losses), (), len(losses))


def test_the_worst_come_first_by_the_metric_and_of_equal_ones_by_the_loss():
    right, wrong, half = [[2, 0], [0, 2]], [[0, 2], [2, 0]], [[1, 1], [1, 1]]
    known = counted([half, right, wrong, right], [0.1, 0.2, 0.3, 0.9])
    higher = Scale(lower_is_better=False)
    assert ranked(known, "dice", higher) == [(2, 0.0), (0, 0.5), (3, 1.0), (1, 1.0)]
    assert [number for number, _ in ranked(known, "loss", Scale())] == [3, 2, 1, 0]


def test_an_example_without_a_value_is_not_the_worst():
    known = counted([[[1, 0], [0, 1]]] * 2, [float("nan"), 0.1])
    assert ranked(known, "loss", Scale()) == [(1, 0.1)]


def test_the_highest_loss_is_the_worst_where_the_metric_has_no_value_of_an_example():
    known = counted([[[1, 0], [0, 1]]] * 3, [0.2, 0.9, 0.1])
    assert ranked(known, "split", Scale(lower_is_better=False)) == [(1, 0.9), (0, 0.2), (2, 0.1)]
    assert caption(Worst("", 1, "", nan, 0.9), Scale(label="split")) == ["example 1", "loss 0.900"]


def test_the_folder_has_a_sheet_single_pictures_and_the_scores(run, tmp_path):
    done = evaluate(run, data(), out=tmp_path / "new" / "out", worst=3)
    folder = tmp_path / "new" / "out"
    names = [f"worst-{rank}-example-{each.example}.png" for rank, each in enumerate(done.worst, 1)]
    assert sorted(path.name for path in folder.iterdir()) == sorted(["scores.json", "worst.png", *names])
    assert [each.file for each in done.worst] == names
    assert json.loads((folder / "scores.json").read_text()) == json.loads(json.dumps(done.to_json()))
    for name in ["worst.png", *names]:
        with Image.open(folder / name) as picture:
            assert min(picture.size) >= 160


def test_the_list_has_the_class_that_is_true_and_the_one_that_was_predicted(run, tmp_path):
    known = data()
    worst = evaluate(run, known, out=tmp_path, worst=40).worst
    targets = known.test.targets["class"]
    assert sorted(each.example for each in worst) == list(range(40))
    assert all(each.true == known.classes[targets[each.example]] for each in worst)
    assert all((each.value == 1) == (each.true != each.predicted) for each in worst)
    losses = [each.loss for each in worst if each.value == 1]
    assert losses == sorted(losses, reverse=True)


def test_pictures_of_an_earlier_evaluation_are_replaced_and_other_files_stay(run, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    evaluate(run, data(), out=tmp_path, worst=4)
    done = evaluate(run, data(), out=tmp_path, worst=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["notes.txt", "scores.json", "worst.png", done.worst[0].file]
    )
    evaluate(run, data(), out=tmp_path, worst=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "scores.json"]


def test_a_folder_that_cannot_be_written_is_named(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"file/out` cannot be written: .*name another folder by `out`"):
        evaluate(run, data(), out=tmp_path / "file" / "out")


def test_of_masks_the_metric_of_the_example_is_listed(tmp_path):
    run = train("unet_same(width=2, depth=1)", cells(), Recipe(steps=2, augment=()), out=tmp_path / "run")
    done = evaluate(run, cells(), out=tmp_path / "out")
    assert [each.true for each in done.worst] == [None, None]
    first, last = (each.value for each in done.worst)
    assert first <= done["dice"] <= last


@pytest.mark.parametrize(
    ("worst", "panels", "lines"),
    [
        (Worst("", 7, "row 3 of a/b.parquet", 0.0, 0.2, "3", "3"), "", "3, recognised"),
        (Worst("", 7, "a/b.png", 1.0, 0.2, "3", "8"), "", "3 taken for 8"),
        (Worst("", 7, "", 0.5, 0.2), "left, right", "Dice 0.500"),
    ],
)
def test_the_caption_says_what_was_predicted(worst, panels, lines):
    text = caption(worst, Scale(label="Dice"), panels)
    assert text[1] == lines
    assert text[0].startswith("example 7")
    assert (panels in text) == bool(panels)
