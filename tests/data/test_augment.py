"""Augmentations by name: ours, kornia's, and what is refused."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from netwright.data.augment import OWN, augmentation, build
from netwright.data.examples import Data, Split
from netwright.data.kinds import IGNORE, Kind
from netwright.data.shift import Crop, Flip
from netwright.errors import RecipeError
from netwright.plugins import PluginWarning

INPUT = (3, 16, 16)


@pytest.fixture(scope="module")
def inputs() -> torch.Tensor:
    return torch.randint(0, 256, (32, *INPUT), dtype=torch.uint8)


TARGETS = {Kind.CLASS: torch.arange(32)}


def test_no_names_change_nothing(inputs: torch.Tensor):
    changed, targets = build([], input=INPUT)(inputs, TARGETS)
    assert changed is inputs
    assert targets is TARGETS


def test_names_apply_in_order(inputs: torch.Tensor):
    augment = build(["crop(padding=2)", "flip(p=1.0)"], input=INPUT)
    torch.manual_seed(1)
    augmented, _ = augment(inputs, TARGETS)
    torch.manual_seed(1)
    assert torch.equal(augmented, Flip(1.0)(*Crop(2)(inputs, TARGETS))[0])


def test_the_border_of_crop_takes_the_mean_of_the_data():
    augment = build(["crop(padding=30)"], input=INPUT, mean=(0.2, 0.4, 0.6))
    augmented, _ = augment(torch.zeros(32, *INPUT, dtype=torch.uint8), TARGETS)
    assert augmented[:, 2].max() == round(0.6 * 255)


def test_an_augmentation_of_kornia_keeps_type_shape_and_targets(inputs: torch.Tensor):
    augmented, targets = build(["RandomErasing(p=1.0, scale=(0.2, 0.3))"], input=INPUT)(inputs, TARGETS)
    assert (augmented.dtype, augmented.shape) == (torch.uint8, inputs.shape)
    assert targets is TARGETS
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
        ("flip(p='often')", r"flip\(p=0.5, axes=\(-1,\)\)"),
        ("RandomErasing(q=1)", r"RandomErasing\(scale=\(0.02, 0.33\), .*p=0.5"),
        ("ColorJitter(brightness='a')", r"ColorJitter\(brightness=0.0"),
    ],
)
def test_a_wrong_argument_is_answered_with_the_signature(name: str, signature: str):
    with pytest.raises(RecipeError, match=f"it takes {signature}"):
        build([name], input=INPUT)


@pytest.mark.parametrize("name", ["RandomMixUpV2", "RandomCutMixV2", "AugmentationBase2D"])
def test_what_mixes_targets_or_is_no_augmentation_is_not_offered(name: str):
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


def test_an_augmentation_for_volumes_is_refused_for_images():
    with pytest.raises(RecipeError, match="it is for volumes, and these inputs have 2 axes of space"):
        build(["RandomCrop3D((4, 4, 4))"], input=INPUT)


def test_volumes_take_kornia_s_augmentations_for_volumes():
    volumes = torch.randint(0, 256, (2, 1, 6, 8, 8), dtype=torch.uint8)
    augment = build(["RandomMotionBlur3D(3, 35.0, 0.5, p=1.0)"], input=(1, 6, 8, 8))
    changed, _ = augment(volumes, {})
    assert (changed.shape, changed.dtype) == (volumes.shape, torch.uint8)
    assert not torch.equal(changed, volumes)


def test_a_warp_of_kornia_is_allowed_for_classes_and_refused_for_masks():
    build(["RandomRotation(degrees=20.0)"], input=INPUT, kinds=[Kind.CLASS])
    with pytest.raises(RecipeError, match="it moves the image and not the targets; use flip, rotate90"):
        build(["RandomRotation(degrees=20.0)"], input=INPUT, kinds=[Kind.MASK])


@pytest.mark.parametrize("input", [(3, 16, 16), (1, 8, 12, 12)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_ours_move_masks_with_images_of_any_type_and_dimensions(input, dtype):
    names = [
        "flip(axes=(0, 1))",
        "crop(2)",
        "affine(degrees=20, scale=(0.9, 1.1))",
        "grid_elastic(sigma=2.0)",
    ]
    augment = build(names, input=input, mean=(0.5,) * input[0], kinds=[Kind.MASK], dtype=dtype)
    mask = torch.randint(0, 2, (4, *input[1:]))
    inputs = (mask[:, None] * 200).to(dtype).repeat(1, input[0], *[1] * (len(input) - 1))
    torch.manual_seed(0)
    image, targets = augment(inputs, {Kind.MASK: mask})
    assert (image.shape, image.dtype) == (inputs.shape, dtype)
    known = targets[Kind.MASK] != IGNORE
    assert 0.5 < known.float().mean() <= 1
    agrees = (image[:, 0].float() > 100) == (targets[Kind.MASK] == 1)
    assert agrees[known].float().mean() > 0.85  # every second position is an edge


def test_neighbouring_deformations_resample_once_up_to_the_first_that_bends():
    count = lambda *names: len(build(names, input=INPUT).stages)  # noqa: E731
    assert count("affine(5)", "affine(5)", "elastic") == 1
    assert count("elastic", "affine(5)", "grid_elastic") == 2
    assert count("affine(5)", "flip", "affine(5)") == 3


def test_augmentation_takes_what_it_needs_from_the_data():
    images = torch.zeros(4, 1, 12, 12, dtype=torch.int16)
    split = Split(images, {Kind.MASK: torch.zeros(4, 12, 12, dtype=torch.uint8)})
    data = Data("cells", ("a", "b"), split, split, split, (0.25,), (1.0,), "", range=(-100.0, 300.0))
    augment = augmentation(["crop(padding=20)"], data, (1, 6, 6))
    image, targets = augment(torch.ones(50, 1, 6, 6), {Kind.MASK: torch.ones(50, 6, 6, dtype=torch.int64)})
    assert torch.allclose(image[:, 0][targets[Kind.MASK] == IGNORE], torch.tensor(0.25))
    with pytest.raises(RecipeError, match="moves the image and not the targets"):
        augmentation(["RandomAffine(10.0)"], data)


def test_a_stage_of_ours_that_does_not_fit_the_inputs_is_refused_when_it_is_built():
    with pytest.raises(RecipeError, match=r"`rotate90` does not work on inputs of 1x8x6: .*flip\(axes="):
        build(["rotate90"], input=(1, 8, 6))
    with pytest.raises(RecipeError, match=r"`affine\(9\)` does not work on inputs of 1x40"):
        build(["affine(9)"], input=(1, 40))
    with pytest.raises(RecipeError, match=r"`flip\(axes=\(2,\)\)` does not work on inputs of 1x8x6"):
        build(["flip(axes=(2,))"], input=(1, 8, 6))


def test_points_are_flipped_where_their_pairs_are_known():
    with pytest.raises(RecipeError, match="name the pairs, or leave flip out"):
        build(["flip"], input=(1, 20, 20), kinds=[Kind.POINTS])
    augment = build(["flip(p=1.0)"], input=(1, 20, 20), kinds=[Kind.POINTS], pairs=[(0, 1)])
    points = torch.tensor([[[5.0, 4.0], [6.0, 15.0]]])
    _, targets = augment(torch.zeros(1, 1, 20, 20, dtype=torch.uint8), {Kind.POINTS: points})
    assert targets[Kind.POINTS].tolist() == [[[6.0, 5.0], [5.0, 16.0]]]


def test_series_are_not_mirrored():
    with pytest.raises(RecipeError, match="cannot move targets of kind series"):
        build(["flip"], input=(1, 96), kinds=[Kind.SERIES])


SOURCE = """
def dim(factor=0.5, mean=()):
    def change(inputs):
        return (inputs * factor).to(inputs.dtype)
    return change

