"""One trial, whether it finishes or fails."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from netwright.data.tasks.classification import Classification
from netwright.errors import DataError
from netwright.study.trial import Key, Ticket, Trial, attempt, failed, finished
from netwright.training.recipe import Recipe
from netwright.training.result import Run

RECIPE = Recipe(device="cpu", epochs=2, batch=16, lr=0.01, augment=())


def ticket(home: Path, source="mlp(hidden=(8,))", seed: int = 0) -> Ticket:
    key = Key("design", "standard", seed)
    return Ticket(key, RECIPE.changed(seed=seed), source, home, f"runs/design/seed-{seed}")


def silent(message: dict) -> None:
    pass


def without_times(rows: list[dict]) -> list[dict]:
    return [{k: v for k, v in row.items() if k not in {"seconds", "examples_per_second"}} for row in rows]


def test_a_trial_ends_with_its_rows_and_reports_how_far_it_is(tiny, tmp_path):
    heard: list[dict] = []
    trial = attempt(ticket(tmp_path), tiny, heard.append)
    assert trial.finished
    assert [row["epoch"] for row in trial.epochs] == [1, 2]
    assert [message["done"] for message in heard] == [0.0, 0.5, 1.0]
    assert heard[-1]["value"] == trial.epochs[-1]["valid"]["error"]


def test_the_seed_decides_the_run(tiny, tmp_path):
    one, other, again = (
        attempt(ticket(tmp_path / name, seed=seed), tiny, silent)
        for name, seed in [("a", 0), ("b", 1), ("c", 0)]
    )
    assert without_times(one.epochs) == without_times(again.epochs) != without_times(other.epochs)


def test_a_function_trains_bit_for_bit_as_the_spec_does(tiny, tmp_path):
    from netwright.spec import load

    spec = "mlp(hidden=(8,))"
    by_spec = ticket(tmp_path / "spec", spec)
    by_function = ticket(tmp_path / "function", lambda: load(spec, input=tiny.input, classes=10))
    for each in (by_spec, by_function):
        assert attempt(each, tiny, silent).finished
    weights = [load_file(each.path / "model.safetensors") for each in (by_spec, by_function)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


class Raises(nn.Linear):
    def __init__(self, error: Exception):
        super().__init__(64, 10)
        self.error = error

    def forward(self, x):
        if self.training:
            raise self.error
        return super().forward(x.flatten(1))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("out of memory\nlong story"), "RuntimeError: out of memory (" + __file__),
        (KeyError("x"), "KeyError: 'x' ("),
        (DataError("the data is bad."), "the data is bad."),
    ],
)
def test_what_a_network_raises_is_the_reason_with_its_line(tiny, tmp_path, error, reason):
    trial = attempt(ticket(tmp_path, lambda: Raises(error)), tiny, silent)
    assert not trial.finished
    assert trial.failure.startswith(reason)


def test_a_network_that_cannot_read_the_data_says_so(tiny, tmp_path):
    trial = attempt(ticket(tmp_path, lambda: nn.Linear(63, 10)), tiny, silent)
    assert "cannot read inputs of 1x8x8" in trial.failure


class Explodes(nn.Linear):
    """Fine for one epoch of three steps, then without bounds."""

    def __init__(self):
        super().__init__(64, 10)
        self.calls = 0

    def forward(self, x):
        self.calls += self.training
        return super().forward(x.flatten(1)) * (1 if self.calls <= 3 else float("nan"))


def test_divergence_is_a_failure_that_keeps_the_rows_before_it(tiny, tmp_path):
    trial = attempt(ticket(tmp_path, Explodes), tiny, silent)
    assert "loss is nan at step" in trial.failure
    assert [row["epoch"] for row in trial.epochs] == [1]


class Interrupts(nn.Linear):
    def __init__(self):
        super().__init__(64, 10)
        self.calls = 0

    def forward(self, x):
        self.calls += self.training
        if self.calls == 4:
            raise KeyboardInterrupt
        return super().forward(x.flatten(1))


def test_an_interrupt_is_not_a_failure(tiny, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        attempt(ticket(tmp_path, Interrupts), tiny, silent)


def test_an_interrupted_trial_goes_on_to_where_an_undisturbed_one_ends(tiny, tmp_path):
    def build() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))

    def stop(message: dict) -> None:
        if message.get("epoch") == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(ticket(tmp_path / "a", build), tiny, stop)
    resumed = attempt(ticket(tmp_path / "a", build), tiny, silent)
    whole = attempt(ticket(tmp_path / "b", build), tiny, silent)
    assert without_times(resumed.epochs) == without_times(whole.epochs)


def test_only_a_finished_trial_of_the_same_recipe_and_spec_is_kept(tiny, tmp_path):
    mine = ticket(tmp_path)
    assert finished(mine) is None
    trial = attempt(mine, tiny, silent)
    assert finished(mine) == trial
    assert finished(replace(mine, recipe=mine.recipe.changed(lr=0.5))) is None
    assert finished(replace(mine, source="convnet")) is None


def test_a_trial_that_never_began_has_no_rows(tmp_path):
    trial = failed(ticket(tmp_path), "killed")
    assert (trial.epochs, trial.failure, trial.finished) == ([], "killed", False)


@pytest.mark.parametrize("text", ["{", "[]", '{"spec": "os:system"}'])
def test_a_damaged_run_is_the_failure_of_its_trial(tiny, tmp_path, text):
    """Neither reading the study nor its other trials fail with it."""
    mine = ticket(tmp_path)
    mine.path.mkdir(parents=True)
    (mine.path / "run.json").write_text(text)
    assert finished(mine) is None
    trial = attempt(mine, tiny, silent)
    assert not trial.finished
    assert str(mine.path) in trial.failure


def test_a_run_of_another_spec_is_not_taken_over_and_its_spec_is_not_called(tiny, tmp_path, monkeypatch):
    called: list = []
    monkeypatch.setattr(os, "system", called.append)
    mine = ticket(tmp_path)
    assert attempt(mine, tiny, silent).finished
    about = json.loads((mine.path / "run.json").read_text())
    (mine.path / "run.json").write_text(json.dumps(about | {"spec": "os:system('echo hello')"}))
    assert finished(mine) is None
    assert "os:system" in attempt(mine, tiny, silent).failure
    assert called == []


def test_a_ticket_travels_as_json(tmp_path):
    mine = ticket(tmp_path)
    assert Ticket.from_json(json.loads(json.dumps(mine.to_json()))) == mine


def test_a_ticket_with_a_function_does_not_travel(tmp_path):
    mine = ticket(tmp_path)
    assert mine.portable
    assert not replace(mine, source=lambda: nn.Linear(64, 10)).portable
    assert not replace(mine, recipe=mine.recipe.changed(augment=("flip", torch.flip))).portable
    assert replace(mine, recipe=mine.recipe.changed(augment="auto")).portable


def test_a_trial_that_finished_has_epochs():
    with pytest.raises(ValueError, match="has no epochs"):
        Trial(0, "runs/x", [], finished=True)


def test_a_task_of_this_process_is_not_portable_and_its_name_is(tmp_path):
    known = ticket(tmp_path)
    assert known.portable
    named = replace(known, task="classification")
    assert named.portable
    assert Ticket.from_json(json.loads(json.dumps(named.to_json()))) == named
    assert not replace(known, task=Classification(10)).portable


def test_the_task_that_is_given_is_the_one_that_is_trained(tiny, tmp_path):
    """Smoothed labels raise the loss of the same network from the same seed."""
    plain = attempt(ticket(tmp_path / "a"), tiny, silent)
    smooth = attempt(replace(ticket(tmp_path / "b"), task=Classification(10, 0.5)), tiny, silent)
    assert smooth.value("train", "loss") != plain.value("train", "loss")
    assert Run.read(tmp_path / "b" / smooth.folder).task.label_smoothing == 0.5
