"""Whole studies on a few images: fairness, continuation, growth, failures."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.errors import RunError, SpecError, UsageError
from netwright.spec import load
from netwright.study.candidate import Candidate
from netwright.study.compare import _shares, _tickets, compare
from netwright.study.progress import StudyEnded, StudyStarted, TrialAdvanced, TrialEnded
from netwright.study.result import Study
from netwright.study.trial import Key
from netwright.training import pictures
from netwright.training.listener import Listener
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from study.examples import OPTIONS, arm, design
from tiny import cells

RECIPE = Recipe(device="cpu", epochs=2, batch=16, augment=())
RECIPES = {"slow": RECIPE, "fast": RECIPE.changed(lr=0.5)}


def wide() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def narrow() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def broken() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(63, 10))


DESIGNS = {"wide": wide, "narrow": narrow}


def metrics(study: Study) -> dict:
    return {
        Key(arm.design, arm.recipe, trial.seed): [(row["train"], row["test"]) for row in trial.epochs]
        for arm in study.arms
        for trial in arm.trials
    }


@pytest.fixture(scope="session")
def whole(tiny, tmp_path_factory) -> tuple[Study, list]:
    """Two designs with two recipes from two seeds, trained once; and the events that were sent."""
    events: list = []
    out = tmp_path_factory.mktemp("study") / "whole"
    return compare(DESIGNS, tiny, RECIPES, seeds=2, out=out, listeners=[events.append]), events


@pytest.fixture
def copy(whole, tmp_path) -> Path:
    """A copy of the whole study, to be extended or damaged."""
    return Path(shutil.copytree(whole[0].folder, tmp_path / "copy"))


def test_every_design_is_trained_with_every_recipe_from_every_seed(whole):
    study, _ = whole
    assert set(metrics(study)) == {
        Key(name, recipe, seed) for name in DESIGNS for recipe in RECIPES for seed in (0, 1)
    }
    assert [design.params for design in study.designs] == [64 * 32 + 32 + 330, 650]
    assert not study.failed
    assert len(study.verdicts) == 4


def test_the_result_is_on_disk(whole):
    study, _ = whole
    assert study.headline.split()[0] in study.page.read_text()
    facts = json.loads((study.folder / "study.json").read_text())
    assert [facts["recipes"][name]["lr"] for name in RECIPES] == [0.1, 0.5]
    for folder in ("narrow", "narrow@fast"):
        assert (study.folder / "runs" / folder / "seed-1" / "metrics.jsonl").is_file()


def test_the_events_tell_of_every_trial_from_start_to_end(whole):
    study, events = whole
    kinds = [type(event) for event in events if not isinstance(event, TrialAdvanced)]
    assert kinds == [StudyStarted, *[TrialEnded] * 8, StudyEnded]
    assert sum(events[0].shares.values()) == pytest.approx(1)
    for key in metrics(study):
        done = [event.done for event in events if isinstance(event, TrialAdvanced) and event.key == key]
        assert done == [0.0, 0.5, 1.0]
    assert events[-1].study == study


def test_a_study_of_one_recipe_is_the_same_part_of_a_study_of_two(whole, tiny, tmp_path):
    alone = compare({"narrow": narrow}, tiny, RECIPES["fast"], seeds=1, out=tmp_path)
    assert metrics(alone)["narrow", "recipe", 0] == metrics(whole[0])["narrow", "fast", 0]


def test_a_design_that_fails_does_not_stop_the_others(tiny, tmp_path):
    study = compare({"broken": broken, "narrow": narrow}, tiny, RECIPE, seeds=1, out=tmp_path)
    assert study.failed
    assert "cannot read inputs of 1x8x8" in study.arms[0].failures[0]
    assert study.spread(study.arms[1], "test").seeds == 1
    assert "broken failed" in study.page.read_text()


def test_an_interrupted_study_goes_on_and_repeats_nothing(whole, tiny, tmp_path):
    def stop(event) -> None:
        if isinstance(event, TrialAdvanced) and (event.key, event.epoch) == (Key("wide", "fast", 1), 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(DESIGNS, tiny, RECIPES, seeds=2, out=tmp_path, listeners=[stop])
    events: list = []
    continued = compare(DESIGNS, tiny, RECIPES, seeds=2, out=tmp_path, listeners=[events.append])
    assert events[0].finished == 5
    assert (("wide", "fast", 1), 0.5) in [(e.key, e.done) for e in events if isinstance(e, TrialAdvanced)]
    assert metrics(continued) == metrics(whole[0])


def test_a_study_grows_by_designs_recipes_and_seeds(whole, copy, tiny):
    """Only what is asked for is trained; everything that was there stays, in its place."""
    other = RECIPE.changed(lr=0.02)
    events: list = []
    grown = compare({"deep": narrow}, tiny, {"other": other}, seeds=3, out=copy, listeners=[events.append])
    assert set(events[0].shares) == {Key("deep", "other", seed) for seed in range(3)}
    assert [(arm.design, arm.recipe, len(arm.trials)) for arm in grown.arms] == [
        ("wide", "slow", 2), ("wide", "fast", 2), ("narrow", "slow", 2), ("narrow", "fast", 2),
        ("deep", "other", 3),
    ]  # fmt: skip
    assert list(grown.recipes) == ["slow", "fast", "other"]
    assert metrics(whole[0]).items() <= metrics(grown).items()
    assert (copy / "runs" / "deep@other" / "seed-2").is_dir()


def test_a_finished_study_trains_nothing_and_stays_the_same(copy, tiny):
    before = Study.read(copy)
    events: list = []
    assert compare(DESIGNS, tiny, RECIPES, seeds=2, out=copy, listeners=[events.append]) == before
    assert [type(event) for event in events] == [StudyStarted, StudyEnded]
    assert (events[0].shares, events[0].finished) == ({}, 8)


def test_a_known_recipe_is_not_trained_again_under_another_name(copy, tiny):
    events: list = []
    compare(
        {"narrow": narrow}, tiny, {"renamed": RECIPES["fast"]}, seeds=2, out=copy, listeners=[events.append]
    )
    assert (events[0].shares, events[0].finished) == ({}, 2)


def test_an_installed_listener_receives_the_study_and_of_each_run(tiny, tmp_path, monkeypatch):
    """A listener is made for one run, so each run has its own, which is notified after the run has ended."""
    made: list[list] = []

    def installed(name: str) -> Listener:
        assert name == "noted"
        made.append([])
        return made[-1].append

    monkeypatch.setattr("netwright.training.listener._installed", installed)
    study = compare({"narrow": narrow}, tiny, RECIPE, seeds=2, out=tmp_path, listeners=["noted"])
    of_study, *of_runs = made
    kinds = [type(event) for event in of_study if not isinstance(event, TrialAdvanced)]
    assert kinds == [StudyStarted, TrialEnded, TrialEnded, StudyEnded]
    for (started, ended), trial in zip(of_runs, study.arms[0].trials, strict=True):
        assert (started.folder, started.rows) == (tmp_path / trial.folder, trial.epochs)
        assert (started.step, started.total, started.batches) == (6, 6, 3)
        assert started.about["recipe"]["seed"] == trial.seed
        assert ended.state == "finished"


def test_a_recipe_with_a_function_is_trained_in_this_process_and_kept(tiny, tmp_path, monkeypatch):
    """Such a recipe cannot be sent to a worker; the study records the name of the function."""

    def serve(tickets, *arguments, **options):
        assert not tickets
        yield from ()

    monkeypatch.setattr("netwright.study.compare.serve", serve)
    recipes = {"rms": RECIPE.changed(optimizer=torch.optim.RMSprop, lr=0.001)}
    study = compare(["mlp(hidden=(8,))"], tiny, recipes, seeds=1, out=tmp_path)
    assert not study.failed
    assert study.recipes["rms"]["optimizer"].endswith("RMSprop")
    events: list = []
    assert (
        compare(["mlp(hidden=(8,))"], tiny, recipes, seeds=1, out=tmp_path, listeners=[events.append])
        == study
    )
    assert events[0].finished == 1


def test_failed_trials_are_tried_again(tiny, tmp_path):
    healthy = [False]

    def moody() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 10), Mood(healthy))

    assert compare({"moody": moody}, tiny, RECIPE, seeds=1, out=tmp_path).failed
    healthy[0] = True
    assert not compare({"moody": moody}, tiny, RECIPE, seeds=1, out=tmp_path).failed


class Mood(nn.Module):
    def __init__(self, healthy: list[bool]):
        super().__init__()
        self.healthy = healthy

    def forward(self, x):
        if self.training and not self.healthy[0]:
            raise RuntimeError("not today")
        return x

    def extra_repr(self) -> str:
        return "always the same"


def test_another_recipe_of_the_same_name_is_refused_and_changes_nothing(copy, tiny):
    before = (copy / "study.json").read_bytes()
    with pytest.raises(RunError, match=r"`lr` \(=0.3\) was 0.1"):
        compare({"narrow": narrow}, tiny, {"slow": RECIPE.changed(lr=0.3)}, seeds=1, out=copy)
    assert (copy / "study.json").read_bytes() == before


@pytest.mark.parametrize(
    ("designs", "options", "error", "reason"),
    [
        (["mlp", "resnt20"], {}, SpecError, "did you mean"),
        (["mlp", "mlp"], {}, UsageError, "a design twice"),
        ([], {}, UsageError, "must be a list of specs"),
        (["mlp"], {"seeds": 0}, UsageError, r"`seeds` \(=0\)"),
        (["mlp"], {"jobs": 0}, UsageError, r"`jobs` \(=0\)"),
        (["mlp"], {"recipes": {}}, UsageError, "must be a Recipe"),
        (["mlp"], {"recipes": {"a": {"lr": 1}}}, UsageError, "must be a Recipe"),
        (["mlp"], {"recipes": {"a": RECIPE, "b": RECIPE}}, UsageError, "recipes a and b are equal"),
        (["mlp"], {"recipes": {"a": RECIPE, "b": RECIPE.changed(seed=1)}}, UsageError, r"`seed` \(=0, 1\)"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_written(tiny, tmp_path, designs, options, error, reason):
    with pytest.raises(error, match=reason):
        compare(designs, tiny, out=tmp_path / "s", **options)
    assert not (tmp_path / "s").exists()


def test_without_a_folder_the_study_has_one_of_its_data_and_first_recipe(tiny, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    first = compare({"narrow": narrow}, tiny, RECIPE, seeds=1)
    assert first.folder.parent == Path("studies")
    assert first.folder.name.startswith("tiny-")
    assert capfd.readouterr().err == f"study: {first.folder}\n"
    grown = compare({"narrow": narrow}, tiny, RECIPES, seeds=1)
    assert grown.folder == first.folder
    assert list(grown.recipes) == ["recipe", "fast"]


def test_a_study_needs_nothing_that_only_linux_has(tiny, tmp_path, monkeypatch):
    """On macOS and Windows `os` cannot tell the cores of a process."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert not compare({"narrow": narrow}, tiny, RECIPE, seeds=1, out=tmp_path).failed


