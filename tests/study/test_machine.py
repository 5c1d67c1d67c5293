"""What a study runs on."""

import os
import platform

import pytest
import torch

import netwright
from netwright.study import machine


def test_versions_name_what_decides_the_numbers():
    assert machine.versions("cpu") == {
        "netwright": netwright.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "device": platform.machine(),
    }


def test_a_run_has_one_thread_unless_the_environment_says_otherwise(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert machine.threads() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert machine.threads() == torch.get_num_threads()


def test_cores_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 2, 5}, raising=False)
    assert machine.cores() == 3


@pytest.mark.parametrize(("count", "cores"), [(6, 6), (None, 1)])
def test_a_system_without_affinity_counts_all_cores(monkeypatch, count, cores):
    """As macOS and Windows are; `os.cpu_count` may not know the number."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert machine.cores() == cores


@pytest.mark.parametrize(("threads", "jobs"), [(1, 4), (2, 2), (3, 1), (10_000, 1)])
def test_every_core_has_a_job_and_there_is_at_least_one(monkeypatch, threads, jobs):
    monkeypatch.setattr(machine, "cores", lambda: 4)
    assert machine.jobs("cpu", threads) == jobs


def test_a_recipe_for_the_cpu_is_not_accelerated(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    assert not machine.accelerated("cpu")
    assert machine.accelerated("auto")


def test_threads_are_limited_only_inside():
    before = torch.get_num_threads()
    with machine.limited(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
