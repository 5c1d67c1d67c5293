"""TensorBoard as a mirror of `metrics.jsonl`."""

import shutil
from pathlib import Path
from typing import Any, Self

from netwright.training.recipe import Recipe


class Board:
    """Event files under `tensorboard/`, written anew from the rows whenever a run begins or goes on."""

    def __init__(self, folder: Path, rows: list[dict[str, Any]], recipe: Recipe):
        from torch.utils.tensorboard import SummaryWriter
        from torch.utils.tensorboard.summary import hparams

        where = folder / "tensorboard"
        shutil.rmtree(where, ignore_errors=True)
        self.writer = SummaryWriter(str(where))
        options = {key: _plain(value) for key, value in recipe.model_dump().items()}
        for summary in hparams(options, {"valid/loss": 0.0}):
            self.writer._get_file_writer().add_summary(summary)  # add_hparams would make a folder of its own
        for row in rows:
            self.add(row)

    def add(self, row: dict[str, Any]) -> None:
        """Mirror one epoch: every value of every part, the learning rate and the speed, over steps."""
        for part in ("train", "valid", "test"):
            for name, value in row[part].items():
                self.writer.add_scalar(f"{part}/{name}", value, row["step"])
                if name == "error":
                    self.writer.add_scalar(f"{part}/accuracy", 1 - value, row["step"])
        for name in ("lr", "examples_per_second"):
            self.writer.add_scalar(name, row[name], row["step"])
        self.writer.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.writer.close()


def _plain(value: Any) -> bool | int | float | str:
    """A value that TensorBoard's hyper-parameters can hold."""
    return value if isinstance(value, bool | int | float | str) else str(value)
