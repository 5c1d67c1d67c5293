"""Synthetic images show what their labels say, for every kind, type, size and number of dimensions."""

import pytest
import torch
from scipy import ndimage

from netwright.data.kinds import Kind
from netwright.data.phantom import EXAMPLES, POINTS, comfortable, levels, painted, phantom, unit

SHAPES = [(1, 8, 8), (3, 40, 64), (2, 24, 30, 28), (1, 50)]
KINDS = [Kind.MASK, Kind.INSTANCES, Kind.IMAGE, Kind.POINTS, Kind.BOXES]


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        yield


@pytest.mark.parametrize("input", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_images_have_the_type_and_channels_of_the_data_and_can_be_painted_again(input, kind, dtype):
    trial = phantom(kind, KINDS, input, dtype)
    assert trial.inputs.dtype == dtype
    assert trial.inputs.shape[:2] == (EXAMPLES, input[0])
    assert all(side >= asked for side, asked in zip(trial.inputs.shape[2:], input[1:], strict=True))
    assert set(trial.targets) == set(KINDS)
    assert (trial.paint(trial.targets) - unit(trial.inputs)).abs().max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize("input", SHAPES)
def test_each_label_of_a_region_has_its_colour(input):
    trial = phantom(Kind.MASK, [Kind.MASK], input, torch.float32)
    for image, labels, colours in zip(trial.inputs, trial.targets[Kind.MASK], levels(input[0]), strict=True):
        for label in (0, 1):
            seen = image[:, labels == label]
            assert seen.shape[1] > 0
            assert torch.allclose(seen, colours[label][:, None].expand_as(seen))


@pytest.mark.parametrize("input", SHAPES[:3])
def test_each_point_is_the_centre_of_a_dot_of_its_own(input):
    trial = phantom(Kind.POINTS, [Kind.POINTS], input, torch.float32)
    for image, points, (background, _) in zip(
        trial.inputs, trial.targets[Kind.POINTS], levels(input[0]), strict=True
    ):
        cover = (image[0] - background[0]).abs().numpy()
        numbers, count = ndimage.label(cover > 0)
        assert count == POINTS
        centres = torch.tensor(ndimage.center_of_mass(cover, numbers, range(1, count + 1))) + 0.5
        assert (torch.cdist(points.double(), centres).amin(1) < 0.2).all()


@pytest.mark.parametrize("input", SHAPES)
def test_each_box_is_around_an_object_of_its_own(input):
    trial = phantom(Kind.BOXES, [Kind.BOXES], input, torch.float32)
    for image, boxes, (background, _) in zip(
        trial.inputs, trial.targets[Kind.BOXES], levels(input[0]), strict=True
    ):
        numbers, count = ndimage.label((image[0] != background[0]).numpy())
        seen = {
            tuple([part.start for part in box] + [part.stop for part in box])
            for box in ndimage.find_objects(numbers)
        }
        assert count == len(boxes) == 3
        assert seen == {tuple(map(int, box[:-1])) for box in boxes.tolist()}


def test_parts_of_pixels_are_covered_in_part_and_missing_points_are_not_painted():
    boxes = [torch.tensor([[1.5, 0.0, 3.0, 2.0, 0.0]]), torch.zeros(0, 5)]
    image = painted(Kind.BOXES, boxes, (1, 4, 4))
    low, high = levels(1)[0, :, 0]
    assert torch.allclose(image[0, 0, :, 0], torch.stack([low, (low + high) / 2, high, low]))
    missing = painted(Kind.POINTS, torch.full((2, 3, 2), torch.nan), (1, 4, 4))
    assert torch.equal(missing[0, 0], low.expand(4, 4))


def test_no_fill_is_near_a_colour_of_both_images():
    for fill in torch.linspace(0, 1, 101):
        apart = (levels(1)[..., 0] - fill).abs().amin(1)  # for each image, the nearest of its two colours
        assert apart.max() > 0.07


def test_comfortable_sides_keep_what_is_comfortable():
    assert comfortable((3, 128, 128)) == (3, 128, 128)
    assert comfortable((1, 8, 1000)) == (1, 128, 128)
    assert comfortable((1, 8, 40, 500)) == (1, 32, 40, 48)
