import pytest

from netwright.training import randomness
from netwright.training.preparation import Training
from netwright.training.recipe import Recipe
from netwright.training.timing import step_seconds
from tiny import SPEC, data


@pytest.fixture
def job():
    training = Training()
    with randomness.scoped():
        training.prepare(SPEC, data(), None, Recipe(batch=8, augment=(), epochs=3))
        yield training.job


def test_some_steps_are_taken_and_their_median_is_returned(job):
    assert step_seconds(job, steps=4) > 0
    assert job.step == 4


def test_the_first_step_only_warms_up(job, monkeypatch):
    times = iter([0.0, 9.0, 10.0, 11.0, 20.0, 23.0])  # steps of 9, 1 and 3 seconds
    monkeypatch.setattr("netwright.training.timing.perf_counter", lambda: next(times))
    assert step_seconds(job, steps=3) == 2.0


def test_an_epoch_that_is_shorter_ends_before_its_evaluation(job):
    step_seconds(job, steps=100)
    assert job.step == job.loader.batches == 10
    assert job.rows == []


def test_slow_steps_end_early(job, monkeypatch):
    ticks = iter(range(0, 10_000, 15))
    monkeypatch.setattr("netwright.training.timing.perf_counter", lambda: float(next(ticks)))
    assert step_seconds(job) == 15.0
    assert job.step == 2
