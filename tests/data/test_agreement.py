"""Regions and edges: what agrees is accepted, and a shift of one pixel is seen."""

import pytest
import torch

from netwright.data.agreement import regions, unmoved
from netwright.data.kinds import IGNORE, Kind
from netwright.data.phantom import levels, phantom

SHAPES = [(1, 64, 64), (3, 48, 80), (2, 24, 30, 28)]


@pytest.fixture(params=SHAPES, ids=str)
def painted(request) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """An image, its labels and its colours."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        trial = phantom(Kind.MASK, [Kind.MASK], request.param, torch.float32)
    return trial.inputs[0], trial.targets[Kind.MASK][0], levels(request.param[0])[0]


def test_the_own_labels_of_an_image_agree_with_it(painted):
    assert regions(*painted) == ""


def test_labels_agree_with_an_image_of_other_brightness(painted):
    image, labels, colours = painted
    assert regions(0.1 + 0.8 * image, labels, colours) == ""
    assert regions(1 - image, labels, colours) == ""


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("pixels", [-1, 1, 4])
def test_labels_that_were_moved_by_a_pixel_do_not_agree(painted, axis: int, pixels: int):
    image, labels, colours = painted
    if labels.ndim == 3:
        pixels *= 2  # few edges of a volume lie across one of its three axes
    assert "the labels agree with the image" in regions(image, labels.roll(pixels, axis), colours)


def test_ignored_positions_count_for_nothing(painted):
    image, labels, colours = painted
    known = labels.clone()
    known[:5] = IGNORE
    image = image.clone()
    image[:, :5] = 0.5
    assert regions(image, known, colours) == ""
    assert "away from edges" in regions(image, labels, colours)


def test_a_background_in_the_padding_is_seen(painted):
    image, labels, colours = painted
    image, labels = image.clone(), labels.clone()
    image[:, :4], labels[:4] = 0.0, 0
    assert "away from edges" in regions(image, labels, colours)


def test_new_labels_are_named(painted):
    image, labels, colours = painted
    labels = labels.clone()
    labels[0] = 255
    assert "labels [255] came in" in regions(image, labels, colours)


def test_labels_may_not_all_be_ignored(painted):
    image, labels, colours = painted
    assert "0% of the positions have a label" in regions(image, torch.full_like(labels, IGNORE), colours)


def share(before: torch.Tensor, after: torch.Tensor) -> float:
    still, judged = unmoved(before, after)
    assert judged
    return still / judged


def test_edges_stay_where_they_are_when_intensities_change(painted):
    image = painted[0]
    noise = 0.02 * torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
    for after in (image**2, 1 - image, image * 0.5, image + noise):
        assert unmoved(image, after) == (0, 0) or share(image, after) > 0.9
    assert share(image, 1 - image) == 1.0


@pytest.mark.parametrize("pixels", [1, 2, 3])
def test_edges_that_were_moved_are_seen(painted, pixels: int):
    image = painted[0]
    assert share(image, image.roll((pixels, pixels), (1, 2))) < 0.5
    assert share(image, image.flip(-1)) < 0.6


def test_an_image_of_nothing_but_noise_or_blur_is_not_judged(painted):
    image = painted[0]
    noise = torch.rand(image.shape, generator=torch.Generator().manual_seed(0))
    assert unmoved(image, noise) == (0, 0)
    assert unmoved(image, torch.zeros_like(image)) == (0, 0)
