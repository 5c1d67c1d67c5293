"""Every kind of target moves with its image, whatever the motion is."""

import pytest
import torch

from netwright.data.kinds import IGNORE, Kind
from netwright.data.motion import Colour, boxes, moved
from netwright.data.shift import Mirror, Shift
from netwright.data.warp import Warp
from netwright.errors import RecipeError

SPACE = (10, 20)


def shifted(*pixels: float) -> Warp:
    """A warp that moves the image by so many pixels along each axis."""
    dims = len(pixels)
    return Warp((10, 20, 30)[:dims], torch.cat([torch.eye(dims), -torch.tensor([pixels]).T], 1)[None])


def test_classes_and_values_stay_as_they_are():
    targets = {Kind.CLASS: torch.tensor([3]), Kind.VALUE: torch.tensor([[0.5]])}
    _, after = moved(shifted(1, 2), torch.zeros(1, 1, *SPACE), targets, Colour())
    assert after[Kind.CLASS] is targets[Kind.CLASS]
    assert after[Kind.VALUE] is targets[Kind.VALUE]


@pytest.mark.parametrize("kind", [Kind.MASK, Kind.INSTANCES])
def test_what_comes_into_a_map_is_ignored_and_not_background(kind: Kind):
    _, after = moved(shifted(0, 5), torch.zeros(1, 1, *SPACE), {kind: torch.ones(1, *SPACE).long()}, Colour())
    assert (after[kind][..., :5] == IGNORE).all()
    assert (after[kind][..., 5:] == 1).all()


def test_a_target_image_moves_as_the_input_and_its_border_has_the_same_colour():
    inputs = torch.rand(1, 3, *SPACE)
    image, after = moved(shifted(1.5, 2.25), inputs, {Kind.IMAGE: inputs}, Colour((0.1, 0.2, 0.3)))
    assert torch.equal(image, after[Kind.IMAGE])
    _, after = moved(shifted(3, 3), inputs, {Kind.IMAGE: inputs[:, :1]}, Colour((0.1, 0.2, 0.3)))
    assert (after[Kind.IMAGE][..., :3, :] == 0).all()  # black: the colour is one of three channels


def test_points_that_leave_the_image_are_missing():
    points = torch.tensor([[[0.5, 19.5], [9.5, 10.0], [5.0, 5.0]]])
    _, after = moved(shifted(1, 0), torch.zeros(1, 1, *SPACE), {Kind.POINTS: points}, Colour())
    assert after[Kind.POINTS][0, 0].tolist() == [1.5, 19.5]
    assert after[Kind.POINTS][0, 1].isnan().all()
    assert after[Kind.POINTS][0, 2].tolist() == [6.0, 5.0]


@pytest.mark.parametrize(
    ("shift", "kept"), [(0.0, True), (2.0, True), (2.7, True), (2.9, False), (9.0, False)]
)
def test_a_box_is_kept_from_30_percent_visible_on_and_cut_at_the_border(shift: float, kept: bool):
    box = torch.tensor([[1.0, 14.0, 5.0, 18.0, 7.0]])
    (after,) = boxes(shifted(0, 2 + shift), [box], SPACE)
    assert len(after) == kept
    if kept:
        assert torch.allclose(after[0], torch.tensor([1.0, 16.0 + shift, 5.0, 20.0, 7.0]))


def test_a_turned_box_is_the_box_around_its_turned_corners():
    angle = torch.tensor(30.0).deg2rad()
    turn = torch.tensor([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]])
    centre = torch.tensor([[5.0], [10.0]])
    warp = Warp(SPACE, torch.cat([turn, centre - turn @ centre], 1)[None])
    (after,) = boxes(warp, [torch.tensor([[4.0, 8.0, 6.0, 12.0, 0.0]])], SPACE)
    half = torch.tensor([1.0 * angle.cos() + 2.0 * angle.sin(), 1.0 * angle.sin() + 2.0 * angle.cos()])
    expected = torch.cat([centre[:, 0] - half, centre[:, 0] + half, torch.zeros(1)])
    assert torch.allclose(after[0], expected, atol=1e-5)


def test_examples_keep_their_own_boxes_and_may_have_none():
    mirror = Mirror(1, SPACE, torch.tensor([True, False, True]))
    lists = [
        torch.tensor([[0.0, 0, 2, 5, 1], [3, 4, 6, 9, 2]]),
        torch.tensor([[1.0, 1, 2, 2, 3]]),
        torch.zeros(0, 5),
    ]
    after = boxes(mirror, lists, SPACE)
    assert after[0].tolist() == [[0, 15, 2, 20, 1], [3, 11, 6, 16, 2]]
    assert after[1].tolist() == lists[1].tolist()
    assert after[2].shape == (0, 5)


def test_no_example_needs_to_have_a_box():
    (after,) = boxes(Shift(1, torch.zeros(2, 1, dtype=torch.int64)), [torch.zeros(0, 5)], SPACE)
    assert after.shape == (0, 5)


def test_boxes_of_volumes_move_too():
    (after,) = boxes(shifted(1, 2, 3), [torch.tensor([[0.0, 0, 0, 4, 5, 6, 9]])], (10, 20, 30))
    assert torch.allclose(after, torch.tensor([[1.0, 2, 3, 5, 7, 9, 9]]))


def test_a_series_cannot_be_moved():
    with pytest.raises(RecipeError, match="cannot move targets of kind series"):
        moved(shifted(1, 1), torch.zeros(1, 1, *SPACE), {Kind.SERIES: torch.zeros(1, 1, 4)}, Colour())
