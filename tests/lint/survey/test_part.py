"""One pass over a split."""

import numpy as np
import pytest
import torch

from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.data.picture import Picture
from netwright.errors import UnreadableError
from netwright.lint.survey import part as room
from netwright.lint.survey.origin import Tensors
from netwright.lint.survey.part import Part, survey_part
from netwright.lint.survey.survey import quiet


class Broken(Tensors):
    """Tensors of which some cannot be read."""

    def image(self, k: int) -> Picture:
        if k % 7 == 3:
            raise UnreadableError("it is damaged")
        return super().image(k)


def surveyed(inputs, targets=None, origin=Tensors) -> Part:
    split = Split(inputs, targets or {})
    return survey_part("train", origin(split, "data"), lambda items, count: quiet("", items, count))


def test_every_example_is_kept_once_and_in_order():
    inputs = torch.rand(150, 2, 6, 7)
    part = surveyed(inputs)
    assert part.rows.tolist() == list(range(150))
    assert np.allclose(part.sketch.mean, inputs.mean((2, 3)), atol=1e-6)
    assert len(part.sketch.digests) == len(part) == 150
    assert part.examples[3].shape == (2, 6, 7)
    assert part.examples[3].kind == "float32"


def test_an_unreadable_example_does_not_stop_the_pass():
    part = surveyed(torch.rand(150, 1, 4, 4), origin=Broken)
    assert 3 not in part.rows.tolist()
    assert part.examples[3].broken == "it is damaged"
    assert len(part) == 150
    assert len(part.rows) == len(part.sketch.mean) == 150 - len(range(3, 150, 7))


def test_inputs_of_different_shapes_and_channels_stand_in_one_table():
    inputs = [torch.rand(1 + k % 2, 5 + k, 8) for k in range(10)]
    part = surveyed(inputs)
    assert part.sketch.mean.shape == (10, 2)
    assert np.isnan(part.sketch.mean[::2, 1]).all()
    assert np.isfinite(part.sketch.mean[1::2]).all()


def test_large_inputs_are_not_stacked(monkeypatch):
    monkeypatch.setattr(room, "ELEMENTS", 100)
    seen = []
    monkeypatch.setattr(
        room, "sketch", lambda stack, real=room.sketch: seen.append(len(stack)) or real(stack)
    )
    surveyed(torch.rand(12, 1, 8, 8))
    assert max(seen) == 2


def test_masks_and_outlines_are_kept():
    masks = torch.randint(0, 3, (9, 16, 16), dtype=torch.uint8)
    part = surveyed(torch.rand(9, 1, 16, 16), {Kind.MASK: masks})
    assert [mask.values.counts[1] for mask in part.masks] == (masks == 1).sum((1, 2)).tolist()
    assert all(example.outline is not None for example in part.examples)


def test_outlines_are_kept_of_a_spread_over_a_long_split(monkeypatch):
    monkeypatch.setattr(room, "OUTLINES", 5)
    masks = torch.randint(0, 3, (41, 16, 16), dtype=torch.uint8)
    part = surveyed(torch.rand(41, 1, 16, 16), {Kind.MASK: masks})
    kept = [k for k, example in enumerate(part.examples) if example.outline is not None]
    assert kept == [0, 10, 20, 30, 40]


def test_blank_inputs_and_values_that_are_no_numbers_are_known_by_their_numbers():
    inputs = torch.rand(6, 2, 4, 4)
    inputs[2] = 0.5
    inputs[4, 0, 1, 1] = float("nan")
    part = surveyed(inputs)
    assert part.blank() == [2]
    assert part.bad_values() == {4: 1}


def test_an_empty_split_and_one_without_a_readable_input_are_no_error():
    assert len(surveyed(torch.rand(0, 1, 4, 4)).rows) == 0

    class AllBroken(Tensors):
        def image(self, k: int) -> Picture:
            raise UnreadableError("gone")

    part = surveyed(torch.rand(3, 1, 4, 4), origin=AllBroken)
    assert part.sketch.mean.shape == (0, 1)


def test_what_is_not_a_damaged_file_is_raised():
    class Wrong(Tensors):
        def image(self, k: int) -> Picture:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        surveyed(torch.rand(3, 1, 4, 4), origin=Wrong)
