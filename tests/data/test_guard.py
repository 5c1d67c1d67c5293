"""The guard: all of ours pass, each known fault of kornia is refused, and nothing outside is disturbed."""

import random
import re
from pathlib import Path

import kornia.augmentation as library
import numpy as np
import pytest
import torch
from PIL import Image

from netwright.data.augment import build
from netwright.data.borrowed import offered
from netwright.data.kinds import Kind
from netwright.errors import RecipeError

SPATIAL = [Kind.MASK, Kind.INSTANCES, Kind.IMAGE, Kind.POINTS, Kind.BOXES]
OURS = [
    "flip",
    "flip(axes=(0, 1))",
    "rotate90",
    "crop(padding=7)",
    "affine(degrees=25)",
    "affine(degrees=180, scale=(0.7, 1.4), shear=15, translate=0.2)",
    "elastic",
    "grid_elastic",
]


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where pictures of refused augmentations appear."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize("input", [(3, 64, 64), (1, 24, 24, 24)], ids=["images", "volumes"])
def test_ours_move_every_kind_of_target_with_the_image(name: str, dtype: torch.dtype, input, pictures: Path):
    build([name], input=input, mean=(0.45,) * input[0], kinds=SPATIAL, dtype=dtype, pairs=())
    assert not list(pictures.iterdir())


@pytest.mark.parametrize("name", ["flip", "crop(padding=20)", "affine(degrees=40, translate=0.3)"])
@pytest.mark.parametrize("mean", [0.0, 0.15, 0.3, 0.7, 0.85, 1.0])
def test_ours_pass_whatever_the_colour_of_what_comes_in(name: str, mean: float):
    build([name], input=(1, 40, 56), mean=(mean,), kinds=SPATIAL, pairs=())


def with_points(module: torch.nn.Module):
    """Kornia's way to move points, whose coordinates are (x, y) with the centres of pixels at integers."""
    both = library.AugmentationSequential(module, data_keys=["input", "keypoints"])

    def move(inputs, targets):
        image, points = both(inputs, targets[Kind.POINTS].flip(-1) - 0.5)
        return image, {Kind.POINTS: points.flip(-1) + 0.5}

    return move


def with_boxes(module: torch.nn.Module):
    """Kornia's way to move boxes (x1, y1, x2, y2)."""
    both = library.AugmentationSequential(module, data_keys=["input", "bbox_xyxy"])

    def move(inputs, targets):
        boxes = torch.stack(targets[Kind.BOXES])
        image, moved = both(inputs, boxes[..., [1, 0, 3, 2]])
        return image, {Kind.BOXES: list(torch.cat([moved[..., [1, 0, 3, 2]], boxes[..., 4:]], 2))}

    return move


def with_mask(module: torch.nn.Module):
    """Kornia's way to move masks, which are floats with a channel."""
    both = library.AugmentationSequential(module, data_keys=["input", "mask"])

    def move(inputs, targets):
        image, mask = both(inputs, targets[Kind.MASK][:, None].float())
        return image, {Kind.MASK: mask[:, 0].long()}

    return move


def refusal(move, kind: Kind) -> str:
    with pytest.raises(RecipeError) as error:
        build([move], input=(1, 96, 96), kinds=[kind], dtype=torch.float32)
    return str(error.value)


ELASTIC = library.RandomElasticTransform(alpha=(10.0, 10.0), p=1.0)
SPLINE = library.RandomThinPlateSpline(scale=0.1, p=1.0)
RANGE = torch.tensor([-0.3, 0.3])
FISHEYE = library.RandomFisheye(RANGE, RANGE, torch.tensor([0.9, 1.0]), p=1.0)


@pytest.mark.parametrize("module", [ELASTIC, SPLINE, FISHEYE], ids=lambda each: type(each).__name__)
def test_points_that_a_warp_of_kornia_leaves_unmoved_are_refused(module):
    message = refusal(with_points(module), Kind.POINTS)
    assert re.search(r"points differently: (a dot|a point) lies [\d.]+ pixels from", message)


