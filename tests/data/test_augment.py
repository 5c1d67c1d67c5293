"""Augmentations by name: ours, kornia's, and what is refused."""

import subprocess
import sys

import pytest
import torch

from netwright.data.augment import OWN, build
from netwright.data.shift import Crop, Flip
from netwright.errors import RecipeError

INPUT = (3, 16, 16)


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    return torch.randint(0, 256, (32, *INPUT), dtype=torch.uint8)


TARGETS = torch.arange(32)


def test_no_names_change_nothing(inputs: torch.Tensor):
    changed, targets = build([], input=INPUT)(inputs, TARGETS)
    assert changed is inputs
    assert targets is TARGETS


def test_names_apply_in_order(inputs: torch.Tensor):
    augment = build(["crop(padding=2)", "flip(p=1.0)"], input=INPUT)
    torch.manual_seed(1)
    augmented, _ = augment(inputs, TARGETS)
    torch.manual_seed(1)
    assert torch.equal(augmented, Flip(1.0)(Crop(2)(inputs)))


def test_the_border_of_crop_takes_the_mean_of_the_data():
    augment = build(["crop(padding=30)"], input=INPUT, mean=(0.2, 0.4, 0.6))
    augmented, _ = augment(torch.zeros(32, *INPUT, dtype=torch.uint8), TARGETS)
    assert augmented[:, 2].max() == round(0.6 * 255)


def test_an_augmentation_of_kornia_keeps_type_shape_and_targets(inputs: torch.Tensor):
    augmented, targets = build(["RandomErasing(p=1.0, scale=(0.2, 0.3))"], input=INPUT)(inputs, TARGETS)
    assert (augmented.dtype, augmented.shape) == (torch.uint8, inputs.shape)
    assert torch.equal(targets, TARGETS)
    kept = augmented == inputs
    assert 0.6 < kept.float().mean() < 0.9
    assert (augmented[~kept] == 0).all()


def test_kornia_s_mirror_is_ours(inputs: torch.Tensor):
    augmented, _ = build(["RandomHorizontalFlip(p=1.0)"], input=INPUT)(inputs, TARGETS)
    assert torch.equal(augmented, inputs.flip(3))


def test_values_stay_within_a_byte(inputs: torch.Tensor):
    augmented, _ = build(["RandomBrightness(brightness=(1.9, 2.0), p=1.0)"], input=INPUT)(inputs, TARGETS)
    assert (augmented >= inputs).all()
    assert (augmented[inputs > 250] == 255).all()


def test_ours_and_kornia_s_may_alternate_and_torch_s_seed_decides_all(inputs: torch.Tensor):
    names = ["flip", "RandomRotation(degrees=20.0)", "RandomErasing", "crop", "ColorJitter(0.3, 0.3, p=0.8)"]
    augment = build(names, input=INPUT)
    assert len(augment.stages) == 4  # neighbours of kornia share one conversion
    state = torch.get_rng_state()
    first, second = augment(inputs, TARGETS)[0], augment(inputs, TARGETS)[0]
    torch.set_rng_state(state)
    assert torch.equal(augment(inputs, TARGETS)[0], first)
    assert not torch.equal(first, second)


def test_building_draws_no_random_number():
    state = torch.get_rng_state()
    build(["crop", "flip", "RandomAffine(degrees=5.0)"], input=INPUT)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", ["crop(padding=x)", "flip(", "crop(__import__('os').sep)"])
def test_arguments_that_are_not_literals_are_refused(name: str):
    with pytest.raises(RecipeError, match=r"augmentation .* must be literals"):
        build([name], input=INPUT)


@pytest.mark.parametrize(
    ("name", "near"), [("cropp", "crop"), ("Flip", "flip"), ("RandomErazing(p=0.5)", "RandomErasing")]
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, near: str):
    with pytest.raises(RecipeError, match=f"did you mean .*{near}"):
        build([name], input=INPUT)


def test_a_name_near_nothing_is_answered_with_the_list():
    with pytest.raises(RecipeError, match=f"there are {', '.join(OWN)}, .*RandomErasing"):
        build(["zzz"], input=INPUT)


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("crop(pading=4)", r"crop\(padding=4\)"),
        ("crop(4, 4)", r"crop\(padding=4\)"),
        ("crop(mean=(0.1,))", r"crop\(padding=4\)"),
        ("flip(p='often')", r"flip\(p=0.5\)"),
        ("RandomErasing(q=1)", r"RandomErasing\(scale=\(0.02, 0.33\), .*p=0.5"),
        ("ColorJitter(brightness='a')", r"ColorJitter\(brightness=0.0"),
    ],
)
def test_a_wrong_argument_is_answered_with_the_signature(name: str, signature: str):
    with pytest.raises(RecipeError, match=f"it takes {signature}"):
        build([name], input=INPUT)


@pytest.mark.parametrize("name", ["RandomMixUpV2", "RandomCutMixV2", "AugmentationBase2D", "RandomCrop3D"])
def test_what_changes_targets_or_is_not_a_2d_augmentation_is_not_offered(name: str):
    with pytest.raises(RecipeError, match="there is no augmentation called"):
        build([name], input=INPUT)


def test_an_augmentation_that_changes_the_size_is_refused():
    with pytest.raises(RecipeError, match="3x16x16: it makes them 3x8x8"):
        build(["Resize((8, 8))"], input=INPUT)


def test_an_augmentation_of_colours_is_refused_for_grey_inputs():
    with pytest.raises(RecipeError, match="does not work on inputs of 1x8x8"):
        build(["ColorJitter(hue=0.1)"], input=(1, 8, 8))


def test_kornia_is_imported_only_when_it_is_used():
    code = (
        "import sys; from netwright.data.augment import build; build(['crop', 'flip'], input=(3, 8, 8));"
        "sys.exit('kornia' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