def test_specs_train_in_processes_and_functions_here_to_the_same_end(tiny, tmp_path):
    """The result does not depend on where a design is trained, nor on how many are trained at a time."""
    spec = "mlp(hidden=(8,))"
    designs = {"spec": spec, "function": lambda: load(spec, input=tiny.input, classes=10)}
    rows = metrics(compare(designs, tiny, RECIPE, seeds=2, out=tmp_path, jobs=2))
    for seed in (0, 1):
        assert rows["spec", "recipe", seed] == rows["function", "recipe", seed]


def test_nothing_that_a_study_in_the_folder_names_is_built(copy, tiny, monkeypatch):
    """Specs to train come from the caller; those in the file are only compared with them."""
    called: list = []
    monkeypatch.setattr(os, "system", called.append)
    facts = json.loads((copy / "study.json").read_text())
    facts["designs"][0] |= {"name": "wide", "spec": "os:system('echo hello')"}
    (copy / "study.json").write_text(json.dumps(facts))
    grown = compare({"narrow": narrow}, tiny, RECIPES, seeds=2, out=copy)
    assert grown.designs[0].spec == "os:system('echo hello')"
    assert "os:system(&#x27;echo hello&#x27;)" in grown.page.read_text()
    with pytest.raises(RunError, match=r"design wide \(=wide\) was os:system"):
        compare(DESIGNS, tiny, RECIPES, seeds=2, out=copy)
    assert called == []