def mirror():
    def change(inputs, targets):
        return inputs.flip(-1), {kind: value.flip(-1) for kind, value in targets.items()}
    return change

def slip():
    def change(inputs, targets):
        return inputs.roll(1, -1), targets
    return change

answer = 42
"""


def test_augmentations_of_another_package_are_called_by_name(installed):
    installed(SOURCE, augmentations="dim = acme_nets:dim")
    (changed, _) = build(["dim(factor=0.25)"], input=INPUT)(
        torch.full((1, *INPUT), 200, dtype=torch.uint8), {}
    )
    assert changed.unique().tolist() == [50]
    with pytest.raises(RecipeError, match=r"it takes dim\(factor=0.5\)"):
        build(["dim(mean=(0.1,))"], input=INPUT)
    with pytest.raises(RecipeError, match="did you mean dim"):
        build(["dimm"], input=INPUT)


def test_the_guard_tries_what_another_package_moves(installed):
    installed(SOURCE, augmentations="mirror = acme_nets:mirror\nslip = acme_nets:slip")
    mask = torch.arange(256).view(1, 16, 16)
    _, targets = build(["mirror"], input=INPUT, kinds=[Kind.MASK])(
        torch.zeros(1, *INPUT).byte(), {Kind.MASK: mask}
    )
    assert np.array_equal(targets[Kind.MASK][0].numpy(), np.fliplr(mask[0].numpy()))
    with pytest.raises(RecipeError, match="`slip` moves the image and its mask differently"):
        build(["slip"], input=INPUT, kinds=[Kind.MASK])


def test_an_object_that_makes_no_augmentation_and_a_name_of_ours_are_left_out(installed):
    installed(SOURCE, augmentations="number = acme_nets:answer\nflip = acme_nets:mirror")
    with (
        pytest.warns(PluginWarning, match="left out") as warned,
        pytest.raises(RecipeError, match="no augmentation"),
    ):
        build(["number"], input=INPUT)
    reasons = " ".join(str(each.message) for each in warned)
    assert (
        "`number` of acme-nets 1.2 (netwright.augmentations) is left out: TypeError: 42 cannot be called"
        in reasons
    )
    assert "ValueError: there is an augmentation `flip` already" in reasons
