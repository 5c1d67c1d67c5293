"""MLflow as a listener: one MLflow run for each run of Netwright, continued when it is resumed."""

import time
from typing import Any

from netwright.training.listener import Ended, EpochDone, Event, Started

TAG = "netwright.run"
STATES = {"finished": "FINISHED", "diverged": "FAILED", "failed": "FAILED", "interrupted": "KILLED"}


class Listener:
    """Logs the recipe as parameters and every epoch as metrics.

    The store is the one of `MLFLOW_TRACKING_URI`, the experiment that of `MLFLOW_EXPERIMENT_NAME`, or
    "netwright". The MLflow run that a program has open itself is not touched.
    """

    def __init__(self) -> None:
        from mlflow import MlflowClient

        self.client = MlflowClient()
        self.logged = 0

    def __call__(self, event: Event) -> None:
        """Log one event."""
        if isinstance(event, Started):
            self._open(event)
        elif isinstance(event, EpochDone):
            self._log(event.row)
        elif isinstance(event, Ended):
            self.client.set_terminated(self.run, STATES[event.state])

    def _open(self, event: Started) -> None:
        from mlflow.entities import Param
        from mlflow.environment_variables import MLFLOW_EXPERIMENT_NAME

        name = MLFLOW_EXPERIMENT_NAME.get() or "netwright"
        experiment = self.client.get_experiment_by_name(name)
        place = experiment.experiment_id if experiment else self.client.create_experiment(name)
        about = event.about
        runs = self.client.search_runs([place], f"tags.`{TAG}` = '{about['id']}'")
        if runs:
            self.run = runs[0].info.run_id
            self.logged = int(runs[0].data.metrics.get("epoch", 0))
            self.client.update_run(self.run, "RUNNING")
        else:
            tags = {
                TAG: about["id"],
                "netwright.folder": str(event.folder),
                "netwright.spec": str(about["spec"]),
            }
            self.run = self.client.create_run(place, tags=tags, run_name=event.folder.name).info.run_id
            facts = about["resolved"] | {"data": about["data"]["name"], "params": about["params"]}
            params = [Param(key, str(value)) for key, value in facts.items()]
            self.client.log_batch(self.run, params=params)
        for row in event.rows:
            self._log(row)

    def _log(self, row: Any) -> None:
        """Log one epoch, unless it was logged before the run was resumed."""
        if row["epoch"] <= self.logged:
            return
        from mlflow.entities import Metric

        self.logged = row["epoch"]
        now = int(time.time() * 1000)
        metrics = [Metric(key, value, now, row["step"]) for key, value in flat(row).items()]
        self.client.log_batch(self.run, metrics=metrics)


def flat(row: Any) -> dict[str, float]:
    """Return the numbers of an epoch under one name each.

    >>> flat({"kind": "epoch", "epoch": 1, "step": 5, "test": {"loss": 0.5}})
    {'epoch': 1, 'test/loss': 0.5}
    """
    numbers: dict[str, float] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            numbers |= {f"{key}/{name}": number for name, number in value.items()}
        elif key not in ("kind", "step"):
            numbers[key] = value
    return numbers
