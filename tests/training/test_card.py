"""The model card that a training leaves in its folder."""

import shutil
from dataclasses import replace

import pytest

from netwright.study.compare import compare
from netwright.training import card as module
from netwright.training.card import publish
from netwright.training.model_card.facts import Facts
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.run import train
from tiny import SPEC, data

RECIPE = Recipe(steps=3, batch=16, augment=())


def test_a_finished_training_leaves_a_card_and_what_was_measured(finished):
    facts = Facts.read(finished.folder)
    assert facts.network is not None
    assert facts.data is not None
    assert facts.metrics["error"].value == finished.best["test"]["error"]
    assert len(facts.classes["error"]) == 10
    assert (finished.folder / "card.md").read_text().startswith("---\nlibrary_name: netwright\n")


@pytest.mark.parametrize(
    ("part", "missing"),
    [("Network.of", "network"), ("Sizes.of", "data"), ("scores", "metrics")],
)
def test_what_cannot_be_measured_is_a_warning_and_the_rest_is_there(tmp_path, monkeypatch, part, missing):
    def fail(*_):
        raise RuntimeError("no memory")

    monkeypatch.setattr(f"netwright.training.card.{part}", fail)
    with pytest.warns(UserWarning, match=r"the model card lacks the .*RuntimeError: no memory"):
        run = train(SPEC, data(), RECIPE, out=tmp_path)
    facts = vars(Facts.read(tmp_path))
    assert run.finished
    assert facts.pop(missing) is None
    facts.pop("classes")
    assert None not in facts.values()
    assert (tmp_path / "card.md").exists()


def test_a_card_that_cannot_be_written_does_not_spoil_the_training(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "publish", full)
    with pytest.warns(UserWarning, match="the model card was not written: .*No space left"):
        assert train(SPEC, data(), RECIPE, out=tmp_path).finished


def test_a_training_that_goes_on_replaces_the_card(tmp_path):
    recipe = Recipe(epochs=1, batch=16, augment=(), schedule="constant")
    first = train(SPEC, data(), recipe, out=tmp_path)
    before = first.card()
    again = train(SPEC, data(), recipe.changed(epochs=2), out=tmp_path, resume=True)
    assert again.card() != before
    assert again.card() == (tmp_path / "card.md").read_text() == (tmp_path / "README.md").read_text()
    assert "- **epochs:** 2" in again.card()


def test_a_finished_run_that_is_read_keeps_its_card(tmp_path):
    train(SPEC, data(), RECIPE, out=tmp_path)
    for name in ("card.md", "README.md"):
        (tmp_path / name).write_text("mine")
    train(SPEC, data(), RECIPE, out=tmp_path, resume=True)
    assert (tmp_path / "card.md").read_text() == "mine"


def test_the_readme_of_somebody_else_stays(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    publish(tmp_path, "card")
    assert ((tmp_path / "README.md").read_text(), (tmp_path / "card.md").read_text()) == ("mine", "card")
    (tmp_path / "README.md").unlink()
    publish(tmp_path, "card")
    publish(tmp_path, "newer card")
    assert (tmp_path / "README.md").read_text() == (tmp_path / "card.md").read_text() == "newer card"


def test_the_runs_of_a_study_have_no_card_until_it_is_asked_for(tmp_path):
    compare({"net": SPEC}, data(), RECIPE, seeds=1, out=tmp_path / "study", jobs=1)
    [folder] = [path.parent for path in (tmp_path / "study").rglob("run.json")]
    assert not (folder / "card.md").exists()
    assert "## Known limits" in Run.read(folder).card()


def test_a_copy_with_links_as_the_hub_stores_it_is_read(finished, tmp_path):
    """The cache of the Hub holds links to files that are named by their digests; no file is written there."""
    blobs, folder = shutil.copytree(finished.folder, tmp_path / "blobs"), tmp_path / "snapshot"
    folder.mkdir()
    for file in blobs.iterdir():
        if file.is_file():
            (folder / file.name).symlink_to(file)
    run = Run.read(folder)
    assert run.card() == finished.card()
    assert run.evaluate(data()) == finished.best["test"]
    assert replace(run, folder=finished.folder) == finished
