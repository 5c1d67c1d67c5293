"""Examples of one size are loaded whole, others by windows, and a training takes either."""

import json

import pytest
import torch

import cells
import tiny
from netwright.errors import RecipeError
from netwright.spec import load
from netwright.training.job import launch
from netwright.training.loader import Loader
from netwright.training.patches import Patches
from netwright.training.placement import placed
from netwright.training.recipe import Recipe
from netwright.training.run import train

SPEC = "unet_same(width=4, depth=1)"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_CACHE", str(tmp_path / "cache"))


def loader(data, **options):
    recipe = Recipe(device="cpu", augment=(), **options).resolved(data)
    return placed(
        launch("cpu", "32-true"), data, recipe, load(SPEC, input=(data.channels, 16, 16), classes=3)
    )


def test_the_data_decide_where_the_recipe_does_not():
    assert isinstance(loader(tiny.data()), Loader)
    assert isinstance(loader(tiny.data(), patch=None), Loader)
    assert isinstance(loader(tiny.data(), patch=(4, 4)), Patches)
    assert isinstance(loader(cells.data()), Patches)


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (None, "the inputs of cells differ in size or are not in memory, so they need windows"),
        ((16,), r"`patch` \(=\(16,\)\) must have a size for each of the 2 axes of cells"),
        ((16, 0), r"`patch` \(=\(16, 0\)\) must have a size for each"),
    ],
)
def test_a_patch_that_does_not_fit_the_data_is_refused(patch, message):
    with pytest.raises(RecipeError, match=message):
        loader(cells.data(), patch=patch)


def test_the_batch_follows_from_the_size_of_the_windows():
    assert Recipe(augment=()).resolved(cells.data(smallest=300, largest=400)).batch == 8
    assert Recipe(augment=(), batch=3).resolved(cells.data()).batch == 3


OPTIONS = {"batch": 2, "patch": (16, 24), "augment": (), "lr": 0.02, "device": "cpu"}


def test_a_training_on_ragged_images_is_written_and_evaluated_as_a_whole(tmp_path):
    data = cells.data()
    run = train(SPEC, data, Recipe(epochs=2, **OPTIONS), out=tmp_path / "run")
    assert run.evaluate(data)["loss"] == pytest.approx(run.final["test"]["loss"], rel=1e-5)
    about = json.loads((tmp_path / "run" / "run.json").read_text())
    assert about["data"]["input"] == [1, 16, 24]
    assert about["resolved"]["patch"] == [16, 24]


def test_a_training_on_windows_resumes_to_the_same_weights(tmp_path):
    data = cells.data()
    once = train(SPEC, data, Recipe(epochs=2, save_every=3, **OPTIONS), out=tmp_path / "once")

    def stop(event):
        if getattr(event, "step", 0) == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(SPEC, data, Recipe(epochs=2, save_every=3, **OPTIONS), out=tmp_path / "twice", listeners=[stop])
    twice = train(SPEC, data, Recipe(epochs=2, save_every=3, **OPTIONS), out=tmp_path / "twice", resume=True)
    first, second = once.load("last").state_dict(), twice.load("last").state_dict()
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_a_training_on_volumes_of_16_bits_learns(tmp_path):
    data = cells.data(dims=3, dtype=torch.uint16, largest=30)
    recipe = Recipe(steps=40, batch=2, patch=(16, 16, 16), augment=(), lr=0.05, device="cpu")
    run = train("unet_same(width=4, depth=1, dims=3)", data, recipe, out=tmp_path / "run")
    assert run.final["valid"]["pixel_error"] < 0.05
    assert run.epochs[0]["train"]["loss"] > run.final["valid"]["loss"]
