import pytest
import torch

from netwright.errors import DesignError
from netwright.spec import load
from netwright.training.recipe import Recipe
from netwright.training.rehearsal import as_trained, rehearse
from tiny import SPEC, cells, data

UNET = "unet_same(width=2, depth=2)"  # sides are multiples of 4


def test_a_step_is_measured_and_the_epoch_follows():
    made = rehearse(UNET, cells(), Recipe(epochs=3, augment=()), memory="1GiB")
    assert made.seconds > 0
    assert made.steps == 3 * made.plan.steps
    document = made.document()
    assert document["epoch_seconds"] == made.seconds * made.plan.steps
    assert (document["patch"], document["untimed"]) == ([16, 16], "")


def test_steps_are_those_of_the_recipe():
    assert rehearse(UNET, cells(), Recipe(steps=7, augment=()), memory="1GiB", timed=False).steps == 7


def test_nothing_is_run_that_this_machine_cannot_hold(monkeypatch):
    monkeypatch.setattr("netwright.design.capacity.free", lambda device: 1000)
    made = rehearse(UNET, cells(), Recipe(augment=()), memory="80GiB")
    assert made.seconds is None
    assert "are needed, and 1000 B are free here" in made.untimed


def test_a_module_stays_as_it_is_and_random_numbers_too():
    net = load(UNET, input=(1, 16, 16), classes=2)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    random = torch.get_rng_state()
    rehearse(net, cells(), Recipe(augment=()), memory="1GiB")
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    assert torch.equal(random, torch.get_rng_state())


def test_options_of_the_task_reach_it():
    made = rehearse(SPEC, data(), Recipe(label_smoothing=0.1, augment=()), memory="1GiB", timed=False)
    assert made.plan.patch is None
    assert made.untimed == "not asked for"


def test_a_coarse_axis_has_fewer_positions_in_a_patch():
    shape = cells(size=96)
    usual, coarse = (
        rehearse(UNET, shape, Recipe(), memory="2MiB", spacing=spacing, timed=False).plan.patch
        for spacing in ((1.0, 1.0), (4.0, 1.0))
    )
    assert abs(usual[0] - usual[1]) <= 4
    assert coarse[0] < coarse[1]


def test_a_memory_that_is_too_small_is_refused():
    with pytest.raises(DesignError, match=r"the budget is 10\.00 KiB; take more memory"):
        rehearse(UNET, cells(), Recipe(), memory="10KiB", timed=False)


def test_a_dry_run_takes_the_batch_of_the_training():
    assert as_trained(Recipe(), data(), None).batch == 64
    assert as_trained(Recipe(batch=5), data(), None).batch == 5


def test_a_dry_run_of_maps_plans_what_the_training_would_plan():
    assert as_trained(Recipe(), cells(), None) == Recipe()
    given = as_trained(Recipe(batch=3), cells(), "segmentation")
    assert (given.patch, given.batch) == ((16, 16), 3)
    assert as_trained(Recipe(patch=(8, 8), batch=2), cells(), None).patch == (8, 8)
