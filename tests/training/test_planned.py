import io
import json
from contextlib import redirect_stderr

import pytest
import torch

from netwright.data.catalogue import choose
from netwright.design.planning import Plan
from netwright.errors import DesignError
from netwright.spec import load
from netwright.training.listener import Started, StepDone
from netwright.training.planned import (
    COMPILED,
    PLAN,
    Comparison,
    compared,
    filled,
    peak_of,
    planned,
    said,
    unplanned,
)
from netwright.training.recipe import Recipe
from tiny import cells, data

UNET = load("unet_same(width=2, depth=2)", input=(1, 16, 16), classes=2)


def made(patch=(16, 16), batch=2, peak=1000):
    return Plan(patch, batch, 4, 5000, peak, {"weights": peak}, "fake", {"patch": "given"})


def test_what_a_recipe_gives_is_not_planned():
    examples = cells(size=32)
    task = choose(examples)
    given = planned(UNET, examples, task, Recipe(patch=(16, 32), batch=3), "cpu", memory="1GiB")
    assert (given.patch, given.batch) == ((16, 32), 3)
    free = planned(UNET, examples, task, Recipe(), "cpu", memory="1GiB")
    assert (free.patch, free.batch) == ((32, 32), 2)


def test_the_optimizer_and_the_average_of_the_recipe_are_counted():
    examples = cells()
    task = choose(examples)

    def parts(**options):
        return planned(UNET, examples, task, Recipe(**options), "cpu", memory="1GiB").parts

    usual = parts()
    assert parts(optimizer="adamw")["optimizer"] > 1.9 * usual["optimizer"]
    assert parts(ema_decay=0.9)["weights"] == 2 * usual["weights"]
    assert parts(precision="bf16-true")["weights"] < 0.6 * usual["weights"]
    assert parts(optimizer="muon")["optimizer"] > 0


def test_a_compiled_step_is_not_derived_and_the_plan_says_so():
    examples = cells()
    made = planned(UNET, examples, choose(examples), Recipe(compile=True), "cpu", memory="1GiB")
    assert COMPILED in made.warnings


def test_a_memory_that_is_too_small_is_refused():
    examples = cells()
    with pytest.raises(DesignError, match="take more memory"):
        planned(UNET, examples, choose(examples), Recipe(), "cpu", memory="100KB")


@pytest.mark.parametrize(
    ("recipe", "open_"),
    [(Recipe(), True), (Recipe(batch=2), False), (Recipe(patch=(8, 8)), False), (Recipe(patch=None), False)],
)
def test_a_training_plans_what_its_recipe_leaves_open(recipe, open_):
    assert unplanned(recipe, choose(cells())) is open_
    assert not unplanned(recipe, choose(data()))


def test_inputs_that_are_a_patch_each_are_taken_whole():
    examples = cells(size=16)
    assert filled(Recipe(), made((16, 16)), examples).patch is None
    assert filled(Recipe(), made((8, 16), batch=5), examples).patch == (8, 16)
    assert filled(Recipe(), made((8, 16), batch=5), examples).batch == 5
    assert filled(Recipe(), made(None), examples).patch is None


def started(folder):
    return Started(0, 10, 4, folder, {}, [])


def step(number):
    return StepDone(number, 1, number, 0.1, None, False)


def test_the_plan_is_written_and_compared_once_after_the_second_step(tmp_path):
    asked = []
    comparison = Comparison(made(), lambda: asked.append(1) or 1100)
    with redirect_stderr(io.StringIO()) as shown:
        comparison(started(tmp_path))
        assert json.loads((tmp_path / PLAN).read_text()) == made().document() | {"patch": [16, 16]}
        for number in (1, 2, 3):
            comparison(step(number))
    assert len(asked) == 1
    assert json.loads((tmp_path / PLAN).read_text())["measured"] == 1100
    assert shown.getvalue() == f"{said(made())}\n{compared(made(), 1100)}\n"
    assert "(+10.0 %)" in shown.getvalue()


def test_without_a_measurement_only_the_plan_is_written(tmp_path):
    with redirect_stderr(io.StringIO()) as shown:
        comparison = Comparison(made(), None)
        comparison(started(tmp_path))
        comparison(step(2))
    assert "measured" not in json.loads((tmp_path / PLAN).read_text())
    assert shown.getvalue() == f"{said(made())}\n"


def test_an_accelerator_counts_its_peak_and_a_cpu_does_not(monkeypatch):
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 77)
    measure = peak_of(torch.device("cuda"))
    assert measure is not None
    assert measure() == 77
    assert peak_of(torch.device("cpu")) is None
