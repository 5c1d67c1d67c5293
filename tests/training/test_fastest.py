"""The fastest way to train is found by timing, within a small share of the training."""

import pytest
import torch

from netwright.training import fastest as module
from netwright.training.fastest import Timed, can_compile, fastest, has_bfloat16, left_open
from netwright.training.presets import PLAIN
from netwright.training.recipe import Recipe
from tiny import SPEC, Net, data

LONG = Recipe(steps=100_000, batch=16, augment=(), device="cpu")


@pytest.fixture
def machine(monkeypatch):
    """A machine that can do everything, on which a step takes what a table says; returns what was timed."""

    def build(bfloat16=True, compiler=True, **seconds):
        timed = []

        def of(net, data, task, recipe, steps):
            timed.append(recipe)
            names = [name for name in ("channels_last", "compile") if getattr(recipe, name)]
            key = "_".join([*(["bf16"] if recipe.precision == "bf16-mixed" else []), *names]) or "plain"
            if isinstance(seconds[key], Exception):
                raise seconds[key]
            return Timed(recipe, 40.0 if recipe.compile else 0.0, seconds[key], steps)

        monkeypatch.setattr(module, "_timed", of)
        monkeypatch.setattr(module, "SHORT", 0.0)
        monkeypatch.setattr(module, "perf_counter", lambda: 0.0)
        monkeypatch.setattr(module, "has_bfloat16", lambda device: bfloat16)
        monkeypatch.setattr(module, "can_compile", lambda device: compiler)
        return timed

    return build


def test_each_option_is_tried_beside_the_best_before_it_and_the_fastest_is_taken(machine):
    timed = machine(plain=1.0, bf16=0.5, bf16_channels_last=0.6, bf16_compile=0.25)
    recipe, line = fastest(SPEC, data(), None, LONG)
    assert (recipe.precision, recipe.channels_last, recipe.compile) == ("bf16-mixed", False, True)
    assert [(each.precision, each.channels_last, each.compile) for each in timed] == [
        ("32-true", False, False),
        ("bf16-mixed", False, False),
        ("bf16-mixed", True, False),
        ("bf16-mixed", False, True),
    ]
    assert line.startswith(
        "fastest here: bf16-mixed, compiled, 250 ms a step and about 7.0 h in all, beside 1 s"
    )
    assert "27.8 h with 32-true; 4 ways were timed in 0 s" in line


def test_a_compilation_that_takes_longer_than_it_saves_is_not_taken(machine):
    machine(bfloat16=False, plain=0.100, channels_last=0.101, compile=0.0999)
    recipe, line = fastest(SPEC, data(), None, LONG)
    assert recipe == LONG.plain()
    assert line == "fastest here: 32-true, 100 ms a step; 3 ways were timed in 0 s"


def test_no_more_is_tried_than_a_small_share_of_the_training_pays_for(machine):
    timed = machine(plain=0.01, bf16=0.005, bf16_channels_last=0.004, bf16_compile=0.001)
    recipe, _ = fastest(SPEC, data(), None, LONG)  # 1,000 s: a compilation costs more than 30 s
    assert not any(each.compile for each in timed)
    assert recipe.channels_last


@pytest.mark.parametrize("steps", [1, 300])
def test_a_short_training_times_nothing(machine, steps):
    timed = machine(plain=1.0)
    recipe, line = fastest(SPEC, data(), None, LONG.changed(steps=steps))
    assert (recipe, line, timed) == (LONG.changed(steps=steps).plain(), "", [])


def test_a_training_of_seconds_by_its_arithmetic_times_nothing(machine, monkeypatch):
    timed = machine(plain=1.0)
    monkeypatch.setattr(module, "SHORT", 30.0)
    assert fastest(SPEC, data(), None, LONG.changed(steps=5000)) == (LONG.changed(steps=5000).plain(), "")
    assert timed == []


def test_what_fails_here_is_left_out(machine):
    machine(plain=1.0, bf16=RuntimeError("not implemented"), channels_last=0.5, channels_last_compile=0.6)
    recipe, _ = fastest(SPEC, data(), None, LONG)
    assert (recipe.precision, recipe.channels_last, recipe.compile) == ("32-true", True, False)


def test_what_the_recipe_says_stays(machine):
    timed = machine(plain=1.0, channels_last=0.1)
    given = LONG.changed(precision="32-true", compile=False)
    recipe, _ = fastest(SPEC, data(), None, given)
    assert left_open(given) == ["channels_last"]
    assert recipe == given.changed(channels_last=True)
    assert fastest(SPEC, data(), None, recipe) == (recipe, "")
    assert len(timed) == 2


def test_real_steps_are_timed_on_a_copy(monkeypatch):
    monkeypatch.setattr(module, "SHORT", 0.0)
    monkeypatch.setattr(module, "can_compile", lambda device: False)
    net = Net().train()
    before, state = {name: value.clone() for name, value in net.state_dict().items()}, torch.get_rng_state()
    recipe, line = fastest(net, data(), None, LONG)
    assert not left_open(recipe)
    assert line.startswith("fastest here: ")
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_what_a_machine_can_do_is_what_torch_says(monkeypatch):
    for known, able in [({"avx2": True}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True)]:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda known=known: known)
        assert has_bfloat16("cpu") is able
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    assert not can_compile("cpu")
    assert not can_compile("mps")


def test_a_plain_recipe_is_one_that_every_machine_can_run():
    assert {name: getattr(Recipe().plain(), name) for name in PLAIN} == PLAIN
