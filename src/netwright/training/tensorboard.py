"""TensorBoard as a mirror of `metrics.jsonl`."""

import shutil
from collections.abc import Mapping
from typing import Any

from netwright.training.listener import Ended, EpochDone, Event, Started


class TensorBoard:
    """A listener that keeps event files under `tensorboard/` in the run's folder.

    They are written anew from the rows whenever a run starts or resumes, so each epoch is there once.
    """

    def __call__(self, event: Event) -> None:
        """Mirror one event."""
        if isinstance(event, Started):
            self._open(event)
        elif isinstance(event, EpochDone):
            self._add(event.row)
        elif isinstance(event, Ended):
            self.writer.close()

    def _open(self, event: Started) -> None:
        from torch.utils.tensorboard import SummaryWriter
        from torch.utils.tensorboard.summary import hparams

        place = event.folder / "tensorboard"
        shutil.rmtree(place, ignore_errors=True)
        self.writer = SummaryWriter(str(place))
        options = {key: _plain(value) for key, value in event.about["resolved"].items()}
        for summary in hparams(options, {"valid/loss": 0.0}):
            self.writer._get_file_writer().add_summary(summary)  # add_hparams would make a folder of its own
        for row in event.rows:
            self._add(row)

    def _add(self, row: Mapping[str, Any]) -> None:
        """Mirror one epoch by its step: the metrics of each split, the learning rate and the speed."""
        for part in ("train", "valid", "test"):
            for name, value in row[part].items():
                self.writer.add_scalar(f"{part}/{name}", value, row["step"])
        for name in ("lr", "examples_per_second"):
            self.writer.add_scalar(name, row[name], row["step"])
        self.writer.flush()


def _plain(value: Any) -> bool | int | float | str:
    """Return a value that the hyper-parameters of TensorBoard can hold."""
    return value if isinstance(value, bool | int | float | str) else str(value)
