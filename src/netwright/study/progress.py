"""How far a study is: the events it sends while it runs, and a display of them.

On a terminal the display has bars; elsewhere it writes a line for each run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from netwright.study.result import Study
from netwright.study.trial import Key, Trial


@dataclass(frozen=True)
class StudyStarted:
    """The training of `study` begins: `shares` says which part of the work each trial takes.

    `finished` trials were finished before and are not among them; `jobs` are trained at a time.
    """

    study: Study
    shares: dict[Key, float]
    finished: int
    jobs: int


@dataclass(frozen=True)
class TrialAdvanced:
    """The share `done` (0 to 1) of a trial is trained; after an epoch, its number and the monitored metric.

    That metric is measured on the validation split.
    """

    key: Key
    done: float
    epoch: int | None = None
    value: float | None = None


@dataclass(frozen=True)
class TrialEnded:
    """A trial finished or failed."""

    key: Key
    trial: Trial


@dataclass(frozen=True)
class StudyEnded:
    """All trials have ended, and the files of the study are written."""

    study: Study


Event = StudyStarted | TrialAdvanced | TrialEnded | StudyEnded


class Display:
    """Shows the events of a study on `console`; use it as a context manager.

    The time left is estimated from the share of the work that is done; `clock` is for tests.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = monotonic):
        self._console, self._clock = console, clock
        self._study: Study | None = None
        self._shares: dict[Key, float] = {}
        self._done: dict[Key, float] = {}
        self._ended = 0
        self._start = clock()
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[facts]}"),
        )
        self._bars = Progress(*columns, console=console, transient=True)
        self._rows: dict[Key | None, TaskID] = {}

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, StudyStarted):
            self._begin(event)
        elif isinstance(event, TrialAdvanced):
            self._advance(event)
        elif isinstance(event, TrialEnded):
            self._end(event)

    def _begin(self, event: StudyStarted) -> None:
        self._study, self._shares, self._start = event.study, event.shares, self._clock()
        before = f", {event.finished} finished before" if event.finished else ""
        self._print(f"{len(event.shares)} runs to train, {event.jobs} at a time{before}")
        self._rows[None] = self._bars.add_task("", total=1, facts="")
        self._refresh()

    def _advance(self, event: TrialAdvanced) -> None:
        self._done[event.key] = event.done
        if event.key not in self._rows:
            self._rows[event.key] = self._bars.add_task(self._name(event.key), total=1, facts="")
        facts = f"epoch {event.epoch}, {self._measured('valid', event.value)}" if event.epoch else ""
        self._bars.update(self._rows[event.key], completed=event.done, facts=facts)
        self._refresh()

    def _end(self, event: TrialEnded) -> None:
        self._done[event.key] = 1.0
        self._ended += 1
        if event.key in self._rows:
            self._bars.remove_task(self._rows.pop(event.key))
        trial = event.trial
        outcome = f"failed: {trial.failure}"
        if trial.finished:
            assert self._study is not None
            value = trial.value("test", self._study.task.monitor)
            outcome = f"{self._measured('test', value)} after {trial.seconds:.1f} s"
        left = "" if self._console.is_terminal else self._left()
        self._print(f"[{self._ended}/{len(self._shares)}] {self._name(event.key)}: {outcome}{left}")
        self._refresh()

    def _measured(self, split: str, value: float | None) -> str:
        """Write the monitored metric on a split: `test error 2.41 %`."""
        assert self._study is not None
        scale = self._study.task.scale
        return f"{split} {scale.label} {scale.text(nan if value is None else value)}"

    def _name(self, key: Key) -> str:
        assert self._study is not None
        return f"{self._study.label(key.design, key.recipe)} seed {key.seed}"

    def _refresh(self) -> None:
        facts = f"{self._ended} of {len(self._shares)} runs{self._left()}"
        self._bars.update(
            self._rows[None], completed=self._share(), facts=facts, refresh=self._console.is_terminal
        )

    def _share(self) -> float:
        return sum(share * self._done.get(key, 0.0) for key, share in self._shares.items())

    def _left(self) -> str:
        """Return `, about 3 min left`, or an empty text where that is not known."""
        share = self._share()
        if not 0.02 < share < 0.999:
            return ""
        seconds = (self._clock() - self._start) * (1 - share) / share
        return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
