"""Crop, flip and quarter turns, against slicing and numpy image by image, and their targets."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.data.kinds import IGNORE, Kind
from netwright.data.shift import Crop, Flip, Rotate90
from netwright.errors import RecipeError

SPACES = st.lists(st.integers(1, 7), min_size=1, max_size=3).map(tuple)


def noise(*shape: int) -> torch.Tensor:
    return torch.randint(1, 256, shape, dtype=torch.uint8)


def inputs_of(stage, inputs: torch.Tensor) -> torch.Tensor:
    return stage(inputs, {})[0]


@settings(deadline=None, max_examples=40)
@given(
    shape=st.tuples(st.integers(1, 5), st.sampled_from([1, 3, 4]), st.integers(1, 9), st.integers(1, 9)),
    padding=st.integers(0, 5),
)
def test_a_crop_is_a_window_of_the_padded_image(shape, padding: int):
    inputs = noise(*shape)
    padded = F.pad(inputs, [padding] * 4)
    for image, crop in zip(padded, inputs_of(Crop(padding), inputs), strict=True):
        windows = image.unfold(1, shape[2], 1).unfold(2, shape[3], 1)
        same = (windows == crop[:, None, None]).flatten(3).all(3).all(0)
        assert same.any()


def test_every_offset_occurs_and_about_equally_often():
    torch.manual_seed(0)
    position = torch.arange(1, 17, dtype=torch.uint8).view(1, 1, 4, 4).expand(9000, 1, 4, 4)
    corners = inputs_of(Crop(1), position)[
        :, 0, 1, 1
    ]  # reads the pixel at (1, 1) shifted by -1..1 in each axis
    values, counts = corners.unique(return_counts=True)
    assert values.tolist() == [1, 2, 3, 5, 6, 7, 9, 10, 11]
    assert (counts - 1000).abs().max() < 150  # five deviations


def test_all_channels_of_an_image_move_together():
    inputs = noise(16, 1, 8, 8).expand(16, 3, 8, 8)
    cropped = inputs_of(Crop(3), inputs)
    assert torch.equal(cropped[:, :1].expand_as(cropped), cropped)


def test_images_of_a_batch_move_independently():
    cropped = inputs_of(Crop(4), noise(1, 3, 32, 32).expand(64, 3, 32, 32))
    assert len(cropped.flatten(1).unique(dim=0)) > 20


def test_the_border_has_the_mean_colour_to_the_nearest_value():
    mean = (0.25, 0.5, 0.75)
    cropped = inputs_of(Crop(20, mean=mean), torch.full((64, 3, 8, 8), 9, dtype=torch.uint8))
    for channel, value in enumerate(mean):
        assert set(cropped[:, channel].unique().tolist()) <= {9, round(255 * value)}
        assert (cropped[:, channel] == round(255 * value)).any()


def test_the_border_is_black_without_a_mean():
    assert 0 in inputs_of(Crop(20), noise(64, 3, 8, 8))


def test_no_padding_changes_nothing():
    inputs = noise(4, 3, 8, 8)
    assert torch.equal(inputs_of(Crop(0), inputs), inputs)


def test_the_stored_images_are_not_written_to():
    inputs = noise(4, 3, 8, 8)
    before = inputs.clone()
    Flip(1.0)(*Crop(2)(inputs, {}))
    Crop(2)(*Flip(1.0)(inputs, {}))
    assert torch.equal(inputs, before)


def test_a_flipped_image_is_mirrored_left_to_right():
    inputs = noise(5, 3, 4, 6)
    assert torch.equal(inputs_of(Flip(1.0), inputs), inputs.flip(3))
    assert torch.equal(inputs_of(Flip(0.0), inputs), inputs)


def test_half_of_the_images_are_flipped_each_whole():
    torch.manual_seed(0)
    inputs = noise(2000, 1, 2, 5)
    flipped = inputs_of(Flip(), inputs)
    mirrored = (flipped == inputs.flip(3)).flatten(1).all(1)
    kept = (flipped == inputs).flatten(1).all(1)
    assert (mirrored | kept).all()
    assert 890 < mirrored.sum() < 1110  # five deviations


def test_torch_s_seed_decides_every_image():
    inputs = noise(32, 3, 16, 16)
    crop, flip = Crop(4), Flip()
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first, second = (flip(*crop(inputs, {}))[0] for _ in range(2))
    torch.set_rng_state(state)
    assert torch.equal(flip(*crop(inputs, {}))[0], first)
    assert torch.equal(flip(*crop(inputs, {}))[0], second)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("padding", [-1, 0.5, "4", None])
def test_a_padding_that_is_not_a_number_of_pixels_is_refused(padding):
    with pytest.raises(RecipeError, match=f"={padding!r}"):
        Crop(padding)


@pytest.mark.parametrize("p", [-0.1, 1.5])
def test_a_probability_out_of_range_is_refused(p: float):
    with pytest.raises(RecipeError, match=f"={p}"):
        Flip(p)


def windows_of_before(inputs: torch.Tensor, padding: int, border: torch.Tensor) -> torch.Tensor:
    """The crops of the first release, from which recorded runs must go on bit for bit."""
    top, left = torch.randint(2 * padding + 1, (2, len(inputs), 1, 1)).flatten(1).tolist()
    padded = border[None, :, None, None].expand(len(inputs), -1, *[n + 2 * padding for n in inputs.shape[2:]])
    padded = padded.clone()
    height, width = inputs.shape[2:]
    padded[:, :, padding : padding + height, padding : padding + width] = inputs
    crops = [image[:, y : y + height, x : x + width] for image, y, x in zip(padded, top, left, strict=True)]
    return torch.stack(crops)


def test_a_seed_gives_the_crops_and_mirrors_that_it_always_gave():
    inputs = noise(40, 3, 12, 9)
    torch.manual_seed(5)
    expected = windows_of_before(inputs, 4, torch.tensor([51, 102, 153], dtype=torch.uint8))
    mirrored = torch.rand(40) < 0.5
    expected[mirrored] = expected[mirrored].flip(3)
    torch.manual_seed(5)
    changed, _ = Flip()(*Crop(4, mean=(0.2, 0.4, 0.6))(inputs, {}))
    assert torch.equal(changed, expected)


@given(space=SPACES, padding=st.integers(0, 3), floats=st.booleans())
def test_a_mask_is_cropped_as_its_image_and_ignored_beyond_it(space, padding: int, floats: bool):
    mask = torch.randint(1, 99, (5, *space))
    inputs = mask[:, None] / 100 if floats else mask[:, None].to(torch.uint8)
    image, targets = Crop(padding)(inputs, {Kind.MASK: mask})
    seen = (image[:, 0] * 100).round().long() if floats else image[:, 0].long()
    assert torch.equal(targets[Kind.MASK], torch.where(seen == 0, IGNORE, seen))


@given(space=SPACES, data=st.data())
def test_a_flip_along_axes_is_numpy_s_for_images_and_masks(space, data):
    axes = data.draw(st.lists(st.sampled_from(range(len(space))), min_size=1, unique=True))
    inputs = noise(3, 2, *space)
    image, targets = Flip(1.0, axes)(inputs, {Kind.MASK: inputs[:, 0].long()})
    expected = np.flip(inputs.numpy(), [axis + 2 for axis in axes])
    assert np.array_equal(image.numpy(), expected)
    assert np.array_equal(targets[Kind.MASK].numpy(), expected[:, 0])


def test_each_axis_is_flipped_by_a_draw_of_its_own():
    torch.manual_seed(0)
    inputs = noise(1, 1, 3, 3).expand(800, 1, 3, 3)
    flipped = inputs_of(Flip(axes=(0, 1)), inputs)
    patterns, counts = flipped.flatten(1).unique(dim=0, return_counts=True)
    assert len(patterns) == 4
    assert (counts - 200).abs().max() < 65  # five deviations


@pytest.mark.parametrize("axes", [(-2, -1), (0, 1), (1, 2), (2, 0)])
def test_a_quarter_turn_is_numpy_s_for_images_masks_and_points(axes):
    torch.manual_seed(1)
    dims = max(3, max(axes) + 1) if max(axes) > 1 else 2
    space = (5,) * dims
    places = torch.randint(5, (40, 1, dims))
    dots = torch.zeros(40, 1, *space, dtype=torch.uint8)
    for dot, place in zip(dots, places, strict=True):
        dot[(0, *place[0].tolist())] = 9
    image, targets = Rotate90(axes)(dots, {Kind.MASK: dots[:, 0].long(), Kind.POINTS: places + 0.5})
    turned = set()
    for before, after, mask, point in zip(dots, image, targets[Kind.MASK], targets[Kind.POINTS], strict=True):
        turns = [np.rot90(before[0].numpy(), k, axes) for k in range(4)]
        turned |= {k for k in range(4) if np.array_equal(after[0].numpy(), turns[k])}
        assert any(np.array_equal(after[0].numpy(), turn) for turn in turns)
        assert np.array_equal(mask.numpy(), after[0].numpy())
        assert after[(0, *point[0].floor().long().tolist())] == 9
    assert turned == {0, 1, 2, 3}


def test_a_rectangle_is_not_turned():
    with pytest.raises(RecipeError, match=r"have 4 and 6 pixels; flip\(axes=\(-2, -1\)\) turns by a half"):
        Rotate90()(noise(1, 1, 4, 6), {})


def test_points_and_boxes_move_with_flip_and_crop():
    inputs = torch.zeros(1, 1, 10, 20, dtype=torch.uint8)
    targets = {
        Kind.POINTS: torch.tensor([[[2.5, 3.5], [torch.nan, torch.nan]]]),
        Kind.BOXES: [torch.tensor([[1.0, 2.0, 4.0, 8.0, 6.0]])],
    }
    _, flipped = Flip(1.0, pairs=())(inputs, targets)
    assert flipped[Kind.POINTS][0, 0].tolist() == [2.5, 16.5]
    assert flipped[Kind.POINTS][0, 1].isnan().all()
    assert flipped[Kind.BOXES][0].tolist() == [[1.0, 12.0, 4.0, 18.0, 6.0]]
    inputs[0, 0, 2, 3] = 255
    for seed in range(20):
        torch.manual_seed(seed)
        image, cropped = Crop(2)(inputs, targets)
        place = image[0, 0].nonzero()[0]
        assert cropped[Kind.POINTS][0, 0].tolist() == (place + 0.5).tolist()


def test_a_mirror_swaps_the_names_of_paired_points_and_a_half_turn_does_not():
    inputs = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    points = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [5.0, 5.0]]])
    _, once = Flip(1.0, pairs=[(0, 1)])(inputs, {Kind.POINTS: points})
    assert once[Kind.POINTS][0].tolist() == [[3.0, 2.0], [1.0, 6.0], [5.0, 3.0]]
    _, twice = Flip(1.0, (0, 1), pairs=[(0, 1)])(inputs, {Kind.POINTS: points})
    assert twice[Kind.POINTS][0].tolist() == [[7.0, 6.0], [5.0, 2.0], [3.0, 3.0]]


def test_points_are_not_mirrored_without_known_pairs():
    with pytest.raises(RecipeError, match="name the pairs, or leave flip out"):
        Flip()(noise(1, 1, 4, 4), {Kind.POINTS: torch.zeros(1, 1, 2)})


@pytest.mark.parametrize("axes", [(), ("x",), (2,), (0, 0), (-3,), (1, -1)])
def test_axes_that_do_not_exist_are_refused(axes):
    with pytest.raises(RecipeError, match="`axes`"):
        Flip(axes=axes)(noise(1, 1, 4, 4), {})


@pytest.mark.parametrize("axes", [(0,), (0, 1, 2), ("a", "b"), (0, 0), (0, 5)])
def test_a_plane_that_does_not_exist_is_refused(axes):
    with pytest.raises(RecipeError, match="`axes`"):
        Rotate90(axes)(noise(1, 1, 4, 4), {})
