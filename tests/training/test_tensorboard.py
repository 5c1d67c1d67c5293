"""TensorBoard shows what `metrics.jsonl` says."""

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from netwright.training.listener import Ended, EpochDone, Started
from netwright.training.recipe import Recipe
from netwright.training.tensorboard import TensorBoard


@pytest.fixture(scope="module")
def tracked(finished):
    return finished, read(finished.folder)


def read(out):
    events = EventAccumulator(str(out / "tensorboard"))
    events.Reload()
    return events


def test_every_loss_error_rate_and_speed_is_there_by_step(tracked):
    run, events = tracked
    for part in ("train", "valid", "test"):
        for name in ("loss", "error"):
            logged = [(e.step, e.value) for e in events.Scalars(f"{part}/{name}")]
            assert logged == [(row["step"], pytest.approx(row[part][name])) for row in run.epochs]
    for name in ("lr", "examples_per_second"):
        logged = [e.value for e in events.Scalars(name)]
        assert logged == [pytest.approx(row[name]) for row in run.epochs]


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
    about = {"resolved": run.recipe.model_dump(mode="json")}
    for _ in range(2):
        mirror = TensorBoard()
        mirror(Started(5, 10, 5, tmp_path, about, run.epochs[:1]))
        mirror(EpochDone(run.epochs[1]))
        mirror(Ended("finished"))
    assert [e.step for e in read(tmp_path).Scalars("valid/loss")] == [row["step"] for row in run.epochs]
