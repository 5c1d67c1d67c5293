"""A progress bar over files, which moves with the tiles of a large one too; on a terminal only."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class Bar:
    """A bar on standard error, with files per second.

    Args:
        total: The number of files.
        console: Where it is drawn.
    """

    def __init__(self, total: int, console: Console | None = None):
        self.total, self.done = total, 0
        self.console = console or Console(stderr=True)
        self.progress = Progress(
            TextColumn("predicting"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.task: TaskID = self.progress.add_task("", total=total, rate="")

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.progress.stop()

    def files(self, count: int) -> None:
        """Count finished files."""
        self.done += count
        self._show(0.0)

    def tiles(self, done: int, total: int) -> None:
        """Show how far the tiles of the file in work are."""
        self._show(min(done / max(1, total), 0.99))

    def _show(self, part: float) -> None:
        speed = self.progress.tasks[0].speed
        rate = f"{speed:,.1f} files/s" if speed else ""
        self.progress.update(self.task, completed=self.done + part, rate=rate)
