"""The module that predicts for a run: with other runs, and over reflections."""

import json
import warnings

import pytest
import torch
from torch import nn

from netwright.arithmetic.grid import Grid
from netwright.errors import RunError, UsageError
from netwright.prediction.ensemble import Ensemble
from netwright.prediction.flips import Flips
from netwright.prediction.network import network, reflected, shifted
from netwright.receptive.grid import grid
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, cells, data

MAPS = "unet_same(width=2, depth=1)"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder, recipe = tmp_path_factory.mktemp("runs"), Recipe(steps=1, batch=4, augment=())
    return [train(MAPS, cells(), recipe.changed(seed=seed), out=folder / str(seed)) for seed in range(2)]


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    return train(SPEC, data(), Recipe(steps=1, batch=16, augment=()), out=tmp_path_factory.mktemp("classes"))


@torch.no_grad()
def test_one_run_is_its_network_and_several_are_an_ensemble(runs):
    x = torch.randn(1, 1, 16, 16)
    first, second = (run.load() for run in runs)
    run, alone = network(runs[0].folder)
    assert run.folder == runs[0].folder
    assert torch.equal(alone(x), first(x))
    for given in (runs[1], runs[1].folder, str(runs[1].folder)):
        run, both = network(runs[0], [given])
        assert run is runs[0]
        torch.testing.assert_close(both(x), (first(x) + second(x)) / 2)
    _, vote = network(runs[0], runs[1:], "vote")
    assert vote.combine == "vote"


@torch.no_grad()
def test_an_ensemble_stands_for_its_runs(runs):
    both = Ensemble(runs, "vote")
    assert network(both) == (runs[0], both)
    run, three = network(both, [runs[0]])
    assert run is runs[0]
    assert isinstance(three.members[0], Ensemble)
    with pytest.raises(UsageError, match="none of the members of the ensemble is a run"):
        network(Ensemble([nn.Identity()]))


@torch.no_grad()
def test_every_member_is_averaged_over_reflections_before_it_votes(runs):
    x = torch.randn(1, 1, 16, 16)
    nets = [Flips(run.load()) for run in runs]
    _, vote = network(runs[0], runs[1:], "vote", flips=True)
    shares = torch.stack([net(x).argmax(1) for net in nets]).float().mean(0)
    torch.testing.assert_close(vote(x).softmax(1)[:, 1], shares, rtol=0, atol=0.0011)
    _, mean = network(runs[0], runs[1:], flips=[1])
    wanted = torch.stack([Flips(run.load(), [1])(x) for run in runs]).mean(0)
    torch.testing.assert_close(mean(x), wanted)
    both = Ensemble(runs)
    _, changed = network(both, flips=True)
    assert changed.run is both.run
    assert not any(isinstance(module, Flips) for module in both.modules())


@pytest.mark.parametrize(
    ("augment", "axes"),
    [
        ([], (0, 1)),
        (["crop(padding=2)"], (0, 1)),
        (["flip"], (1,)),
        (["flip(0.5, (0,))"], (0,)),
        (["crop(padding=2)", "flip(axes=(-2, -1))"], (0, 1)),
        (["flipper"], (0, 1)),
    ],
)
def test_the_axes_are_those_that_the_training_flipped(runs, augment, axes, tmp_path):
    about = json.loads((runs[0].folder / "run.json").read_text())
    about["resolved"]["augment"] = augment
    (tmp_path / "run.json").write_text(json.dumps(about))
    run = type(runs[0]).read(tmp_path)
    assert reflected(run) == axes


def test_classes_of_a_training_without_flips_are_a_warning(classes):
    with pytest.warns(UserWarning, match="was trained without flip; if a reflection turns one class into"):
        network(classes, flips=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(network(classes, flips=[1])[1], Flips)


def test_a_grid_that_is_not_symmetric_is_refused(runs):
    """Centres 0, 2, 4, 6 of eight pixels become 7, 5, 3, 1 in the reflection."""
    strided = nn.Conv2d(1, 2, 3, stride=2, padding=1)
    assert shifted(grid(strided, (1, 7, 9))) == ""
    assert "along axis 1 the positions" in shifted(grid(strided, (1, 7, 8)))
    assert "lie 1 pixels beside" in shifted(grid(strided, (1, 7, 8)))
    assert shifted(None) == shifted(Grid.regular((572, 572), (388, 388))) == ""
    run, given = runs[0], Ensemble([runs[0]])
    given.members[0] = strided
    with pytest.raises(UsageError, match=r"along axis 0 .* predict without flips"):
        network(given, flips=True)
    assert run.task is not None


def test_runs_that_do_not_fit_together_are_refused(runs, classes):
    with pytest.raises(RunError, match="do not fit together"):
        network(runs[0], [classes])
    with pytest.raises(RunError, match="gone"):
        network(runs[0].folder / "gone")
