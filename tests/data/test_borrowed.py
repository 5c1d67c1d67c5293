"""Kornia's augmentations: which are offered for what, and that bytes become floats once."""

import kornia.augmentation
import pytest
import torch
from torch import nn

from netwright.data.borrowed import Kornia, misfit, offered, refused
from netwright.data.kinds import Kind


def test_images_with_classes_are_offered_all_that_keep_the_targets():
    names = set(offered(2, spatial=False))
    assert {"ColorJitter", "RandomErasing", "RandomAffine", "RandomElasticTransform"} <= names
    assert not {"RandomMixUpV2", "RandomCutMixV2", "RandomMosaic", "RandomAffine3D"} & names
    assert not any("Base" in name for name in names)


def test_where_targets_move_only_changes_of_intensity_are_offered():
    names = set(offered(2, spatial=True))
    assert {"ColorJitter", "RandomGamma", "RandomGaussianNoise"} <= names
    geometric = kornia.augmentation.GeometricAugmentationBase2D
    assert not any(issubclass(getattr(kornia.augmentation, name), geometric) for name in names)
    assert not {"RandomElasticTransform", "RandomThinPlateSpline", "RandomFisheye"} & names


def test_volumes_are_offered_those_for_volumes():
    assert set(offered(3, spatial=True)) == {"RandomEqualize3D", "RandomMotionBlur3D"}
    assert "RandomAffine3D" in offered(3, spatial=False)
    assert offered(1, spatial=False) == {}


@pytest.mark.parametrize(
    ("name", "dims", "reason"),
    [
        ("RandomGamma", 3, "it is for images with two axes, and these inputs have 3"),
        ("RandomGamma", 1, "it is for images with two axes, and these inputs have 1"),
        ("RandomEqualize3D", 2, "it is for volumes, and these inputs have 2"),
        ("RandomAffine", 2, "it moves the image and not the targets; use flip"),
        ("nothing", 2, ""),
    ],
)
def test_a_refusal_says_what_the_augmentation_is_for(name: str, dims: int, reason: str):
    assert refused(name, dims).startswith(reason)
    assert bool(refused(name, dims)) == bool(reason)


def test_bytes_are_rounded_once_for_several_modules():
    half = nn.Module()
    half.forward = lambda x: x * 0.5
    inputs = torch.full((1, 1, 2, 2), 3, dtype=torch.uint8)
    targets = {Kind.CLASS: torch.tensor([1])}
    changed, same = Kornia([half, half])(inputs, targets)
    assert changed.unique().tolist() == [1]  # 0.75; rounding after each would give 2, then 1 or 0 by the tie
    assert changed.dtype == torch.uint8
    assert same is targets


def test_floats_keep_their_range():
    double = nn.Module()
    double.forward = lambda x: x * 2
    changed, _ = Kornia([double])(torch.full((1, 1, 2, 2), 0.75), {})
    assert changed.unique().tolist() == [1.5]


def test_a_module_that_does_not_fit_says_why():
    assert "makes them 3x8x8" in misfit(kornia.augmentation.Resize((8, 8)), (3, 16, 16))
    assert misfit(kornia.augmentation.RandomGamma(p=1.0), (3, 16, 16)) == ""
    assert misfit(kornia.augmentation.RandomMotionBlur3D(3, 35.0, 0.5, p=1.0), (1, 6, 8, 8)) == ""
    assert misfit(kornia.augmentation.ColorJitter(hue=0.1), (1, 8, 8))
    assert misfit(kornia.augmentation.RandomSnow(p=1.0), (1, 8, 8))
