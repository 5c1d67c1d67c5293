"""What a study runs on."""

import os

import pytest
import torch

import netwright
from netwright.study import machine
from netwright.training.recipe import Recipe

CPU = Recipe(device="cpu")


def test_versions_name_what_decides_the_numbers():
    found = machine.versions(CPU)
    assert (found["netwright"], found["torch"]) == (netwright.__version__, torch.__version__)
    assert found["device"]


def test_a_run_has_one_thread_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert machine.threads() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert machine.threads() == torch.get_num_threads()


@pytest.mark.parametrize("threads", [1, 2, 10_000])
def test_every_core_has_a_job_and_there_is_at_least_one(threads):
    assert machine.jobs(CPU, threads) == max(1, len(os.sched_getaffinity(0)) // threads)


def test_a_recipe_for_the_cpu_is_not_accelerated():
    assert not machine.accelerated(CPU)


def test_threads_are_limited_for_a_while_only():
    before = torch.get_num_threads()
    with machine.limited(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
