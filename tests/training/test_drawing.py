"""Drawn examples: whole ones, put together from tiles, padded, and parts of what is too large."""

import pytest
import torch

from cells import data as ragged
from netwright.data.kinds import IGNORE, Kind, class_indices
from netwright.training import drawing
from netwright.training.drawing import Drawing
from netwright.training.evaluation import evaluation
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, cells, data

WINDOWS = Recipe(batch=1, steps=2, patch=(16, 16), augment=(), device="cpu")


@pytest.fixture(scope="module")
def tiled(tmp_path_factory):
    """The evaluation of images of several tiles, and its data."""
    known = cells(6, 40)
    run = train("unet_same(width=2, depth=1)", known, WINDOWS, out=tmp_path_factory.mktemp("run"))
    return evaluation(run, known, run.load()), known


def test_an_example_of_several_tiles_is_predicted_as_the_whole_image_is(tiled):
    ready, known = tiled
    loader = ready.loader
    assert len(loader.parts((1, 40, 40))) > 1
    draw = Drawing(ready, known, "test")
    for number in range(2):
        drawn = draw(number)
        with torch.no_grad():
            whole = ready.net(loader.units.normalised(loader.units(known.test.inputs[number][None])))
        assert torch.equal(drawn.predicted[Kind.MASK], whole.argmax(1)[0])
        true = class_indices(known.test.targets[Kind.MASK][number], known.values)
        assert torch.equal(drawn.true[Kind.MASK], true)
        assert (drawn.number, drawn.part, drawn.picture.shape[1]) == (number, False, 40)


def test_an_example_smaller_than_a_window_is_drawn_without_its_padding(tmp_path):
    known = ragged(3, smallest=20, largest=24)
    recipe = WINDOWS.changed(patch=(32, 32))
    run = train("unet_same(width=2, depth=1)", known, recipe, out=tmp_path)
    drawn = Drawing(evaluation(run, known, run.load()), known, "valid")(1)
    sides = tuple(known.valid.inputs[1].shape[1:])
    assert drawn.predicted[Kind.MASK].shape == drawn.true[Kind.MASK].shape == sides
    assert drawn.picture.shape[1] == sides[0]
    assert (drawn.predicted[Kind.MASK] != IGNORE).all()


def test_of_an_example_that_is_too_large_the_worst_tile_is_drawn(tiled, monkeypatch):
    ready, known = tiled
    monkeypatch.setattr(drawing, "LARGEST", 100)
    drawn = Drawing(ready, known, "test")(1)
    assert drawn.part
    losses = [
        (ready.task.loss(output, target).item(), batch)
        for batch, output, target in ready.batches("test")
        if list(batch.numbers) == [1]
    ]
    worst = max(losses, key=lambda each: each[0])[1]
    assert torch.equal(drawn.true[Kind.MASK], worst.targets[Kind.MASK][0])


def test_volumes_are_drawn_by_tiles_too(tmp_path):
    known = ragged(1, dims=3, smallest=24, largest=24)
    recipe = WINDOWS.changed(patch=(8, 8, 8))
    run = train("unet_same(width=2, depth=1, dims=3)", known, recipe, out=tmp_path)
    ready = evaluation(run, known, run.load())
    assert any(batch.tile is not None and batch.weight < 1 for batch in ready.loader.evaluate("test"))
    drawn = Drawing(ready, known, "test")(2)
    assert drawn.predicted[Kind.MASK].shape == known.test.inputs[2].shape[1:]
    assert drawn.picture.dtype == torch.uint8


def test_of_classes_the_example_of_that_number_is_drawn(tmp_path):
    run = train(SPEC, data(), Recipe(steps=2, batch=16, augment=()), out=tmp_path)
    ready = evaluation(run, data(), run.load())
    outputs = torch.cat([output for _, output, _ in ready.batches("test")])
    for number in (0, 17, 39):
        drawn = Drawing(ready, data(), "test")(number)
        assert drawn.true[Kind.CLASS] == data().test.targets[Kind.CLASS][number]
        assert drawn.predicted[Kind.CLASS] == outputs[number].argmax()
        inner = drawn.picture[:, 1:-1, 1:-1].int() - data().test.inputs[number].int()
        assert inner.abs().max() <= 1, "the frame hides no pixel"
