"""The loop's callers, composed: going on, recording, saving, stopping."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from netwright.errors import DivergenceError
from netwright.training import randomness
from netwright.training.events import Diverged, EpochDone, Event, StepDone
from netwright.training.folder import Folder
from netwright.training.interrupt import Interrupt
from netwright.training.job import Job
from netwright.training.loop import fit, look
from netwright.training.tracking import Board


def run(job: Job, folder: Folder, about: dict[str, Any], listen: Callable[[Event], None]) -> None:
    """Train to the end, an early stop, an interrupt or a divergence, with all of it kept in `folder`."""
    _begin(job, folder, about)
    board = Board(folder.path, job.rows, job.recipe) if job.fabric.is_global_zero else None
    with board or nullcontext(), Interrupt() as interrupt:
        for event in _events(job):
            asked = interrupt.asked  # once, so that what stops here is also saved here
            if isinstance(event, EpochDone) and board:
                folder.record(event.row)
                board.add(event.row)
            if _due(event, job.recipe.save_every, asked):
                event = look(job)[1] or event  # nothing is saved before its losses were seen
                if not isinstance(event, Diverged):
                    _save(job, folder, about)
            listen(event)
            if isinstance(event, Diverged):
                raise _diverged(event, folder, about)
            if asked and not (isinstance(event, StepDone) and event.last):
                raise KeyboardInterrupt(f"interrupted at step {job.step}, which is saved")
        if board:
            folder.finish(about)
    job.fabric.barrier()


def stopped(job: Job) -> bool:
    """True when the best epoch lies as far back as the recipe waits."""
    best = job.best
    return bool(job.recipe.early_stopping and best and job.epoch - best["epoch"] >= job.recipe.early_stopping)


def _events(job: Job) -> Iterator[Event]:
    """The loop's events up to an early stop, which may already lie behind a run that goes on."""
    if not stopped(job):
        for event in fit(job):
            yield event
            if isinstance(event, EpochDone) and stopped(job):
                return


def _begin(job: Job, folder: Folder, about: dict[str, Any]) -> None:
    """Go to the last checkpoint, or to a start that the recipe's seed decides."""
    randomness.seed(randomness.derive(job.recipe.seed, "train", job.fabric.global_rank))
    known = folder.restore(about["id"])
    job.fabric.barrier()
    if known:
        weights, state = known
        job.restore(weights, state, [row for row in folder.rows() if row["step"] <= state["step"]])
    if job.fabric.is_global_zero:
        folder.cut(known[1]["metrics.jsonl"]["bytes"] if known else 0)


def _due(event: Event, every: int | None, asked: bool) -> bool:
    if isinstance(event, StepDone):
        return not event.last and (asked or (every is not None and event.step % every == 0))
    return isinstance(event, EpochDone)


def _save(job: Job, folder: Folder, about: dict[str, Any]) -> None:
    state = job.state()  # every rank has its part in it
    if job.fabric.is_global_zero:
        best = job.best
        folder.save(about["id"], job.tested.state_dict(), state, best["step"] if best else None)


def _diverged(event: Diverged, folder: Folder, about: dict[str, Any]) -> DivergenceError:
    folder.describe(about | {"state": "diverged"})
    last = folder.index()["last"]
    good = (
        f"the last good checkpoint is `{folder.checkpoints / str(last)}`"
        if last
        else "no checkpoint was due yet"
    )
    return DivergenceError(
        f"the {event.part} loss is {event.loss} at step {event.step} with lr {event.lr:.6g}; {good}. "
        f"Lower `lr`, or set `clip_grad_norm` or `warmup_steps`."
    )
