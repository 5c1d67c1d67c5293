"""What a run, a spec or a module stands for when it is exported."""

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

from netwright.data.examples import Data
from netwright.errors import UsageError
from netwright.prediction.raw import Raw
from netwright.prediction.subject import subject
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, Net, data


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    recipe = Recipe(steps=2, batch=16, augment=())
    return train(SPEC, data(), recipe, out=tmp_path_factory.mktemp("run"))


def test_a_run_takes_raw_values_and_brings_its_classes(run):
    given = subject(run)
    assert isinstance(given.net, Raw)
    assert (given.input, given.low, given.high) == ((1, 8, 8), 0.0, 255.0)
    assert json.loads(given.facts["netwright.classes"]) == [str(k) for k in range(10)]
    assert json.loads(given.facts["netwright.task"])["name"] == "classification"
    assert json.loads(given.facts["netwright.summary"])["totals"]["params"] == run.params
    assert not given.net.training


def test_a_folder_stands_for_its_run(run):
    assert subject(run.folder).facts == subject(str(run.folder)).facts == subject(run).facts


def test_the_weights_are_those_that_were_asked_for(run):
    last, best = subject(run, which="last").net.net, run.load("last")
    assert all(torch.equal(a, b) for a, b in zip(last.parameters(), best.parameters(), strict=True))


def test_a_run_of_data_that_is_not_here_has_no_real_examples(run):
    assert run.data["name"] == "squares"
    assert subject(run).real is None


def test_a_run_of_data_that_is_here_brings_examples_of_it(run):
    here = replace(run, data=dict(run.data) | {"name": "digits"})
    real = subject(here).real
    assert real.shape == (8, 1, 8, 8)
    assert real.dtype == torch.float32
    assert real.max() > 1


def test_examples_are_read_as_they_were_in_the_training(run, monkeypatch):
    asked = []
    monkeypatch.setattr("netwright.prediction.subject.located", lambda name: name)
    monkeypatch.setattr(Data, "load", lambda name, **options: asked.append((name, options)) or data())
    known = dict(run.data) | {"name": "here", "options": {"size": 8}}
    assert subject(replace(run, data=known)).real is not None
    assert asked == [("here", {"size": 8})]


def test_a_module_and_a_spec_need_a_shape():
    for net in (Net(), "mlp"):
        with pytest.raises(UsageError, match="needs the shape of its `input`"):
            subject(net)


def test_a_module_is_taken_as_it_is_and_put_into_evaluation_mode():
    net = nn.Sequential(nn.Dropout(), nn.Conv2d(3, 2, 1)).train()
    given = subject(net, (3, 4, 4))
    assert given.net is net
    assert not net.training
    assert given.facts["netwright.spec"] == "Sequential"


def test_random_inputs_are_in_range_and_the_same_every_time(run):
    given = subject(run)
    first, second = (given.random(4, (8, 9)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.shape == (4, 1, 8, 9)
    assert 0 <= first.min() < 50 < 200 < first.max() <= 255
