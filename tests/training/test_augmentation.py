"""The augmentation that a recipe takes of itself: what no data of that kind are harmed by."""

from dataclasses import replace

import pytest
import torch

from netwright.data.augment import augmentation
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind
from netwright.training.augmentation import natural
from tiny import cells, data


def moving(shape: tuple[int, ...], kind: Kind = Kind.MASK, classes: tuple[str, ...] = ("a", "b")) -> Data:
    """Data without content whose targets move with the images."""
    split = Split(torch.zeros(2, *shape, dtype=torch.uint8), {kind: torch.zeros(2, *shape[1:]).byte()})
    return Data("d", classes, split, split, split, (0.5,) * shape[0], (1.0,) * shape[0], "")


@pytest.mark.parametrize(
    ("name", "channels", "chosen"),
    [
        ("digits", 1, ("crop(padding=1)",)),
        ("svhn", 3, ("crop(padding=1)",)),
        ("cifar10", 3, ("crop(padding=1)", "flip")),
        ("scans", 1, ("crop(padding=1)",)),
    ],
)
def test_classes_are_cropped_and_photographs_mirrored(name: str, channels: int, chosen):
    example = data(name=name, channels=channels)
    assert natural(example, example.input) == chosen
    assert natural(example, (channels, 32, 40)) == tuple(each.replace("1", "4") for each in chosen)


@pytest.mark.parametrize(
    ("shape", "chosen"),
    [
        ((3, 8, 8), ("flip",)),
        ((1, 8, 12), ("flip(axes=(0, 1))",)),
        ((5, 8, 8), ("flip(axes=(0, 1))",)),
        ((1, 4, 8, 8), ("flip(axes=(0, 1, 2))",)),
        ((3, 4, 8, 8), ("flip(axes=(0, 1, 2))",)),
    ],
)
def test_masks_are_flipped_left_to_right_in_photographs_and_along_every_axis_elsewhere(shape, chosen):
    example = moving(shape)
    assert natural(example, shape) == chosen
    augmentation(chosen, example)  # which the guard accepts


def test_nothing_is_flipped_that_has_sides():
    assert natural(moving((1, 8, 8), classes=("background", "Left kidney")), (1, 8, 8)) == ()
    assert natural(moving((1, 8, 8), kind=Kind.POINTS), (1, 8, 8)) == ()
    assert natural(moving((1, 8), kind=Kind.SERIES), (1, 8)) == ()


def test_cells_are_flipped():
    assert natural(replace(cells(), name="mnist"), (1, 16, 16)) == ("flip(axes=(0, 1))",)
