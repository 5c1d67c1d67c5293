"""TensorBoard shows what `metrics.jsonl` says."""

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from netwright.training.recipe import Recipe
from netwright.training.run import train
from netwright.training.tracking import Board
from tiny import SPEC, data


@pytest.fixture(scope="module")
def tracked(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    run = train(SPEC, data(), Recipe(epochs=3, lr=0.05, batch=16, augment=()), out=out)
    return run, read(out)


def read(out):
    events = EventAccumulator(str(out / "tensorboard"))
    events.Reload()
    return events


def test_every_loss_error_rate_and_speed_is_there_by_step(tracked):
    run, events = tracked
    for part in ("train", "valid", "test"):
        for name in ("loss", "error"):
            found = [(e.step, e.value) for e in events.Scalars(f"{part}/{name}")]
            assert found == [(row["step"], pytest.approx(row[part][name])) for row in run.epochs]
    for name in ("lr", "examples_per_second"):
        found = [e.value for e in events.Scalars(name)]
        assert found == [pytest.approx(row[name]) for row in run.epochs]


def test_accuracy_is_one_minus_error(tracked):
    run, events = tracked
    found = [e.value for e in events.Scalars("test/accuracy")]
    assert found == [pytest.approx(1 - row["test"]["error"]) for row in run.epochs]


def test_hyper_parameters_are_the_recipe(tracked):
    _, events = tracked
    metadata = events.SummaryMetadata("_hparams_/session_start_info")
    stored = plugin_data_pb2.HParamsPluginData.FromString(metadata.plugin_data.content)
    options = stored.session_start_info.hparams
    assert options["lr"].number_value == 0.05
    assert options["schedule"].string_value == "onecycle"
    assert set(options) == set(Recipe.model_fields)


def test_a_mirror_opened_again_holds_each_epoch_once(tracked, tmp_path):
    run, _ = tracked
    for _ in range(2):
        with Board(tmp_path, run.epochs[:2], run.recipe) as board:
            board.add(run.epochs[2])
    assert [e.step for e in read(tmp_path).Scalars("valid/loss")] == [row["step"] for row in run.epochs]
