"""Recipes on the command line."""

import json
from typing import get_type_hints

import pytest
from cyclopts import App

from netwright.cli.recipe import Changes, Options, chosen
from netwright.errors import RecipeError
from netwright.training.recipe import Recipe


def parsed(*words: str) -> dict:
    app = App()

    @app.default
    def command(*, changes: Changes = None) -> dict:
        return dict(changes or {})

    return app(words, result_action="return_value")


def test_every_option_of_a_recipe_is_a_flag():
    assert set(get_type_hints(Options)) == set(Recipe.model_fields)


def test_only_flags_that_were_given_change_the_recipe():
    assert parsed() == {}
    assert parsed("--lr", "0.5", "--weight-decay", "0", "--no-nesterov") == {
        "lr": 0.5,
        "weight_decay": 0.0,
        "nesterov": False,
    }


def test_flags_change_a_preset():
    assert chosen("he2015", parsed("--epochs", "3")) == Recipe.preset("he2015", epochs=3)
    assert chosen("standard", None) == Recipe()


def test_flags_change_a_file(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"preset": "course", "batch": 32}))
    assert chosen(str(file), parsed("--lr", "0.2")) == Recipe.preset("course", batch=32, lr=0.2)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["auto"], "auto"),
        (["flip"], ("flip",)),
        (["crop(padding=2)", "--augment", "flip"], ("crop(padding=2)", "flip")),
    ],
)
def test_augmentations_are_a_list_or_auto(words, expected):
    assert chosen("standard", parsed("--augment", *words)).augment == expected


@pytest.mark.parametrize(("words", "expected"), [("auto", "auto"), ("32", 32)])
def test_batch_is_a_number_or_auto(words, expected):
    assert chosen("standard", parsed("--batch", words)).batch == expected


@pytest.mark.parametrize("name", ["best", "nowhere.json", "nowhere.toml"])
def test_an_unknown_recipe_is_refused(name):
    with pytest.raises(RecipeError):
        chosen(name, None)


def test_a_value_out_of_range_is_refused():
    with pytest.raises(RecipeError, match="`lr`"):
        chosen("standard", parsed("--lr", "-1"))
