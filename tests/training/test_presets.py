"""Named recipes hold options of a recipe, and nothing else."""

import pytest

from netwright.training.presets import PLAIN, PRESETS
from netwright.training.recipe import Recipe


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_made_of_options_that_differ_from_the_standard_recipe(name):
    recipe, standard = Recipe.preset(name), Recipe()
    for option in PRESETS[name]:
        assert getattr(recipe, option) == PRESETS[name][option]
        assert getattr(standard, option) != PRESETS[name][option]


def test_the_recipe_of_he_2015_cuts_the_rate_at_32k_and_48k_of_64k():
    recipe = Recipe.preset("he2015")
    assert [share * recipe.steps for share in recipe.milestones] == [32_000, 48_000]


def test_plain_options_are_values_of_open_ones():
    assert all(getattr(Recipe(), name) == "auto" for name in PLAIN)
    assert Recipe(**PLAIN) == Recipe().plain()
