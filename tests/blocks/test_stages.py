"""Stages of blocks."""

from functools import partial

import pytest
import torch

from netwright.blocks.residual import Basic, option_b
from netwright.blocks.stages import stages


def test_each_stage_has_its_width_and_count_and_every_later_one_strides_once():
    calls: list[tuple[int, int, int]] = []

    def block(channels: int, out: int, *, stride: int) -> torch.nn.Module:
        calls.append((channels, out, stride))
        return torch.nn.Identity()

    body = stages(3, [4, 8, 8], [1, 2, 1], block)
    assert calls == [(3, 4, 1), (4, 8, 2), (8, 8, 1), (8, 8, 2)]
    assert [len(stage) for stage in body] == [1, 2, 1]


def test_the_first_stage_may_stride_too():
    body = stages(3, [4, 8], [1, 1], partial(Basic, shortcut=option_b), first_stride=2)
    assert body(torch.zeros(2, 3, 16, 16)).shape == (2, 8, 4, 4)


def test_widths_and_counts_must_agree():
    with pytest.raises(ValueError, match="shorter"):
        stages(3, [4, 8], [1], Basic)
