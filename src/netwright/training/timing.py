"""What a step costs on this machine: a few steps are taken and measured."""

from statistics import median
from time import perf_counter

import torch

from netwright.training.job import Job
from netwright.training.listener import StepDone
from netwright.training.loop import fit

STEPS = 6
LONGEST = 20.0
"""The most seconds that are spent, unless a single step takes longer."""


def step_seconds(job: Job, steps: int = STEPS) -> float:
    """Return the median seconds of a step, after one that warms up where there are several.

    The arguments are those of `step_times`.
    """
    taken = step_times(job, steps)
    return median(taken[1:] or taken)


def step_times(job: Job, steps: int = STEPS) -> list[float]:
    """Return the seconds of each of the first steps; the first one compiles and warms up.

    The steps train the network of the job, so it is of no further use. No evaluation is measured.

    Args:
        job: A training that has not begun.
        steps: How many steps are taken, if they are quick enough and the epoch has as many.
    """
    taken: list[float] = []
    begin = perf_counter()
    for event in fit(job):
        if job.fabric.device.type == "cuda":
            _wait()
        taken.append(perf_counter() - begin)
        enough = len(taken) == steps or sum(taken) > LONGEST
        if not isinstance(event, StepDone) or event.last or enough:
            break
        begin = perf_counter()
    return taken


def span(seconds: float) -> str:
    """Return a time in a suitable unit.

    >>> span(0.0123), span(12.3), span(3600), span(40_000)
    ('12 ms', '12 s', '60 min', '11.1 h')
    """
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 120:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _wait() -> None:
    """Wait for an accelerator, which otherwise still computes what was asked of it."""
    torch.cuda.synchronize()
