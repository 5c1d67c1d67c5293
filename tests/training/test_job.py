"""A job's state is all that the rest of training depends on."""

from copy import deepcopy
from math import nan

import pytest
import torch

from netwright.training.job import best, launch
from netwright.training.loop import fit
from netwright.training.randomness import seed

OPTIONS = {"ema_decay": 0.9, "momentum": 0.8, "clip_grad_norm": 0.5, "schedule": "plateau", "patience": 0}


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon", torch.optim.Adagrad])
@pytest.mark.parametrize("steps", [3, 5, 7])
def test_a_restored_job_goes_on_bit_for_bit(job, optimizer, steps):
    seed(1)
    first = job(optimizer=optimizer, **OPTIONS)
    events = fit(first)
    while first.step < steps or (first.batch == 5):
        next(events)
    state, weights = deepcopy((first.state(), first.tested.state_dict()))
    rows = list(first.rows)
    list(events)
    seed(2)
    second = job(optimizer=optimizer, **OPTIONS)
    second.restore(weights, state, rows)
    list(fit(second))
    for name, value in first.net.state_dict().items():
        assert torch.equal(value, second.net.state_dict()[name])
    for ours, theirs in zip(first.rows, second.rows, strict=True):
        assert all(ours[part] == theirs[part] for part in ("train", "valid", "test", "lr"))


def test_the_length_is_epochs_of_full_batches_or_steps(job):
    assert job(epochs=3).schedule.total == 15
    assert job(steps=7).schedule.total == 7


def test_the_best_epoch_has_the_best_monitor_then_the_lowest_loss_then_comes_first():
    def row(epoch, error, loss):
        return {"epoch": epoch, "valid": {"error": error, "loss": loss}}

    rows = [row(1, 0.3, 1.0), row(2, 0.2, 0.9), row(3, 0.2, 0.8), row(4, 0.2, 0.8), row(5, 0.25, 0.1)]
    assert best(rows, "error", lower_is_better=True) == rows[2]
    assert best(rows, "error", lower_is_better=False) == rows[0]
    assert best(rows, "loss", lower_is_better=True) == rows[4]
    assert best([], "error", lower_is_better=True) is None


def test_channels_last_reaches_the_convolutions(job):
    from tiny import Net

    net = Net(channels=1)
    assert job(net=net, channels_last=True).net.conv.weight.is_contiguous(memory_format=torch.channels_last)


def test_without_torchrun_it_is_one_process():
    fabric = launch("cpu", "32-true")
    assert (fabric.world_size, fabric.global_rank, fabric.device.type) == (1, 0, "cpu")


@pytest.mark.parametrize(("precision", "kind"), [("bf16-mixed", torch.bfloat16), ("32-true", torch.float32)])
def test_the_precision_reaches_a_matrix_product(precision, kind):
    with launch("cpu", precision).autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == kind


@pytest.mark.parametrize("lower", [True, False])
def test_an_epoch_whose_metric_has_no_value_is_never_the_best(lower):
    rows = [{"epoch": k, "valid": {"dice": value, "loss": 1.0}} for k, value in enumerate((nan, 0.5, nan))]
    assert best(rows, "dice", lower_is_better=lower) == rows[1]
