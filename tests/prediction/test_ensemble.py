"""Several networks as one: combined outputs, units of other runs, and what does not fit together."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import netwright as nw
from netwright.errors import RunError, ShapeError, SpecError, UsageError
from netwright.prediction.ensemble import Ensemble
from netwright.training.evaluation import evaluation
from netwright.training.job import measured
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, cells, data

MAPS = "unet_same(width=2, depth=1)"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Three runs of one task: the second of other examples, the third of the range 0..1 and floats."""
    folder, given = tmp_path_factory.mktemp("runs"), [data(), data(seed=1)]
    splits = {
        part: replace(split, inputs=split.inputs.float() / 255)
        for part in ("train", "valid", "test")
        for split in [getattr(given[1], part)]
    }
    given.append(replace(given[1], **splits, mean=(0.5,), std=(0.125,), range=(0.0, 1.0)))
    return [
        train(SPEC, each, Recipe(steps=2, batch=16, augment=(), seed=seed), out=folder / str(seed))
        for seed, each in enumerate(given)
    ]


@pytest.fixture(scope="module")
def maps(tmp_path_factory):
    folder, recipe = tmp_path_factory.mktemp("maps"), Recipe(steps=1, batch=4, augment=())
    return [train(MAPS, cells(), recipe.changed(seed=seed), out=folder / str(seed)) for seed in range(2)]


def nets(count=3, classes=5):
    torch.manual_seed(0)
    return [nn.Sequential(nn.Flatten(), nn.Linear(6, classes)).eval() for _ in range(count)]


@torch.no_grad()
def outputs(members, x):
    return torch.stack([member(x) for member in members])


@torch.no_grad()
def test_modules_are_combined_as_numpy_combines_their_outputs():
    x, members = torch.randn(7, 6), nets()
    each = outputs(members, x).numpy()
    assert torch.allclose(Ensemble(members)(x), torch.from_numpy(each.mean(0)))
    assert torch.allclose(Ensemble(members, "maximum")(x), torch.from_numpy(each.max(0)))


@torch.no_grad()
def test_a_softmax_of_a_vote_returns_the_shares_of_the_votes():
    x, members = torch.randn(40, 6), nets(5)
    shares = torch.zeros(40, 5)
    for output in outputs(members, x):
        for row, values in enumerate(output.tolist()):
            shares[row, values.index(max(values))] += 1 / 5
    found = Ensemble(members, "vote")(x)
    assert torch.isfinite(found).all()
    assert torch.allclose(found.softmax(1), shares, atol=0.0011)
    assert (shares[range(40), found.argmax(1)] == shares.amax(1)).all()


@torch.no_grad()
def test_the_mean_probability_decides_between_classes_of_equally_many_votes():
    class Says(nn.Module):
        def __init__(self, *logits):
            super().__init__()
            self.logits = torch.tensor([logits])

        def forward(self, x):
            return self.logits

    sure, torn = Says(0.0, 0.0, 9.0), Says(0.2, 0.0, 0.1)
    for members in ([sure, torn], [torn, sure]):
        assert Ensemble(members, "vote")(torch.zeros(1)).argmax().item() == 2
    certain = Ensemble([Says(0.0, -500.0), Says(0.0, -500.0)], "vote")(torch.zeros(1))
    assert torch.isfinite(certain).all()


@torch.no_grad()
@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 4, 5), (2, 3, 4, 5, 2)])
def test_votes_are_taken_at_each_position_of_a_map(shape):
    x, members = torch.randn(shape), [nn.Identity(), nn.Tanh(), nn.Softsign()]
    assert torch.equal(Ensemble(members, "vote")(x).argmax(1), x.argmax(1))


@torch.no_grad()
def test_halves_vote_in_single_precision_and_doubles_stay_doubles():
    x = torch.randn(4, 6)
    members = [net.to(torch.bfloat16) for net in nets()]
    assert Ensemble(members, "vote")(x.to(torch.bfloat16)).dtype == torch.float32
    doubles = [net.double() for net in nets()]
    assert {Ensemble(doubles, how)(x.double()).dtype for how in ("mean", "vote", "maximum")} == {
        torch.float64
    }


