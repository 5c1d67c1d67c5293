"""Whole studies on a few images: fairness, going on, growing, failing."""

import json

import pytest
from torch import nn

from netwright.errors import RunError, SpecError, UsageError
from netwright.study.compare import compare
from netwright.study.events import Ended, Moved, Planned
from netwright.training.recipe import Recipe

RECIPE = Recipe(device="cpu", epochs=2, batch=16, augment=())
built: list[str] = []


def wide() -> nn.Module:
    built.append("wide")
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def narrow() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def broken() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(63, 10))


def metrics(study) -> dict:
    return {
        (design.name, trial.seed): [(row["train"], row["test"]) for row in trial.epochs]
        for design in study.designs
        for trial in design.trials
    }


def test_designs_share_seeds_and_recipe_and_the_result_is_on_disk(tiny, tmp_path):
    heard: list = []
    study = compare(
        {"wide": wide, "narrow": narrow}, tiny, RECIPE, seeds=2, out=tmp_path / "s", listen=heard.append
    )
    assert [(d.name, [t.seed for t in d.trials]) for d in study.designs] == [
        ("wide", [0, 1]),
        ("narrow", [0, 1]),
    ]
    assert [d.params for d in study.designs] == [64 * 32 + 32 + 330, 650]
    assert not study.failed
    assert "lowest test error" in study.page.read_text() or "not enough runs" in study.page.read_text()
    assert json.loads((tmp_path / "s" / "study.json").read_text())["recipe"]["epochs"] == 2
    assert (tmp_path / "s" / "runs" / "narrow" / "seed-1" / "metrics.jsonl").is_file()
    assert [type(event) for event in heard if isinstance(event, Planned | Ended)] == [Planned, *[Ended] * 4]
    assert {event.done for event in heard if isinstance(event, Moved)} == {0.0, 0.5, 1.0}


def test_a_design_that_fails_does_not_stop_the_others(tiny, tmp_path):
    study = compare({"broken": broken, "narrow": narrow}, tiny, RECIPE, seeds=1, out=tmp_path)
    assert study.failed
    assert "cannot read inputs of 1x8x8" in study.designs[0].failures[0]
    assert study.designs[1].error("test").seeds == 1
    assert "broken failed" in study.page.read_text()


def test_an_interrupted_study_goes_on_and_repeats_nothing(tiny, tmp_path):
    designs = {"wide": wide, "narrow": narrow}

    def stop(event) -> None:
        if isinstance(event, Moved) and (event.design, event.seed, event.epoch) == ("wide", 1, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(designs, tiny, RECIPE, seeds=2, out=tmp_path / "a", listen=stop)
    heard: list = []
    went_on = compare(designs, tiny, RECIPE, seeds=2, out=tmp_path / "a", listen=heard.append)
    assert heard[0].kept == 2
    assert ("wide", 1, 0.5) in [(e.design, e.seed, e.done) for e in heard if isinstance(e, Moved)]
    assert metrics(went_on) == metrics(compare(designs, tiny, RECIPE, seeds=2, out=tmp_path / "b"))


def test_a_study_grows_by_designs_and_by_seeds(tiny, tmp_path):
    compare({"narrow": narrow}, tiny, RECIPE, seeds=1, out=tmp_path)
    grown = compare({"wide": wide}, tiny, RECIPE, seeds=2, out=tmp_path)
    assert [(d.name, len(d.trials)) for d in grown.designs] == [("narrow", 1), ("wide", 2)]
    assert grown.verdicts[0].interval.seeds == 1


def test_a_finished_study_trains_nothing_and_stays_the_same(tiny, tmp_path):
    first = compare({"narrow": narrow}, tiny, RECIPE, seeds=2, out=tmp_path)
    heard: list = []
    assert compare({"narrow": narrow}, tiny, RECIPE, seeds=2, out=tmp_path, listen=heard.append) == first
    assert heard == [Planned({}, kept=2, jobs=heard[0].jobs)]


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


def test_another_recipe_is_refused_and_changes_nothing(tiny, tmp_path):
    compare({"narrow": narrow}, tiny, RECIPE, seeds=1, out=tmp_path)
    before = (tmp_path / "study.json").read_bytes()
    with pytest.raises(RunError, match=r"`lr` \(=0.5\) was 0.1"):
        compare({"narrow": narrow}, tiny, RECIPE.changed(lr=0.5), seeds=1, out=tmp_path)
    assert (tmp_path / "study.json").read_bytes() == before


@pytest.mark.parametrize(
    ("designs", "options", "error"),
    [
        (["mlp", "resnt20"], {}, SpecError),
        (["mlp", "mlp"], {}, UsageError),
        ([], {}, UsageError),
        (["mlp"], {"seeds": 0}, UsageError),
        (["mlp"], {"jobs": 0}, UsageError),
    ],
)
def test_wrong_use_is_refused_before_anything_is_written(tiny, tmp_path, designs, options, error):
    with pytest.raises(error):
        compare(designs, tiny, RECIPE, out=tmp_path / "s", **options)
    assert not (tmp_path / "s").exists()


def test_specs_train_in_processes_and_functions_here_to_the_same_end(tiny, tmp_path):
    """The result does not depend on where a design is trained, nor on how many are at a time."""
    from netwright.spec import load

    built.clear()
    spec = "mlp(hidden=(8,))"
    designs = {"spec": spec, "function": lambda: load(spec, input=tiny.input, classes=10)}
    study = compare(designs, tiny, RECIPE, seeds=2, out=tmp_path, jobs=2)
    found = metrics(study)
    assert [found["spec", seed] for seed in (0, 1)] == [found["function", seed] for seed in (0, 1)]
