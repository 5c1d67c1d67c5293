"""Progress of a run: a bar with learning rate and time left on a terminal, one line per epoch elsewhere."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from netwright.data.scale import Scale
from netwright.training.listener import EpochDone, Event, Started, StepDone


class Progress:
    """A listener that shows a training on `console`."""

    def __init__(self, console: Console):
        self.console = console
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("lr {task.fields[lr]:.3g}  loss {task.fields[loss]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.total = 0
        self.measures: dict[str, Scale] = {}

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.bar.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Started):
            self.total = event.total
            self.measures = {name: Scale(**scale) for name, scale in event.about["measures"].items()}
            self.task = self.bar.add_task("training", total=event.total, lr=0.0, loss="")
            self.bar.update(self.task, completed=event.step)
            if event.step:
                self.console.print(f"resuming after step {event.step} of {event.total}", highlight=False)
        elif isinstance(event, StepDone):
            loss = "" if event.loss is None else f"{event.loss:.4f}"
            self.bar.update(
                self.task, completed=event.step, lr=event.lr, loss=loss, description=f"epoch {event.epoch}"
            )
        elif isinstance(event, EpochDone):
            self.console.print(self.line(event), highlight=False, soft_wrap=True)

    def line(self, event: EpochDone) -> str:
        """Return one epoch as one line."""
        row = event.row
        parts = [
            f"{part} " + " ".join(self._measured(name, value) for name, value in row[part].items())
            for part in ("train", "valid", "test")
        ]
        speed = f"{row['examples_per_second']:,.0f} examples/s"
        return f"epoch {row['epoch']} step {row['step']}/{self.total}: {' | '.join(parts)} | {speed}"

    def _measured(self, name: str, value: float) -> str:
        return f"{self.measures[name].label} {self.measures[name].text(value)}"
