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


def _wait() -> None:
    """Wait for an accelerator, which otherwise still computes what was asked of it."""
    torch.cuda.synchronize()