@pytest.mark.parametrize("module", [ELASTIC, SPLINE, FISHEYE], ids=lambda each: type(each).__name__)
def test_boxes_that_a_warp_of_kornia_leaves_unmoved_are_refused(module):
    assert "moves the image and its boxes differently" in refusal(with_boxes(module), Kind.BOXES)


@pytest.mark.parametrize(
    "module",
    [library.RandomHorizontalFlip(p=1.0), library.RandomRotation90((1, 1), p=1.0)],
    ids=lambda each: type(each).__name__,
)
def test_the_inclusive_boxes_of_kornia_are_refused_for_their_one_pixel(module):
    message = refusal(with_boxes(module), Kind.BOXES)
    assert "the edge of a box lies 1.0 pixels from the nearest edge of its object" in message


@pytest.mark.parametrize(
    "module",
    [
        library.RandomAffine(25.0, p=1.0),
        library.RandomAffine(25.0, padding_mode="fill", fill_value=torch.tensor([0.5]), p=1.0),
        library.RandomCrop((96, 96), padding=12, p=1.0),
        library.RandomCrop((96, 96), padding=12, fill=0.5, p=1.0),
    ],
    ids=["zeros", "fill", "pad", "pad with a fill"],
)
def test_the_fill_of_the_image_in_the_mask_is_refused(module):
    message = refusal(with_mask(module), Kind.MASK)
    assert re.search(r"away from edges \d+% of the labels agree with the image", message)


def test_what_kornia_moves_rightly_is_accepted():
    build(
        [with_points(library.RandomHorizontalFlip(p=1.0))],
        input=(1, 64, 64),
        kinds=[Kind.POINTS],
        dtype=torch.float32,
    )
    build(
        [with_points(library.RandomAffine(20.0, p=1.0))],
        input=(1, 64, 64),
        kinds=[Kind.POINTS],
        dtype=torch.float32,
    )
    build(
        [with_mask(library.RandomVerticalFlip(p=0.5))],
        input=(1, 64, 64),
        kinds=[Kind.MASK],
        dtype=torch.float32,
    )
    reflected = library.RandomAffine(20.0, padding_mode="reflection", p=1.0)
    build([with_mask(reflected)], input=(1, 64, 64), kinds=[Kind.MASK], dtype=torch.float32)


def test_a_mask_that_kornia_cannot_move_says_so():
    assert re.search(
        "fails on a batch .* with targets mask: NotImplementedError", refusal(with_mask(SPLINE), Kind.MASK)
    )


@pytest.mark.parametrize(
    ("move", "kind"),
    [
        (lambda inputs, targets: (inputs, {Kind.MASK: targets[Kind.MASK].flip(-1)}), Kind.MASK),
        (lambda inputs, targets: (inputs.flip(-1), targets), Kind.INSTANCES),
        (lambda inputs, targets: (inputs.roll(3, -1), targets), Kind.IMAGE),
        (lambda inputs, targets: (inputs.roll(1, -1), targets), Kind.MASK),
        (lambda inputs, targets: (inputs, {Kind.POINTS: targets[Kind.POINTS] + 1}), Kind.POINTS),
        (
            lambda inputs, targets: (inputs, {Kind.BOXES: [each[1:] for each in targets[Kind.BOXES]]}),
            Kind.BOXES,
        ),
    ],
    ids=[
        "only the mask",
        "only the image",
        "only the input",
        "one pixel",
        "a pixel and a half",
        "a lost box",
    ],
)
def test_a_function_that_moves_one_and_not_the_other_is_refused(move, kind: Kind):
    assert f"moves the image and its {kind} differently" in refusal(move, kind)


def test_a_function_may_change_intensities_while_it_moves():
    def move(inputs, targets):
        return 1 - 0.8 * inputs.flip(-1), {Kind.MASK: targets[Kind.MASK].flip(-1)}

    build([move], input=(1, 64, 64), kinds=[Kind.MASK], dtype=torch.float32)


def test_a_stage_that_seldom_fires_is_drawn_until_it_does():
    calls = []

    def seldom(inputs, targets):
        calls.append(1)
        return (inputs.flip(-1) if len(calls) % 40 == 0 else inputs), targets

    assert "differently" in refusal(seldom, Kind.MASK)
    assert len(calls) == 64


