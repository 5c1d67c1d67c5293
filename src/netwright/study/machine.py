"""What a study runs on: the device, versions, threads, and how many trainings at a time.

`device` is that of a recipe: `auto`, `cpu`, `cuda` or `mps`.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

import netwright
from netwright.training.machine import accelerated, named


def versions(device: str) -> dict[str, str]:
    """Return the versions of the software, and the name of the device that trains."""
    return {
        "netwright": netwright.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "device": named(device),
    }


def threads() -> int:
    """Return the number of threads of each run: what OMP_NUM_THREADS says, or else one.

    A sum that is split over threads rounds differently, so the number must not depend on how many runs are
    trained at a time.
    """
    return torch.get_num_threads() if "OMP_NUM_THREADS" in os.environ else 1


def cores() -> int:
    """Return how many cores this process may use, or how many there are where the system does not tell."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def jobs(device: str, threads: int) -> int:
    """Return how many trainings go at a time: one per core on a CPU (docs/benchmarks.md), else one."""
    return 1 if accelerated(device) else max(1, cores() // threads)


@contextmanager
def limited(threads: int) -> Iterator[None]:
    """Give torch `threads` threads in this process for the time being."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
