"""Crop and flip, against slicing and torch.flip image by image."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.data.shift import Crop, Flip
from netwright.errors import RecipeError


def noise(*shape: int) -> torch.Tensor:
    return torch.randint(1, 256, shape, dtype=torch.uint8)


@settings(deadline=None, max_examples=40)
@given(
    shape=st.tuples(st.integers(1, 5), st.sampled_from([1, 3, 4]), st.integers(1, 9), st.integers(1, 9)),
    padding=st.integers(0, 5),
)
def test_a_crop_is_a_window_of_the_padded_image(shape, padding: int):
    inputs = noise(*shape)
    padded = F.pad(inputs, [padding] * 4)
    for image, crop in zip(padded, Crop(padding)(inputs), strict=True):
        windows = image.unfold(1, shape[2], 1).unfold(2, shape[3], 1)
        same = (windows == crop[:, None, None]).flatten(3).all(3).all(0)
        assert same.any()


def test_every_offset_occurs_and_about_equally_often():
    torch.manual_seed(0)
    position = torch.arange(1, 17, dtype=torch.uint8).view(1, 1, 4, 4).expand(9000, 1, 4, 4)
    corners = Crop(1)(position)[:, 0, 1, 1]  # reads the pixel at (1, 1) shifted by -1..1 in each axis
    values, counts = corners.unique(return_counts=True)
    assert values.tolist() == [1, 2, 3, 5, 6, 7, 9, 10, 11]
    assert (counts - 1000).abs().max() < 150  # five deviations


def test_all_channels_of_an_image_move_together():
    inputs = noise(16, 1, 8, 8).expand(16, 3, 8, 8)
    cropped = Crop(3)(inputs)
    assert torch.equal(cropped[:, :1].expand_as(cropped), cropped)


def test_images_of_a_batch_move_independently():
    cropped = Crop(4)(noise(1, 3, 32, 32).expand(64, 3, 32, 32))
    assert len(cropped.flatten(1).unique(dim=0)) > 20


def test_the_border_has_the_mean_colour_to_the_nearest_value():
    mean = (0.25, 0.5, 0.75)
    cropped = Crop(20, mean=mean)(torch.full((64, 3, 8, 8), 9, dtype=torch.uint8))
    for channel, value in enumerate(mean):
        assert set(cropped[:, channel].unique().tolist()) <= {9, round(255 * value)}
        assert (cropped[:, channel] == round(255 * value)).any()


def test_the_border_is_black_without_a_mean():
    assert 0 in Crop(20)(noise(64, 3, 8, 8))


def test_no_padding_changes_nothing():
    inputs = noise(4, 3, 8, 8)
    assert torch.equal(Crop(0)(inputs), inputs)


def test_the_stored_images_are_not_written_to():
    inputs = noise(4, 3, 8, 8)
    before = inputs.clone()
    Flip(1.0)(Crop(2)(inputs))
    Crop(2)(Flip(1.0)(inputs))
    assert torch.equal(inputs, before)


def test_a_flipped_image_is_mirrored_left_to_right():
    inputs = noise(5, 3, 4, 6)
    assert torch.equal(Flip(1.0)(inputs), inputs.flip(3))
    assert torch.equal(Flip(0.0)(inputs), inputs)


def test_half_of_the_images_are_flipped_each_whole():
    torch.manual_seed(0)
    inputs = noise(2000, 1, 2, 5)
    flipped = Flip()(inputs)
    mirrored = (flipped == inputs.flip(3)).flatten(1).all(1)
    kept = (flipped == inputs).flatten(1).all(1)
    assert (mirrored | kept).all()
    assert 890 < mirrored.sum() < 1110  # five deviations


def test_torch_s_seed_decides_every_image():
    inputs = noise(32, 3, 16, 16)
    crop, flip = Crop(4), Flip()
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first, second = flip(crop(inputs)), flip(crop(inputs))
    torch.set_rng_state(state)
    assert torch.equal(flip(crop(inputs)), first)
    assert torch.equal(flip(crop(inputs)), second)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("padding", [-1, 0.5, "4", None])
def test_a_padding_that_is_not_a_number_of_pixels_is_refused(padding):
    with pytest.raises(RecipeError, match=f"={padding!r}"):
        Crop(padding)


@pytest.mark.parametrize("p", [-0.1, 1.5])
def test_a_probability_out_of_range_is_refused(p: float):
    with pytest.raises(RecipeError, match=f"={p}"):
        Flip(p)