@torch.no_grad()
def test_a_module_counts_as_often_as_it_is_given_and_has_its_weights_once():
    one, two = nets(2)
    both, x = Ensemble([one, one, two]), torch.randn(3, 6)
    assert torch.allclose(both(x), (2 * one(x) + two(x)) / 3)
    assert sum(p.numel() for p in both.parameters()) == 2 * (6 * 5 + 5)


@torch.no_grad()
def test_an_ensemble_is_a_member_of_another(runs):
    inner = Ensemble(runs[1:])
    outer, x = Ensemble([runs[0], inner]), torch.randn(4, 1, 8, 8)
    assert inner.run is runs[1]
    raw = x * runs[0].data["std"][0] + runs[0].data["mean"][0]
    theirs = (raw - runs[1].data["mean"][0]) / runs[1].data["std"][0]
    wanted = (runs[0].load()(x) + inner(theirs)) / 2
    torch.testing.assert_close(outer(x), wanted, rtol=1e-4, atol=1e-5)
    assert "combine='mean'" in repr(outer)


@torch.no_grad()
@pytest.mark.parametrize("how", ["mean", "vote", "maximum"])
def test_each_run_reads_what_it_was_trained_on(runs, how):
    """Stored bytes are normalised by each run's own numbers, written out by hand, and combined."""
    stored = data().test.inputs[:9]
    logits = []
    for run, raw in zip(runs, (stored / 255, stored / 255, stored.float()), strict=True):
        mean, std = run.data["mean"][0], run.data["std"][0]
        logits.append(run.load()((raw - mean) / std))
    chances = torch.stack([each.softmax(1) for each in logits])
    mean, std = runs[0].data["mean"][0], runs[0].data["std"][0]
    found = Ensemble(runs, how)((stored / 255 - mean) / std)
    if how == "mean":
        wanted = chances.log().mean(0).softmax(1)
    elif how == "vote":
        wanted = F.one_hot(chances.argmax(2), 10).float().mean(0) * 0.999 + chances.mean(0) * 0.001
    else:
        wanted = chances.amax(0) / chances.amax(0).sum(1, keepdim=True)
    torch.testing.assert_close(found.softmax(1), wanted, rtol=1e-3, atol=1e-5)


def test_only_a_run_of_other_units_is_converted(runs):
    members = Ensemble([runs[0], runs[0], runs[1]]).members
    assert [type(member).__name__ for member in members] == ["Net", "Net", "Raw"]


@torch.no_grad()
def test_folders_specs_and_modules_are_members(runs):
    x = torch.randn(2, 1, 8, 8)
    first = runs[0].load()
    for folder in (runs[0].folder, str(runs[0].folder)):
        assert torch.equal(Ensemble([folder])(x), first(x))
    mixed = Ensemble([nn.Sequential(first), runs[0], "mlp"])
    assert mixed.run.folder == runs[0].folder
    assert mixed(x).shape == (2, 10)
    last = Ensemble([runs[0]], which="last")
    torch.testing.assert_close(last(x), runs[0].load("last")(x))


def test_a_run_of_a_module_brings_its_network(tmp_path):
    given = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    run = train(given, data(), Recipe(steps=1, batch=16, augment=()), out=tmp_path / "run")
    x, again = torch.randn(2, 1, 8, 8), nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    torch.testing.assert_close(Ensemble([run], nets=[again])(x), run.load(net=again)(x))
    with pytest.raises(RunError, match="give the network by `net`"):
        Ensemble([run])
    with pytest.raises(UsageError, match=r"`nets` has 1 networks for 2 members"):
        Ensemble([run, run], nets=[again])
    with pytest.raises(UsageError, match="`nets` gives a network for a Sequential, which is not a run"):
        Ensemble([given], nets=[again])


def test_members_are_put_into_evaluation_mode():
    net = nn.Sequential(nn.Linear(6, 5), nn.Dropout())
    assert not Ensemble([net.train()]).training
    assert not net.training