def test_one_draw_too_wild_to_be_judged_is_not_enough():
    calls = []

    def wild(inputs, targets):
        calls.append(1)
        mask = targets[Kind.MASK] if len(calls) == 1 else targets[Kind.MASK].flip(-1)
        return inputs.flip(-1), {Kind.MASK: mask}

    build([wild], input=(1, 64, 64), kinds=[Kind.MASK])
    assert len(calls) == 3


def test_a_stage_that_never_fires_is_accepted_after_64_draws():
    calls = []

    def never(inputs, targets):
        calls.append(1)
        return inputs, targets

    build([never], input=(1, 40, 40), kinds=[Kind.MASK])
    assert len(calls) == 64


@pytest.mark.parametrize(
    "module",
    [
        library.RandomHorizontalFlip(p=0.5),
        library.RandomAffine(15.0, p=0.5),
        library.RandomAffine(0.0, translate=(0.05, 0.05), p=1.0),
        library.RandomElasticTransform(alpha=(10.0, 10.0), p=1.0),
        library.RandomPerspective(p=0.5),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_warp_that_was_given_as_a_change_of_intensity_is_refused(module):
    message = refusal(lambda inputs: module(inputs), Kind.MASK)
    assert re.search(r"in \d+% of the image edges stay in place, and in 60% they must", message)
    assert "Write it as a function of (inputs, targets) that moves both" in message


NEEDED = {"Normalize": "(0.3, 0.2)", "Denormalize": "(0.3, 0.2)", "RandomGamma": "((0.5, 2.0))"}
MODELS = {"RandomDissolving"}  # would download the weights of a network


def test_every_change_of_intensity_of_kornia_is_accepted():
    for name in sorted(set(offered(2, spatial=True)) - MODELS):
        options = {
            "RandomMotionBlur": "(5, 35.0, 0.5)",
            "RandomGaussianBlur": "((5, 5), (0.5, 2.0))",
        } | NEEDED
        build([name + options.get(name, "")], input=(3, 32, 32), kinds=[Kind.MASK])


def test_the_picture_shows_both_side_by_side(pictures: Path):
    message = refusal(lambda inputs, targets: (inputs.flip(-1), targets), Kind.MASK)
    (path,) = pictures.rglob("*.png")
    assert f"The picture {path} shows" in message
    with Image.open(path) as picture:
        pixels = np.asarray(picture)
    assert pixels.shape[0] >= 256
    left, right = pixels[:, : pixels.shape[0]], pixels[:, -pixels.shape[0] :]
    assert np.array_equal(left[:, ::-1], right)


def test_the_picture_of_a_volume_is_its_middle_slice(pictures: Path):
    def moved(inputs, targets):
        return inputs.flip(-1), targets

    with pytest.raises(RecipeError, match="differently"):
        build([moved], input=(2, 30, 40, 50), kinds=[Kind.MASK])
    (path,) = pictures.rglob("*.png")
    with Image.open(path) as picture:
        assert picture.height % 40 == 0
        assert picture.width == picture.height // 40 * 102


def test_the_guard_leaves_every_source_of_random_numbers_as_it_was():
    def noisy(inputs, targets):
        torch.rand(3), random.random(), np.random.rand(3)
        return inputs.flip(-1), {Kind.MASK: targets[Kind.MASK].flip(-1)}

    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    build([noisy, "flip", "affine(5)", "RandomGamma((0.5, 2.0))"], input=(1, 48, 48), kinds=[Kind.MASK])
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.array_equal(np.random.get_state()[1], before[2])


def test_the_guard_says_the_same_whatever_the_seed():
    slipping = library.RandomAffine(0.0, translate=(0.05, 0.05), p=1.0)
    messages = set()
    for seed in (0, 1):
        torch.manual_seed(seed)
        message = refusal(lambda inputs: slipping(inputs), Kind.MASK)
        messages.add(re.sub(r"The picture \S+", "", message))
    assert len(messages) == 1


def test_data_with_classes_alone_are_not_tried():
    def fails(inputs, targets):
        raise AssertionError

    build([fails], input=(3, 16, 16), kinds=[Kind.CLASS])
