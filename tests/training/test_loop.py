"""The loop against a literal one, option by option."""

import inspect
from functools import partial
from math import isnan

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netwright.data.kinds import Kind
from netwright.data.tasks.classification import Classification
from netwright.training import loop
from netwright.training.listener import Diverged, EpochDone, StepDone
from netwright.training.loader import order
from netwright.training.loop import Evaluation, fit, penalty
from netwright.training.randomness import seed
from tiny import Net, data


def literal(net, *, lr=0.1, l1=0.0, l2=0.0, label_smoothing=0.0, clip_grad_norm=None, decay=5e-4):
    """What every course writes, ten steps on the same batches."""
    given = data()
    x = (given.train.inputs.float() / 255 - given.mean[0]) / given.std[0]
    weights = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr, momentum=0.9, nesterov=True)
    net.train()
    for step in range(10):
        i = order(0, step // 5, 80, 16)[step % 5]
        loss = F.cross_entropy(net(x[i]), given.train.targets[Kind.CLASS][i], label_smoothing=label_smoothing)
        loss = loss + sum(l1 * w.abs().sum() + l2 * w.square().sum() for w in weights)
        optimizer.zero_grad()
        loss.backward()
        if clip_grad_norm:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip_grad_norm)
        optimizer.step()
    return net


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"l1": 0.01},
        {"l2": 0.01},
        {"label_smoothing": 0.2},
        {"clip_grad_norm": 0.05},
        {"lr": 0.02},
        {"decay": 0.05},
    ],
    ids=str,
)
def test_it_trains_as_the_literal_loop(job, options):
    seed(3)
    mine, theirs = Net(), Net()
    theirs.load_state_dict(mine.state_dict())
    given = dict(options)
    given["weight_decay"] = given.pop("decay", 5e-4)
    mine_job = job(net=mine, task=Classification(10, given.get("label_smoothing", 0.0)), **given)
    seed(4)
    list(fit(mine_job))
    seed(4)
    literal(theirs, **options)
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(mine.state_dict()[name], value, rtol=1e-4, atol=1e-5)


def test_events_come_in_order_and_steps_are_counted(job):
    events = list(fit(job(epochs=2)))
    kinds = [type(event) for event in events]
    assert kinds == [*([StepDone] * 5), EpochDone, *([StepDone] * 5), EpochDone]
    assert [event.step for event in events if isinstance(event, StepDone)] == list(range(1, 11))
    assert [event.last for event in events if isinstance(event, StepDone)] == ([False] * 4 + [True]) * 2


def test_a_run_by_steps_ends_inside_an_epoch_and_is_evaluated(job):
    events = list(fit(job(steps=7)))
    assert [event.row["step"] for event in events if isinstance(event, EpochDone)] == [5, 7]


def test_the_training_loss_of_an_epoch_is_the_mean_of_its_steps(job):
    events = list(fit(job(epochs=1, l1=0.5)))
    losses = [event.loss for event in events if isinstance(event, StepDone)]
    assert events[-1].row["train"]["loss"] == pytest.approx(sum(losses) / len(losses), rel=1e-6)


def measured(job) -> dict[str, float]:
    return Evaluation(job.fabric, job.tested, job.task, job.loader, job.metrics, job.grid)("valid")


def test_evaluation_is_the_mean_over_the_split_in_evaluation_mode(job):
    given = job()
    scores = measured(given)
    inputs = given.loader.units.normalised(given.loader.splits["valid"].inputs)
    targets = given.loader.splits["valid"].targets[Kind.CLASS]
    with torch.no_grad():
        output = given.net.eval()(inputs)
    assert scores["loss"] == pytest.approx(F.cross_entropy(output, targets).item(), rel=1e-5)
    assert scores["error"] == pytest.approx((output.argmax(1) != targets).float().mean().item())


def test_the_average_is_what_is_evaluated(job):
    given = job(ema_decay=0.99)
    list(fit(given))
    kept = measured(given)
    given.ema.net.load_state_dict(given.net.state_dict())
    assert measured(given) != kept
    assert given.rows[-1]["valid"] == kept


class Breaks(nn.Module):
    """Yields NaN from its n-th training batch on."""

    def __init__(self, at: int):
        super().__init__()
        self.net, self.at, self.seen = Net(), at, 0

    def forward(self, x):
        self.seen += self.training
        return self.net(x) * (float("nan") if self.training and self.seen >= self.at else 1.0)


@pytest.mark.parametrize("at", [1, 4, 7])
@pytest.mark.parametrize("look", ["every step", "seldom"])
def test_a_loss_that_is_not_a_number_is_named_by_its_step_at_any_look_interval(job, at, look, monkeypatch):
    given = job(net=Breaks(at), schedule="step", milestones=(0.5,), lr=0.25)
    if look == "seldom":
        monkeypatch.setattr(loop, "look_interval", lambda job: 3)
    *_, last = fit(given)
    assert isinstance(last, Diverged)
    assert (last.step, last.part) == (at, "train")
    assert last.lr == pytest.approx(0.25 if at <= 5 else 0.025)
    assert isnan(last.loss)


def test_the_gradient_of_the_penalty_is_l1_times_the_sign_plus_twice_l2_times_the_weight():
    w = torch.tensor([[1.0, -2.0], [3.0, -0.5]], requires_grad=True)
    penalty([w], l1=0.3, l2=0.1).backward()
    torch.testing.assert_close(w.grad, 0.3 * w.detach().sign() + 2 * 0.1 * w.detach())


def test_plateau_lowers_the_rate_when_validation_stays(job):
    given = job(epochs=4, lr=1e-9, schedule="plateau", patience=0, factor=0.5)
    list(fit(given))
    lrs = [row["lr"] for row in given.rows]
    assert lrs[0] == 1e-9
    assert lrs[-1] < lrs[0]


@pytest.mark.parametrize("precision", ["bf16-mixed", "64-true"])
def test_other_precisions_train(job, precision):
    given = job(precision=precision)
    *_, last = fit(given)
    assert last.row["train"]["loss"] > 0
    assert given.net.conv.weight.dtype == (torch.float64 if precision == "64-true" else torch.float32)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
def test_onecycle_moves_the_momentum_of_each_optimizer_of_ours(job, optimizer):
    given = job(schedule="onecycle", optimizer=optimizer, epochs=2)
    momenta = []
    for event in fit(given):
        if isinstance(event, StepDone):
            groups = given.optimizer.param_groups
            momenta.append({g["betas"][0] if "betas" in g else g["momentum"] for g in groups})
    assert momenta == [{given.schedule.momentum_at(step)} for step in range(10)]
    assert len(set(map(tuple, momenta))) > 3


def test_an_optimizer_that_was_given_keeps_its_own_momentum(job):
    given = job(schedule="onecycle", optimizer=partial(torch.optim.Adam, betas=(0.7, 0.99)))
    list(fit(given))
    assert {group["betas"] for group in given.optimizer.param_groups} == {(0.7, 0.99)}


def test_the_loop_does_not_know_what_it_trains_for():
    assert "label" not in inspect.getsource(loop).lower()
