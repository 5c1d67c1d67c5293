"""Dots and boxes: half a pixel is accepted, a pixel is not, and what the border hides is not judged."""

import pytest
import torch

from netwright.data.kinds import Kind
from netwright.data.objects import dots, rectangles
from netwright.data.phantom import levels, painted, phantom

SHAPES = [(1, 64, 64), (3, 48, 80), (1, 30, 32, 36)]


def shown(kind: Kind, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """An image, the points or boxes that it shows, and its colours."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        trial = phantom(kind, [kind], shape, torch.float32)
    return trial.inputs[1], trial.targets[kind][1], levels(shape[0])[1]


@pytest.mark.parametrize("shape", SHAPES)
class TestDots:
    def test_points_agree_with_their_dots(self, shape):
        assert dots(*shown(Kind.POINTS, shape)) == ""

    def test_points_may_be_off_by_less_than_half_a_pixel(self, shape):
        image, points, colours = shown(Kind.POINTS, shape)
        offset = torch.zeros(len(shape) - 1)
        offset[0] = 0.3
        assert dots(image, points + offset, colours) == ""
        offset[0] = 0.8
        assert "0.8 pixels from the nearest point, and 0.5 are allowed" in dots(
            image, points + offset, colours
        )

    def test_one_wrong_point_is_enough(self, shape):
        image, points, colours = shown(Kind.POINTS, shape)
        points = points.clone()
        points[2] = torch.tensor(shape[1:]) / 2 + 3
        assert "pixels from the nearest point" in dots(image, points, colours)

    def test_a_dot_without_a_point_and_a_point_without_a_dot_are_seen(self, shape):
        image, points, colours = shown(Kind.POINTS, shape)
        empty = painted(Kind.POINTS, points[None].expand(2, -1, -1) * torch.nan, shape)[1]
        assert "there is a point and no dot" in dots(empty, points, colours)
        assert "there is a dot and no point" in dots(image, points * torch.nan, colours)

    def test_what_the_border_hides_is_not_judged(self, shape):
        image, points, colours = shown(Kind.POINTS, shape)
        first = points[0].clone()
        shift = (first.floor() - 1).long().tolist()
        moved = image.roll([-s for s in shift], list(range(1, image.ndim)))
        assert dots(moved, (points - torch.tensor(shift)) % torch.tensor(shape[1:]), colours) == ""

    def test_other_intensities_do_not_matter(self, shape):
        image, points, colours = shown(Kind.POINTS, shape)
        assert dots(1 - image, points, colours) == ""
        assert dots(image * 0.7 + 0.2, points, colours) == ""


@pytest.mark.parametrize("shape", SHAPES)
class TestRectangles:
    def test_boxes_agree_with_their_objects(self, shape):
        assert rectangles(*shown(Kind.BOXES, shape)) == ""

    @pytest.mark.parametrize("side", [0, -2])
    def test_an_edge_may_not_be_off_by_a_pixel(self, shape, side: int):
        image, boxes, colours = shown(Kind.BOXES, shape)
        wrong = boxes.clone()
        wrong[1, side] += 1 if side == 0 else -1
        reason = rectangles(image, wrong, colours)
        assert "the edge of a box lies 1.0 pixels from the nearest edge of its object" in reason

    def test_boxes_may_not_be_shifted_by_a_pixel(self, shape):
        image, boxes, colours = shown(Kind.BOXES, shape)
        dims = len(shape) - 1
        assert rectangles(image.roll(1, -1), boxes, colours)
        moved = boxes + torch.tensor([*[0.0] * (dims - 1), 1.0] * 2 + [0.0])
        assert rectangles(image.roll(1, -1), moved, colours) == ""

    def test_a_box_may_not_be_lost_or_invented(self, shape):
        image, boxes, colours = shown(Kind.BOXES, shape)
        assert "there is the edge of a box" in rectangles(image, boxes[:0], colours)
        assert "pixels from the nearest edge" in rectangles(image, boxes[1:], colours)
        assert "4 boxes, and 3 objects" in rectangles(image, torch.cat([boxes, boxes[:1]]), colours)

    def test_what_came_in_from_outside_is_no_object(self, shape):
        image, boxes, colours = shown(Kind.BOXES, shape)
        image = image.clone()
        image[..., :1] = 0.5
        assert rectangles(image, boxes, colours) == ""
