"""Runs whose cards are read; they are not to be changed."""

import pytest

from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import Net, cells, data


@pytest.fixture(scope="session")
def segmented(tmp_path_factory):
    """A run of a registered network on images with masks."""
    recipe = Recipe(epochs=4, batch=4, augment=(), lr=0.05)
    return train("unet_same(width=2, depth=1)", cells(), recipe, out=tmp_path_factory.mktemp("segmented"))


@pytest.fixture(scope="session")
def of_module(tmp_path_factory):
    """A run of a module, which no spec names."""
    recipe = Recipe(steps=2, batch=16, augment=())
    return train(Net(), data(), recipe, out=tmp_path_factory.mktemp("module"))
