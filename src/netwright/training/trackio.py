"""trackio as a listener: one trackio run for each run of Netwright, which goes on when it is resumed."""

import os
from typing import Any

from netwright.training.listener import Ended, EpochDone, Event, Started
from netwright.training.mlflow import flat


class Listener:
    """Logs the recipe as the configuration and every epoch as metrics.

    The project is the one of `TRACKIO_PROJECT`, or "netwright"; `TRACKIO_DIR` is the folder of the store.
    """

    def __call__(self, event: Event) -> None:
        """Log one event."""
        if isinstance(event, Started):
            self._open(event)
        elif isinstance(event, EpochDone):
            self._log(event.row)
        elif isinstance(event, Ended):
            self._finish()

    def _open(self, event: Started) -> None:
        import trackio

        project = os.environ.get("TRACKIO_PROJECT", "netwright")
        name = f"{event.folder.name}-{event.about['id'][:8]}"
        facts = event.about["resolved"] | {
            "data": event.about["data"]["name"],
            "params": event.about["params"],
            "spec": event.about["spec"],
        }
        known = self._known(project, name)
        self.run = trackio.init(
            project, name, config=facts, resume="allow", embed=False, auto_log_gpu=False, auto_log_cpu=False
        )
        for row in () if known else event.rows:
            self._log(row)

    def _finish(self) -> None:
        import trackio

        trackio.finish()

    def _known(self, project: str, name: str) -> bool:
        from trackio import Api

        try:
            return any(run.name == name for run in Api().runs(project))
        except ValueError:  # there is no such project yet
            return False

    def _log(self, row: Any) -> None:
        self.run.log(flat(row), step=row["step"])
