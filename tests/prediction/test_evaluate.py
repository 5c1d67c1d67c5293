"""`nw.evaluate`: values, intervals, classes, confusions, and what it refuses."""

from dataclasses import replace

import pytest
import torch

import netwright as nw
from cells import data as ragged
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.errors import DataError, RunError, UsageError
from netwright.prediction.evaluate import data_of, evaluate, folder_of
from netwright.training.evaluation import evaluation
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, Net, cells, data

SHORT = Recipe(steps=6, batch=16, augment=())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(SPEC, data(), SHORT, out=tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def scores(run):
    return nw.evaluate(run, data())


@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_the_values_are_those_of_the_run(run, part):
    found = evaluate(run.folder, data(), part)
    assert {"loss": found.loss} | {name: each.value for name, each in found.metrics.items()} == run.evaluate(
        data(), part
    )
    assert (found.part, found.epoch, found.examples) == (part, run.best["epoch"], len(getattr(data(), part)))


def test_classes_and_confusions_are_counted_as_in_a_loop(run, scores):
    known = data()
    pairs = [
        (int(truth), int(output.argmax()))
        for _, outputs, targets in evaluation(run, known, run.load()).batches("test")
        for output, truth in zip(outputs, targets, strict=True)
    ]
    for index, each in enumerate(scores.classes):
        mine = [predicted for true, predicted in pairs if true == index]
        assert (each.name, each.count) == (str(index), len(mine))
        wrong = sum(predicted != index for predicted in mine)
        assert each.scores["error"].value == pytest.approx(wrong / len(mine))
    found = {(each.true, each.predicted): each.count for each in scores.confusions}
    wrong = [(str(true), str(predicted)) for true, predicted in pairs if true != predicted]
    assert found == {pair: wrong.count(pair) for pair in wrong}
    counts = [each.count for each in scores.confusions]
    assert counts == sorted(counts, reverse=True)
    assert scores.unit == "examples"


def test_every_class_has_an_interval_even_one_that_is_never_wrong(scores):
    for each in scores.classes:
        error = each.scores["error"]
        assert 0 <= error.low < error.high <= 1
        assert error.low <= error.value <= error.high


def test_the_baseline_is_that_of_the_split(run):
    uneven = replace(data(), valid=Split(data().valid.inputs[:4], {Kind.CLASS: torch.tensor([0, 0, 0, 1])}))
    assert evaluate(run, uneven, "valid").baseline.values == {"error": 0.25}
    assert evaluate(run, uneven).baseline.values == run.baseline.values


@pytest.mark.parametrize(
    ("changed", "part", "note"),
    [
        ({}, "test", ""),
        ({}, "train", "the network was trained on this split"),
        ({}, "valid", "the best epoch was chosen on this split"),
        ({"digest": "other"}, "test", "the content of squares is not that of the training"),
        ({"digest": "other", "name": "circles"}, "valid", "the run was trained on squares, not on this data"),
    ],
)
def test_a_note_says_what_the_numbers_are_worth(run, changed, part, note):
    notes = evaluate(run, replace(data(), **changed), part).notes
    assert len(notes) == bool(note)
    assert "".join(notes).startswith(note)


def test_other_data_is_refused_by_name(run):
    with pytest.raises(RunError, match="its examples are 3x8x8, those of the training were 1x8x8"):
        evaluate(run, data(channels=3))
    with pytest.raises(RunError, match="its classes are 0, 1; those of the training were 0, 1, 2"):
        evaluate(run, data(classes=2))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"part": "all"}, r"`part` \(=all\) must be one of train, valid, test"),
        ({"worst": -1}, r"`worst` \(=-1\) is a number of pictures"),
    ],
)
def test_wrong_use_is_refused(run, options, reason):
    with pytest.raises(UsageError, match=reason):
        evaluate(run, data(), **options)


