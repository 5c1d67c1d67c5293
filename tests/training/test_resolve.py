"""What "auto" becomes."""

import pytest

from netwright.errors import RecipeError
from netwright.training.recipe import Recipe
from netwright.training.resolve import resolve
from tiny import data


def test_digits_are_cropped_and_never_mirrored():
    assert resolve(Recipe(), data(name="digits")).augment == ("crop(padding=1)",)
    assert resolve(Recipe(), data(name="svhn", channels=3)).augment == ("crop(padding=1)",)


def test_photographs_are_mirrored_too():
    assert resolve(Recipe(), data(name="cifar10", channels=3)).augment == ("crop(padding=1)", "flip")


def test_small_sets_take_small_batches():
    assert resolve(Recipe(), data(80)).batch == 64
    assert resolve(Recipe(), data(10_000)).batch == 128


def test_what_was_given_stays():
    recipe = Recipe(batch=8, augment=("flip",), steps=5)
    assert resolve(recipe, data()) == recipe


def test_a_batch_that_processes_cannot_share_is_refused():
    with pytest.raises(RecipeError, match="3 processes"):
        resolve(Recipe(batch=16), data(), world=3)
