"""A predictor reads stored values and gives what the network of the run gives."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from torch import nn

from netwright.errors import RunError
from netwright.prediction.ensemble import Ensemble
from netwright.prediction.predictor import Predictor
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, Net, data


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    recipe = Recipe(steps=2, batch=16, augment=())
    return train(SPEC, data(), recipe, out=tmp_path_factory.mktemp("run"))


@pytest.mark.parametrize("given", [lambda run: run, lambda run: run.folder, lambda run: str(run.folder)])
def test_stored_values_give_the_outputs_of_the_run(run, given):
    predictor, known = Predictor.of(given(run)), data()
    mean, std = (torch.tensor(each).view(1, -1, 1, 1) for each in (known.mean, known.std))
    raw = known.test.inputs[:6]
    with torch.no_grad():
        wanted = run.load()((raw / 255 - mean) / std)
    found = predictor(predictor.prepare(raw))
    assert not found.requires_grad
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
    assert predictor.input == (1, 8, 8)


def test_the_weights_are_those_that_are_asked_for(run):
    for which in ("best", "last"):
        for mine, wanted in zip(
            Predictor.of(run, which=which).net.state_dict().values(),
            run.load(which).state_dict().values(),
            strict=True,
        ):
            assert torch.equal(mine, wanted)


def test_a_run_of_a_module_needs_the_network(tmp_path):
    net = Net()
    done = train(net, data(), Recipe(steps=1, batch=16, augment=()), out=tmp_path / "run")
    with pytest.raises(RunError, match="give the network by `net`"):
        Predictor.of(done)
    assert isinstance(Predictor.of(done, net=Net()).net, nn.Module)


def test_several_runs_and_reflections_are_a_predictor_too(run):
    raw = data().test.inputs[:6]
    alone = Predictor.of(run)
    wanted = alone(alone.prepare(raw))
    for given, others in ((run, [run.folder]), (Ensemble([run, run]), ())):
        both = Predictor.of(given, others)
        assert both.run is run
        torch.testing.assert_close(both(both.prepare(raw)), wanted, rtol=1e-4, atol=1e-5)
    flipped = Predictor.of(run, flips=[1])
    mirrored = alone(alone.prepare(raw.flip(3)))
    torch.testing.assert_close(flipped(flipped.prepare(raw)), (wanted + mirrored) / 2, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("part", "harm", "reason"),
    [
        ("resolved", {"device": "cuda:7"}, "device"),
        ("resolved", {"precision": "nonsense"}, "precision"),
        ("data", {"std": [float("nan")]}, "one finite number for each of the 1 channels"),
        ("data", {"mean": [0.5, 0.5]}, "one finite number for each of the 1 channels"),
        ("data", {"classes": ["cat"]}, "those of its data are cat"),
    ],
)
def test_a_run_that_was_edited_is_refused(run, tmp_path, part, harm, reason):
    copy = Path(shutil.copytree(run.folder, tmp_path / "run"))
    about = json.loads((copy / "run.json").read_text())
    about[part] |= harm
    (copy / "run.json").write_text(json.dumps(about))
    with pytest.raises(RunError, match=reason):
        Predictor.of(copy)