def test_by_default_the_data_is_that_of_the_training(run):
    asked = []
    run = replace(run, data={**run.data, "options": {"limit": 80, "classes": ["a"]}})

    def load(name, **options):
        asked.append((name, options))
        if name == "squares":
            raise DataError("there is none")
        return data()

    with pytest.raises(
        DataError, match=r"the data of the training, `squares`, .* \(there is none\); name it"
    ):
        data_of(run, None, load)
    assert data_of(run, "mine", load).name == "squares"
    assert asked == [("squares", {"limit": 80, "classes": ["a"]}), ("mine", {})]


def test_nothing_is_written_without_a_folder(run, scores):
    assert (scores.folder, scores.worst) == (None, ())
    assert not (run.folder / "evaluation").exists()
    assert folder_of(run, "data/my cells", "valid", ["flips"]) == run.folder / "evaluation" / (
        "my-cells-valid-flips"
    )


def test_a_folder_of_other_pictures_is_refused_before_anything_is_drawn(run, tmp_path):
    (tmp_path / "mine.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"holds other pictures, such as `mine.png`; give another folder"):
        evaluate(run, data(), out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.png"]


def test_groups_are_resampled_together_and_the_result_says_so(run):
    known = data()
    grouped = replace(known, test=replace(known.test, groups=[str(k // 2) for k in range(40)]))
    assert evaluate(run, grouped).over == "20 groups of 40 examples"
    volume = replace(known, test=replace(known.test, groups=["volume"] * 40))
    assert "too narrow" in evaluate(run, volume).over


def test_a_run_of_a_module_takes_its_network(tmp_path):
    run = train(Net(), data(), SHORT, out=tmp_path)
    with pytest.raises(RunError, match="give the network by `net`"):
        evaluate(run, data())
    found = evaluate(run, data(), net=Net(), which="last")
    assert (found["error"], found.epoch) == (run.final["test"]["error"], run.final["epoch"])


def test_runs_are_evaluated_together_and_over_reflections(run, tmp_path):
    other = train(SPEC, data(), SHORT.changed(seed=1), out=tmp_path)
    both = evaluate(run, data(), others=[other])
    ready = evaluation(run, data(), nw.Ensemble([run, other]))
    outputs = torch.cat([output for _, output, _ in ready.batches("test")])
    wrong = (outputs.argmax(1) != data().test.targets[Kind.CLASS]).float().mean()
    assert both["error"] == wrong
    assert (both.name, both.epoch) == ("the mean of 2 networks", None)
    assert evaluate(nw.Ensemble([run, other], combine="vote"), data()).name == "the vote of 2 networks"
    flipped = evaluate(run, data(), flips=(0,))
    assert flipped.name == f"the mean of {SPEC} over reflections"
    assert flipped.loss != run.best["test"]["loss"]


def test_masks_have_scores_of_classes_outlines_and_regions(tmp_path):
    run = train("unet_same(width=2, depth=1)", cells(), Recipe(steps=3, augment=()), out=tmp_path)
    found = evaluate(run, cells())
    known = run.details(cells())
    for name in ("boundary_f", "v_rand", "v_info", "threshold"):
        assert found.details[name].value == pytest.approx(known[name])
    for each in found.classes:
        assert each.scores["dice"].value == pytest.approx(known[f"dice of {each.name}"])
    assert (found.unit, sum(each.count for each in found.classes)) == ("positions", 2 * 16 * 16)
    assert found.metrics["dice"].value == run.best["test"]["dice"]


def test_images_of_different_sizes_are_evaluated_by_windows(tmp_path):
    recipe = Recipe(steps=2, batch=2, patch=(16, 16), augment=(), device="cpu")
    known = ragged(2, smallest=24, largest=24)
    run = train("unet_same(width=2, depth=1)", known, recipe, out=tmp_path)
    found = evaluate(run, known)
    assert {name: each.value for name, each in found.metrics.items()} == {
        name: value for name, value in run.best["test"].items() if name != "loss"
    }
    assert found.over == "3 examples, which are few, so the intervals are too narrow"
    assert [each.name for each in found.classes] == ["background", "box", "speck"]