def test_seed_by_seed_and_the_most_expensive_design_first(make):
    study = make(arm("small"), designs=[design("small", 10), design("large", 1000), design("odd", None)])
    chosen = [Candidate(each.name, "mlp") for each in study.designs]
    keys = [ticket.key for ticket in _tickets(study, chosen, {"standard": RECIPE, "b": RECIPE}, [0, 1])]
    assert keys == [
        Key(name, recipe, seed)
        for seed in (0, 1)
        for name in ("large", "small", "odd")
        for recipe in ("standard", "b")
    ]


def test_every_trial_has_a_folder_of_its_own_inside_the_study(make):
    study = make(arm("a/b"), arm("a b"), recipes={"../x": OPTIONS, "seed-0": OPTIONS})
    chosen = [Candidate(each.name, "mlp") for each in study.designs]
    tickets = _tickets(study, chosen, {"../x": RECIPE, "seed-0": RECIPE}, [0, 1])
    assert len({ticket.folder for ticket in tickets}) == 8
    assert all(ticket.path.resolve().is_relative_to(study.folder / "runs") for ticket in tickets)


def test_shares_follow_the_multiply_accumulates_of_the_whole_training(make):
    study = make(arm("small"), designs=[design("small", 300), design("large", 900), design("odd", None)])
    chosen = [Candidate(each.name, "mlp") for each in study.designs]
    steps = RECIPE.changed(steps=study.data["train"] * 6 // 16)
    tickets = _tickets(study, chosen, {"standard": RECIPE, "long": RECIPE.changed(epochs=4), "6": steps}, [0])
    shares = _shares(study, tickets)
    assert sum(shares.values()) == pytest.approx(1)
    large = shares["large", "standard", 0]
    assert large == pytest.approx(3 * shares["small", "standard", 0])
    assert shares["odd", "standard", 0] == pytest.approx(large / 10)
    assert shares["large", "long", 0] == pytest.approx(2 * large)
    assert shares["large", "6", 0] == pytest.approx(3 * large, rel=0.01)
    assert _shares(study, []) == {}


class Filter(nn.Module):
    """One layer of filters for two classes."""

    def __init__(self, kernel: int):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, kernel, padding=kernel // 2)

    def forward(self, x):
        return self.conv(x)


def test_a_segmentation_study_judges_by_dice_and_shows_predictions_beside_the_truth(tmp_path):
    """A filter of 5x5 against one of 1x1, on cells between dark membranes."""
    data = cells()
    designs = {"wide": lambda: Filter(5), "point": lambda: Filter(1)}
    study = compare(designs, data, RECIPE.changed(batch=4, epochs=4), seeds=2, out=tmp_path)
    assert (study.task.name, study.task.monitor) == ("segmentation", "dice")
    assert not study.failed
    best = max(study.arms, key=lambda arm: study.spread(arm, "test").mean)
    worst = min(study.arms, key=lambda arm: study.spread(arm, "test").mean)
    assert study.verdicts[0].better in (best.design, None)
    assert worst.design in study.verdicts[0].text
    assert "points" not in study.headline
    page = study.page.read_text()
    assert "baseline (most frequent class everywhere): Dice" in str(study)
    assert page.count("data:image/jpeg;base64,") == 6
    for each in study.arms:
        for trial in each.trials:
            run = Run.read(tmp_path / trial.folder)
            ends = [row["valid"]["dice"] for row in run.epochs]
            assert run.best["valid"]["dice"] == max(ends)
            shown = {picture.rank: picture.value for picture in pictures.read(run.folder)}
            assert shown["worst"] <= shown["median"] <= shown["best"]


@pytest.mark.usefixtures("workers_in_process")
def test_a_segmentation_study_of_specs_is_trained_from_what_workers_read(tmp_path):
    """Two U-Nets, one epoch each: the masks reach the workers."""
    recipe = RECIPE.changed(batch=6, epochs=1)
    spec = "unet_same(width=2, depth=1)"
    study = compare([spec, "unet_same(width=4, depth=1)"], cells(), recipe, seeds=1, jobs=2, out=tmp_path)
    assert not study.failed, study.arms
    assert study.designs[0].macs < study.designs[1].macs
    assert study.spread(study.arms[0], "test").seeds == 1


@pytest.mark.usefixtures("workers_in_process")
def test_images_of_several_sizes_are_compared_by_windows_from_what_workers_read(tmp_path):
    """The cost is that of one window, and the pictures show parts of the larger images."""
    small, large = cells(), cells(size=24)
    mixed = {}
    for name in ("train", "valid", "test"):
        one, other = getattr(small, name), getattr(large, name)
        masks = (*one.targets[Kind.MASK], *other.targets[Kind.MASK])
        mixed[name] = Split((*one.inputs, *other.inputs), {Kind.MASK: masks})
    recipe = RECIPE.changed(batch=4, epochs=1, patch=(16, 16))
    study = compare(
        ["unet_same(width=2, depth=1)"], replace(small, **mixed), recipe, seeds=1, jobs=1, out=tmp_path
    )
    assert not study.failed, study.arms
    assert study.designs[0].macs == Candidate("x", "unet_same(width=2, depth=1)").measure((1, 16, 16), 2).macs
    assert study.page.read_text().count("data:image/jpeg;base64,") == 3
