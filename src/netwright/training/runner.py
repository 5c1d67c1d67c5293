"""What surrounds the loop: resuming, recording, saving, reporting and stopping."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from types import FrameType
from typing import Any, Self

from netwright.errors import USER_ERRORS, CheckpointError, DivergenceError
from netwright.training import randomness
from netwright.training.folder import Folder
from netwright.training.job import Job
from netwright.training.listener import Diverged, EpochDone, Event, Listeners, Started, StepDone
from netwright.training.loop import fit, look
from netwright.training.manifest import resumable


class Interrupt:
    """Ctrl-C as a request: while open, the first SIGINT only sets `asked`, and a second one stops at once.

    The handler that was there before returns at the end. Outside the main thread, and where several processes
    train together (each would stop at another step and wait for the others), Python's own behaviour stays.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        alone = os.environ.get("WORLD_SIZE", "1") == "1"
        if alone and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt("interrupted twice; steps since the last checkpoint are lost")
        self.asked = True


class Runner:
    """Trains a job to its end, writes everything to `folder` and passes every event to `listeners`.

    `early_stopping` and `save_every` are those of `Recipe`.
    """

    def __init__(
        self,
        job: Job,
        folder: Folder,
        listeners: Listeners,
        *,
        early_stopping: int | None = None,
        save_every: int | None = None,
    ):
        self.job, self.folder, self.listeners = job, folder, listeners
        self.early_stopping, self.save_every = early_stopping, save_every
        self.first = job.fabric.is_global_zero

    def run(self, manifest: dict[str, Any], resume: bool) -> None:
        """Train to the end, an early stop, an interrupt or a divergence; a finished run is left as it is.

        Raises:
            RunError: The folder holds something else, or a run that is not the one of `manifest`.
            DivergenceError: The loss is no longer a finite number.
            KeyboardInterrupt: After Ctrl-C, when the run was saved.
        """
        with self.folder.claimed() if self.first else nullcontext():
            if self.first:
                resumable(self.folder, manifest, resume)
            self.job.fabric.barrier()
            self.about = self.folder.about()
            if self.about["state"] != "finished":
                self._resume()
                self._train()

    def _train(self) -> None:
        with self.listeners, Interrupt() as interrupt:
            self.listeners(self._started())
            for event in self._events():
                asked = interrupt.asked  # read once, so that what stops here is also saved here
                if isinstance(event, EpochDone) and self.first:
                    self.folder.record(event.row)
                if self._due(event, asked):
                    event = look(self.job)[1] or event  # nothing is saved before its losses were seen
                    if not isinstance(event, Diverged):
                        self._save()
                self.listeners(event)
                if isinstance(event, Diverged):
                    raise self._divergence(event)
                if asked and not (isinstance(event, StepDone) and event.last):
                    raise KeyboardInterrupt(f"interrupted at step {self.job.step}, which is saved")
            if self.first:
                self.folder.finish(self.about)
        self.job.fabric.barrier()

    @property
    def stopped(self) -> bool:
        """Whether the best epoch is as many epochs ago as early stopping waits."""
        best, patience = self.job.best, self.early_stopping
        return bool(patience and best and self.job.epoch - best["epoch"] >= patience)

    def _resume(self) -> None:
        """Go to the last checkpoint, or to a start that the recipe's seed decides."""
        rank = self.job.fabric.global_rank
        randomness.seed(randomness.derive(self.job.seed, "train", rank))
        saved = self.folder.restore(self.about["id"])
        self.job.fabric.barrier()
        if saved:
            weights, state = saved
            try:
                rows = [row for row in self.folder.rows() if row["step"] <= state["step"]]
                self.job.restore(weights, state, rows)
            except USER_ERRORS as error:
                raise CheckpointError(
                    f"the checkpoint at step {state.get('step')} in `{self.folder.checkpoints}` does not fit "
                    f"this run: {error}; restore it from a copy, or train in a new folder."
                ) from error
        if self.first:
            self.folder.cut(saved[1]["metrics.jsonl"]["bytes"] if saved else 0)

    def _started(self) -> Started:
        job = self.job
        return Started(
            job.step, job.schedule.total, job.loader.batches, self.folder.path, self.about, list(job.rows)
        )

    def _events(self) -> Iterator[Event]:
        """Yield the loop's events up to an early stop, which a resumed run may already have passed."""
        if not self.stopped:
            for event in fit(self.job):
                yield event
                if isinstance(event, EpochDone) and self.stopped:
                    return

    def _due(self, event: Event, asked: bool) -> bool:
        """Return whether to save after an event; `asked` is whether the run is to stop there."""
        if isinstance(event, StepDone):
            every = self.save_every
            return not event.last and (asked or (every is not None and event.step % every == 0))
        return isinstance(event, EpochDone)

    def _save(self) -> None:
        state = self.job.state()  # every process takes part in it
        if self.first:
            best = self.job.best
            weights = self.job.tested.state_dict()
            self.folder.save(self.about["id"], weights, state, best["step"] if best else None)

    def _divergence(self, event: Diverged) -> DivergenceError:
        if self.first:
            self.folder.describe(self.about | {"state": "diverged"})
        last = self.folder.index()["last"]
        place = self.folder.checkpoints / str(last)
        saved = f"the last good checkpoint is `{place}`" if last else "no checkpoint had been saved yet"
        return DivergenceError(
            f"the {event.part} loss is {event.loss} at step {event.step} with learning rate {event.lr:.6g}; "
            f"{saved}. Lower `lr`, or set `clip_grad_norm` or `warmup_steps`."
        )
