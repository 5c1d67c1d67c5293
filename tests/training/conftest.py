"""Trainings that take a fraction of a second."""

import pytest

from netwright.data.task import Classification
from netwright.training.job import assemble
from netwright.training.launch import launch
from netwright.training.loader import Loader
from netwright.training.recipe import Recipe
from tiny import Net, data


@pytest.fixture
def job():
    """Builds a job on tiny data: batches of 16, five steps an epoch, no augmentation."""

    def build(net=None, **options):
        given = {"epochs": 2, "batch": 16, "augment": (), "schedule": "constant"}
        if "steps" in options:
            del given["epochs"]
        recipe = Recipe(**(given | options))
        fabric = launch(recipe)
        loader = Loader(data(), lambda inputs, targets: (inputs, targets), batch=16, device=fabric.device)
        return assemble(fabric, Net() if net is None else net, Classification(10), loader, recipe)

    return build
