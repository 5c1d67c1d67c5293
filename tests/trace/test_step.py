"""A recorded step has the peak that the allocator has in a real one."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netwright.errors import ShapeError
from netwright.spec import load
from netwright.trace.step import record_step
from practice import adamw, classes, maps, measured, practice

NETS = [
    ("resnet20", (3, 32, 32), 32, practice()),
    ("unet_same(width=8)", (1, 96, 96), 2, practice(maps(96, 96))),
    ("unet(width=8)", (1, 188, 188), 2, practice(maps(4, 4))),
    ("unet3d_same(width=4)", (1, 16, 32, 32), 2, practice(maps(16, 32, 32))),
    ("vit_cifar(depth=3)", (3, 32, 32), 8, practice(optimizer=adamw)),
    ("series_resnet", (2, 200), 8, practice(optimizer=adamw)),
    ("vgg11", (3, 64, 64), 2, practice()),
]


@pytest.mark.parametrize(("spec", "shape", "batch", "way"), NETS, ids=[net[0] for net in NETS])
def test_the_peak_with_its_reserve_is_that_of_the_allocator(spec, shape, batch, way):
    net = load(spec, input=shape, classes=3)
    step = record_step(net, shape, batch, way)
    peak = measured(net, shape, batch, way)
    assert step.mode == "fake"
    assert peak <= step.bound <= 1.08 * peak
    assert step.peak <= step.bound


def test_the_parts_of_a_step_are_those_of_torch():
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 4), nn.BatchNorm1d(4))
    step = record_step(net, (3, 2, 2), 5, practice(optimizer=adamw, stored=torch.uint8))
    weights = 4 * (48 + 4 + 4 * 4) + 8
    assert step.weights == weights
    assert step.state == 2 * 4 * (48 + 4 + 4 + 4) + 4 * 4
    assert step.examples == 5 * 12 * (1 + 4) + 5 * 8
    assert step.output == (5, 4)
    assert step.peak == max(step.forward, step.backward, step.update)


def test_a_moving_average_takes_the_weights_once_more():
    net = nn.Linear(8, 3)
    usual, averaged = (record_step(net, (8,), 2, practice(average=average)) for average in (False, True))
    assert averaged.weights == 2 * usual.weights
    assert averaged.peak == usual.peak + usual.weights


def test_the_module_and_the_random_numbers_stay_untouched():
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout()).eval()
    before, random = {k: v.clone() for k, v in net.state_dict().items()}, torch.get_rng_state()
    record_step(net, (4,), 3, practice())
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    assert torch.equal(random, torch.get_rng_state())
    assert not net.training
    assert all(parameter.grad is None for parameter in net.parameters())


@pytest.mark.parametrize(("precision", "size"), [("64-true", 8), ("bf16-true", 2), ("32-true", 4)])
def test_weights_and_state_take_the_number_format_of_the_recipe(precision, size):
    net = nn.Linear(16, 3, bias=False)
    step = record_step(net, (16,), 2, practice(precision=precision))
    assert (step.weights, step.state) == (48 * size, 48 * size)


def test_mixed_precision_halves_what_convolutions_save():
    net = nn.Sequential(*(nn.Conv2d(8, 8, 3, padding=1) for _ in range(8)), nn.Flatten(), nn.Linear(8192, 3))
    full, mixed = (
        record_step(net, (8, 32, 32), 16, practice(precision=precision))
        for precision in ("32-true", "bf16-mixed")
    )
    assert mixed.weights == full.weights
    assert 0.45 * full.peak < mixed.peak < 0.75 * full.peak


def test_a_peak_never_falls_as_the_batch_grows():
    net = load("lenet5")
    peaks = [record_step(net, (1, 32, 32), batch, practice()).peak for batch in (1, 2, 3, 5, 8, 13)]
    assert peaks == sorted(peaks)


class Reading(nn.Module):
    """A network whose way depends on its numbers."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        return self.layer(x) if x.sum().item() < 1 else self.layer(x) * 2


def test_a_network_that_looks_at_values_is_run():
    step = record_step(Reading(), (4,), 6, practice())
    assert step.mode == "real"
    usual = record_step(nn.Linear(4, 3), (4,), 6, practice())
    assert usual.weights == step.weights
    assert usual.peak <= step.peak <= usual.peak + 64


def test_a_loss_that_looks_at_values_is_run_too():
    def loss(output, target):
        return F.cross_entropy(output[target != -1], target[target != -1])

    assert record_step(nn.Linear(4, 3), (4,), 6, practice(classes, loss)).mode == "real"


def test_targets_that_numpy_makes_are_run_too():
    def targets(batch):
        return torch.from_numpy(torch.zeros(batch, dtype=torch.long).numpy() + 1)

    assert record_step(nn.Linear(4, 3), (4,), 6, practice(targets)).mode == "real"


def test_a_step_that_fails_is_refused_with_the_reason():
    with pytest.raises(ShapeError, match=r"a step on 2 examples of 5 fails: RuntimeError: .*5.*4"):
        record_step(nn.Linear(4, 3), (5,), 2, practice())


def test_a_frozen_layer_has_no_gradient_and_no_state():
    net = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 3))
    whole = record_step(net, (64,), 2, practice())
    net[0].requires_grad_(False)
    part = record_step(net, (64,), 2, practice())
    assert whole.state - part.state == 4 * (64 * 64 + 64)
    assert part.peak < whole.peak