@pytest.mark.parametrize(
    ("members", "options", "reason"),
    [
        ([], {}, "at least one member"),
        ("runs/a", {}, "`members` is a str; give a list"),
        (nn.Sequential(nn.Identity()), {}, "`members` is a Sequential; give a list"),
        ([nn.Identity()], {"combine": "median"}, r"`combine` \(=median\) must be one of mean, vote, maximum"),
        ([3], {}, "a member of an ensemble is a int"),
    ],
)
def test_wrong_use_is_refused_in_one_line(members, options, reason):
    with pytest.raises(UsageError, match=reason):
        Ensemble(members, **options)


def test_a_folder_without_a_run_and_an_unknown_spec_are_refused(tmp_path):
    with pytest.raises(RunError, match="gone"):
        Ensemble([Path(tmp_path / "gone")])
    with pytest.raises(SpecError, match="no model is called `resnet21`"):
        Ensemble(["resnet21"])


def test_runs_that_do_not_fit_together_are_refused_by_name(runs, maps):
    first = runs[0]

    def other(**changes):
        return replace(first, data=dict(first.data) | changes)

    for run, reason in (
        (maps[0], "the task `segmentation` is not the task `classification`"),
        (other(input=[3, 8, 8]), "one reads 3x8x8, the other 1x8x8"),
        (other(input=[1, 8]), "one reads 1x8, the other 1x8x8"),
        (other(classes=list("abcdefghij")), "the classes a, b, c, .* are not 0, 1, 2"),
        (replace(first, outputs=11), "one gives 11 outputs, the other 10"),
    ):
        with pytest.raises(RunError, match=f"`{first.folder}` and `{run.folder}` do not fit.*{reason}"):
            Ensemble([first, run])


def test_outputs_that_do_not_fit_together_are_refused(runs):
    x = torch.zeros(2, 6)
    with pytest.raises(ShapeError, match="member 2 gives 2x4 for an input of 2x6, and the first one 2x5"):
        Ensemble([*nets(1), *nets(1, classes=4)])(x)
    with pytest.raises(ShapeError, match="a vote is between classes along axis 1, and the output is 2x1"):
        Ensemble(nets(2, classes=1), "vote")(x)

    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(UsageError, match="member 2 gives a tuple"):
        Ensemble([nn.Identity(), Pair()])(x)


def test_an_ensemble_is_summarised_and_checked_as_any_network(runs):
    both = nw.Ensemble(runs[:2])
    whole, one = nw.summary(both, (1, 8, 8)), nw.summary(runs[0].load(), (1, 8, 8))
    assert whole.params == 2 * one.params
    assert whole.macs == 2 * one.macs
    assert [f for f in nw.check(both, (1, 8, 8)) if f.severity == "error"] == []


@pytest.mark.parametrize("how", ["vote", "maximum"])
def test_an_ensemble_of_runs_is_exported_as_a_run_is(runs, how, tmp_path):
    both = nw.Ensemble(runs[:2], how)
    done = nw.export(both, tmp_path / "net.pt2")
    assert done.difference < 1e-4
    extra = {"netwright.classes": ""}
    program = torch.export.load(str(tmp_path / "net.pt2"), extra_files=extra).module()
    raw = data().test.inputs[:5].float()
    mean, std = runs[0].data["mean"][0], runs[0].data["std"][0]
    with torch.no_grad():
        torch.testing.assert_close(program(raw), both((raw / 255 - mean) / std), rtol=1e-3, atol=1e-4)
    assert extra["netwright.classes"].startswith('["0", "1"')


def test_an_ensemble_of_maps_keeps_its_size_free(maps, tmp_path):
    done = nw.export(nw.Ensemble(maps), tmp_path / "net.pt2")
    assert done.input == ("batch", 1, "size0", "size1")


def test_an_ensemble_is_evaluated_as_the_network_of_a_run(runs):
    run, given = runs[0], data()
    alone = run.evaluate(given)
    again = evaluation(run, given, Ensemble([run, run]))
    scores = replace(again, metrics=measured(again.task, again.fabric.device))("test")
    assert scores == pytest.approx(alone, rel=1e-5)
