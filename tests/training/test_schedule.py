"""Rates, step by step against torch's schedulers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from netwright.training.recipe import Recipe
from netwright.training.schedule import SCHEDULES, Schedule, plateau_cuts


def torch_lrs(build, steps: int, lr: float) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = build(optimizer)
    lrs = []
    for _ in range(steps):
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return lrs


FIELDS = {"lr", "momentum", "warmup_steps", "pct_start", "milestones", "factor", "patience"}


def scheduled(total: int, **options) -> Schedule:
    recipe = Recipe(**options)
    return Schedule(kind=recipe.schedule, total=total, **recipe.model_dump(include=FIELDS))


def ours(total: int, **options) -> list[float]:
    return [scheduled(total, **options).lr_at(step) for step in range(total)]


@pytest.mark.parametrize(("total", "pct_start"), [(40, 0.3), (95, 0.1), (300, 0.5)])
def test_onecycle_is_torch_s(total, pct_start):
    expected = torch_lrs(
        lambda o: lr_scheduler.OneCycleLR(o, 0.2, total, pct_start=pct_start, cycle_momentum=False),
        total,
        0.2,
    )
    assert ours(total, lr=0.2, pct_start=pct_start) == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(("total", "pct_start"), [(40, 0.3), (95, 0.1), (300, 0.5)])
def test_onecycle_swings_momentum_as_torch_does(total, pct_start):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2, momentum=0.9)
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.2, total, pct_start=pct_start)
    expected = []
    for _ in range(total):
        expected.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        scheduler.step()
    schedule = scheduled(total, momentum=0.9, pct_start=pct_start)
    assert [schedule.momentum_at(step) for step in range(total)] == pytest.approx(expected)


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "plateau"])
def test_other_schedules_leave_momentum_alone(schedule):
    assert {scheduled(10, schedule=schedule, momentum=0.8).momentum_at(step) for step in range(10)} == {0.8}


def test_a_onecycle_of_few_steps_has_a_rate_at_each():
    lrs = [value for total in (1, 2, 10) for value in ours(total, pct_start=0.1)]
    assert all(0 < value <= 0.1 for value in lrs)


def test_cosine_is_torch_s():
    expected = torch_lrs(lambda o: lr_scheduler.CosineAnnealingLR(o, 50), 50, 0.3)
    assert ours(50, lr=0.3, schedule="cosine") == pytest.approx(expected)


def test_step_is_torch_s_multi_step():
    expected = torch_lrs(lambda o: lr_scheduler.MultiStepLR(o, [10, 20], gamma=0.2), 40, 0.1)
    assert ours(40, lr=0.1, schedule="step", milestones=(0.25, 0.5), factor=0.2) == pytest.approx(expected)


def test_warm_up_then_cosine_is_torch_s_sequence():
    def build(optimizer):
        up = lr_scheduler.LinearLR(optimizer, start_factor=1 / 5, total_iters=4)
        down = lr_scheduler.CosineAnnealingLR(optimizer, 20)
        return lr_scheduler.SequentialLR(optimizer, [up, down], [5])

    expected = torch_lrs(build, 25, 0.1)
    assert ours(25, lr=0.1, schedule="cosine", warmup_steps=5) == pytest.approx(expected)


@given(st.lists(st.floats(0.01, 10), max_size=30), st.integers(0, 4))
def test_plateau_cuts_when_torch_does(losses, patience):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=patience)
    for loss in losses:
        scheduler.step(loss)
    cut = 0.5 ** plateau_cuts(losses, patience)
    schedule = scheduled(1, schedule="plateau", lr=1.0, factor=0.5, patience=patience)
    if cut > 1e-7:  # torch stops where the change falls below 1e-8
        assert schedule.lr_at(0, losses) == cut == optimizer.param_groups[0]["lr"]


def test_constant_is_constant():
    assert set(ours(9, schedule="constant", lr=0.7)) == {0.7}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("total", [1, 2, 3])
def test_the_shortest_runs_have_a_positive_finite_rate(schedule, total):
    assert all(0 < value <= 0.1 for value in ours(total, schedule=schedule))


@pytest.mark.parametrize("kind", [name for name, kind in SCHEDULES.items() if kind.extensible])
def test_the_rates_of_an_extensible_schedule_do_not_depend_on_its_length(kind):
    losses = [1.0, 0.9, 0.95, 0.95, 0.95]
    short, long = (scheduled(total, schedule=kind, patience=1) for total in (10, 1000))
    assert [short.lr_at(step, losses) for step in range(10)] == [
        long.lr_at(step, losses) for step in range(10)
    ]
