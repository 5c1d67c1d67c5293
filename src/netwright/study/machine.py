"""What a study runs on: device, versions, threads, and how many trainings at a time."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

import netwright
from netwright.training.recipe import Recipe


def versions(recipe: Recipe) -> dict[str, str]:
    """Versions, and the device that trains."""
    device = platform.machine()
    if accelerated(recipe):
        kind = torch.accelerator.current_accelerator()
        device = torch.cuda.get_device_name() if kind is not None and kind.type == "cuda" else str(kind)
    return {
        "netwright": netwright.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "device": device,
    }


def accelerated(recipe: Recipe) -> bool:
    """The recipe trains on a GPU or its like."""
    return recipe.device != "cpu" and torch.accelerator.is_available()


def threads() -> int:
    """Threads of each run: what OMP_NUM_THREADS says, else one.

    A sum split over threads rounds differently, so the number must not depend on how many runs go at a time.
    """
    return torch.get_num_threads() if "OMP_NUM_THREADS" in os.environ else 1


def jobs(recipe: Recipe, threads: int) -> int:
    """One for each core on a CPU: see docs/benchmarks.md."""
    return 1 if accelerated(recipe) else max(1, len(os.sched_getaffinity(0)) // threads)


@contextmanager
def limited(threads: int) -> Iterator[None]:
    """Give torch so many threads here, for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
