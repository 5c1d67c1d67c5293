"""Runs that take a fraction of a second, and files for them."""

from pathlib import Path

import pytest
import torch
from PIL import Image

import tiny
from netwright.data.examples import Data
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.run import train

RECIPE = Recipe(steps=3, batch=16, augment=())


@pytest.fixture(scope="session")
def squares() -> Data:
    """Grey images 8x8 of ten classes."""
    return tiny.data()


@pytest.fixture(scope="session")
def classes_run(tmp_path_factory, squares) -> Run:
    """A run for `squares`, whose network reads images 8x8 only."""
    return train(tiny.SPEC, squares, RECIPE, out=tmp_path_factory.mktemp("runs") / "classes")


@pytest.fixture(scope="session")
def any_size_run(tmp_path_factory, squares) -> Run:
    """A run for `squares`, whose network reads images of any size."""
    return train("resnet(depth=8)", squares, RECIPE, out=tmp_path_factory.mktemp("runs") / "any")


@pytest.fixture(scope="session")
def cells() -> Data:
    """Grey images 16x16 with masks of the values 0 and 255."""
    return tiny.cells()


@pytest.fixture(scope="session")
def masks_run(tmp_path_factory, cells) -> Run:
    """A run for `cells`."""
    return train("unet_same(width=4, depth=1)", cells, RECIPE, out=tmp_path_factory.mktemp("runs") / "masks")


@pytest.fixture
def images(tmp_path, squares) -> Path:
    """A folder of ten images of `squares`, in two folders."""
    return saved(squares.test.inputs[:10], tmp_path / "images")


def saved(inputs: torch.Tensor, folder: Path) -> Path:
    """Write grey images [n, 1, h, w] as PNG files, alternately into two folders."""
    for number, image in enumerate(inputs):
        path = folder / "ab"[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0].numpy()).save(path)
    return folder
