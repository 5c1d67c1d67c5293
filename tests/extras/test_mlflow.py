"""MLflow itself, on a local store."""

import pytest

from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data

mlflow = pytest.importorskip("mlflow", reason="needs netwright[mlflow]; see `make test-extras`")

RECIPE = Recipe(epochs=3, batch=16, augment=(), lr=0.05)
NOISE = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    return mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")


def runs(client):
    return client.search_runs([client.get_experiment_by_name("netwright").experiment_id])


@NOISE
def test_a_run_is_there_with_its_recipe_and_every_epoch(client, tmp_path):
    run = train(SPEC, data(), RECIPE, out=tmp_path / "r", listeners=["mlflow"])
    (logged,) = runs(client)
    assert logged.info.status == "FINISHED"
    assert (logged.data.params["lr"], logged.data.params["data"]) == ("0.05", "squares")
    history = client.get_metric_history(logged.info.run_id, "test/error")
    assert [(m.step, m.value) for m in history] == [(r["step"], r["test"]["error"]) for r in run.epochs]


@NOISE
def test_a_resumed_run_goes_on_in_the_same_mlflow_run(client, tmp_path):
    def stop(event):
        if getattr(event, "step", 0) == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(SPEC, data(), RECIPE, out=tmp_path / "r", listeners=["mlflow", stop])
    assert [run.info.status for run in runs(client)] == ["KILLED"]
    train(SPEC, data(), RECIPE, out=tmp_path / "r", resume=True, listeners=["mlflow"])
    (logged,) = runs(client)
    assert logged.info.status == "FINISHED"
    history = client.get_metric_history(logged.info.run_id, "valid/loss")
    assert [metric.step for metric in history] == [5, 10, 15]
