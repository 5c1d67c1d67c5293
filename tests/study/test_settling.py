"""All trials of a study have one number format, memory layout and compiler."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from netwright.data.catalogue import choose
from netwright.spec import load
from netwright.study import settling
from netwright.study.candidate import Candidate
from netwright.study.compare import compare
from netwright.study.settling import settled
from netwright.training.presets import PLAIN
from netwright.training.recipe import Recipe
from study.examples import design
from tiny import data

OPEN = {"slow": Recipe(steps=3, batch=16), "exact": Recipe(steps=3, batch=16, precision="64-true")}


@pytest.fixture
def timed(monkeypatch):
    """Records which network is timed; it is fastest with channels last."""
    seen = []

    def choice(net, data, task, recipe):
        seen.append(net)
        return recipe.changed(precision="bf16-mixed", channels_last=True, compile=False), "why"

    monkeypatch.setattr(settling, "fastest", choice)
    return seen


def pairs(**macs):
    return [(Candidate(name, name), replace(design(name), macs=count)) for name, count in macs.items()]


def test_the_most_expensive_design_decides_once_for_all(timed, capsys):
    given = data()
    found = settled(OPEN, None, pairs(mlp=10, resnet20=1000), given, choose(given))
    assert timed == ["resnet20"]
    assert {(each.precision, each.channels_last) for each in found.values()} == {
        ("bf16-mixed", True),
        ("64-true", True),
    }
    assert capsys.readouterr().err == "resnet20: why\n"


def test_what_one_recipe_chose_is_not_given_to_another(timed, monkeypatch):
    given, recipes = data(), {name: OPEN[name] for name in ("exact", "slow")}
    found = settled(recipes, None, pairs(mlp=10), given, choose(given))
    assert [each.precision for each in found.values()] == ["64-true", "bf16-mixed"]
    seen = []
    monkeypatch.setattr(
        settling, "fastest", lambda net, data, task, recipe: (seen.append(recipe) or recipe, "")
    )
    settled(recipes, None, pairs(mlp=10), given, choose(given))
    assert [each.precision for each in seen] == ["auto"]


def test_a_study_that_goes_on_keeps_what_each_option_was_settled_to(timed):
    given, fixed = data(), Recipe(steps=3, batch=16, precision="64-true").plain()
    recipes = {"fixed": fixed, "slow": OPEN["slow"]}
    before = settled(recipes, None, pairs(mlp=10), given, choose(given))
    known = SimpleNamespace(recipes={name: each.model_dump(mode="json") for name, each in before.items()})
    assert settled(recipes, known, pairs(mlp=10), given, choose(given)) == before
    assert before["slow"].precision == "bf16-mixed"
    assert timed == ["mlp"]


def test_recipes_that_leave_nothing_open_are_not_timed(timed):
    given, plain = data(), {"plain": Recipe().plain()}
    assert settled(plain, None, pairs(mlp=10), given, choose(given)) == plain
    assert timed == []


def test_a_function_is_built_for_the_timing(timed):
    given = data()
    build = Candidate("built", lambda: load("mlp", input=(1, 8, 8), classes=10))
    settled(OPEN, None, [(build, design("built"))], given, choose(given))
    assert [type(net).__name__ for net in timed] == ["Sequential"]


@pytest.mark.usefixtures("workers_in_process")
def test_a_study_that_goes_on_keeps_what_it_has(timed, tmp_path):
    given, recipe = data(), Recipe(steps=2, batch=16, augment=(), device="cpu")
    study = compare(["mlp"], given, recipe.changed(**PLAIN), seeds=1, out=tmp_path / "study")
    assert timed == []
    longer = compare(["mlp"], given, recipe, seeds=2, out=tmp_path / "study")
    assert timed == []
    assert longer.recipes == study.recipes
    assert [trial.finished for arm in longer.arms for trial in arm.trials] == [True, True]
