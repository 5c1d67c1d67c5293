"""How far a study is: bars on a terminal, a line for each run elsewhere."""

from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from netwright.study.events import Ended, Event, Moved, Planned

Key = tuple[str, int]


class Display:
    """Listens to a study and shows it on `console`, as a context manager.

    The time left follows from the share of the multiply-accumulates that is done; `clock` is for tests.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = monotonic):
        self._console, self._clock = console, clock
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
        """Take in an event."""
        if isinstance(event, Planned):
            self._plan(event)
        elif isinstance(event, Moved):
            self._move(event)
        else:
            self._end(event)

    def _plan(self, event: Planned) -> None:
        self._shares, self._start = event.shares, self._clock()
        kept = f", {event.kept} finished before" if event.kept else ""
        self._print(f"{len(event.shares)} runs to train, {event.jobs} at a time{kept}")
        self._rows[None] = self._bars.add_task("", total=1, facts="")
        self._refresh()

    def _move(self, event: Moved) -> None:
        key = (event.design, event.seed)
        self._done[key] = event.done
        if key not in self._rows:
            self._rows[key] = self._bars.add_task(f"{event.design} seed {event.seed}", total=1, facts="")
        facts = f"epoch {event.epoch}, {100 * event.error:.1f} % wrong" if event.error is not None else ""
        self._bars.update(self._rows[key], completed=event.done, facts=facts)
        self._refresh()

    def _end(self, event: Ended) -> None:
        key = (event.design, event.trial.seed)
        self._done[key] = 1.0
        self._ended += 1
        if key in self._rows:
            self._bars.remove_task(self._rows.pop(key))
        trial = event.trial
        outcome = f"failed: {trial.failure}"
        if trial.finished:
            outcome = f"test error {100 * trial.error('test'):.2f} % after {trial.seconds:.1f} s"
        left = "" if self._console.is_terminal else self._left()
        self._print(f"[{self._ended}/{len(self._shares)}] {event.design} seed {trial.seed}: {outcome}{left}")
        self._refresh()

    def _refresh(self) -> None:
        facts = f"{self._ended} of {len(self._shares)} runs{self._left()}"
        self._bars.update(
            self._rows[None], completed=self._share(), facts=facts, refresh=self._console.is_terminal
        )

    def _share(self) -> float:
        return sum(share * self._done.get(key, 0.0) for key, share in self._shares.items())

    def _left(self) -> str:
        """`, about 3 min left`, or nothing where that is not known."""
        share = self._share()
        if not 0.02 < share < 0.999:
            return ""
        seconds = (self._clock() - self._start) * (1 - share) / share
        return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
