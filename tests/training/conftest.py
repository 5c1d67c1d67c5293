"""Trainings that take a fraction of a second."""

import pytest
import torch

from netwright.data.tasks.classification import Classification
from netwright.training.job import assemble, launch
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, Net, data


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Such small networks train faster on one thread, above all beside other processes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def job():
    """Builds a job on tiny data: batches of 16, five steps per epoch, no augmentation."""

    def build(net=None, task=None, **options):
        given = {"epochs": 2, "batch": 16, "augment": (), "schedule": "constant"}
        if "steps" in options:
            del given["epochs"]
        recipe = Recipe(**(given | options)).plain()
        fabric = launch(recipe.device, recipe.precision)
        return assemble(fabric, net or Net(), task or Classification(10), data(), recipe)

    return build


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A run of two epochs, to be read and not changed."""
    recipe = Recipe(epochs=2, batch=16, augment=(), lr=0.05)
    return train(SPEC, data(), recipe, out=tmp_path_factory.mktemp("finished"))
