"""Masks that do not follow their images."""

import numpy as np
import pytest
import torch

from arrays import surveyed
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.lint.rules.nw804_misaligned import look
from planted import scene


def reported(change=lambda masks: masks, number=20, classes=3):
    """The remarks about scenes whose masks a function changed."""
    pairs = [scene(k, classes) for k in range(number)]
    images = torch.from_numpy(np.stack([image.transpose(2, 0, 1) for image, _ in pairs]))
    masks = torch.from_numpy(np.stack(change(np.stack([mask for _, mask in pairs]))).copy())
    splits = [
        Split(images[part], {Kind.MASK: masks[part]}) for part in (slice(12), slice(12, 16), slice(16, None))
    ]
    return list(look(surveyed(splits, [str(k) for k in range(classes)])))


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_true_pairs_are_not_reported(classes):
    assert reported(classes=classes) == []


def test_masks_in_another_order_are_reported_with_their_figures():
    [remark] = reported(lambda masks: np.roll(masks, 1, axis=0))
    assert "no better than with the masks of other images: over 20 pairs" in remark.message
    assert remark.evidence["p"] > 0.05
    assert remark.evidence["own"] < 0.1


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (lambda masks: masks[:, :, ::-1], "mirrored left to right"),
        (lambda masks: masks[:, ::-1], "mirrored upside down"),
        (lambda masks: masks.transpose(0, 2, 1), "transposed"),
        (lambda masks: np.rot90(masks, 1, (1, 2)), "turned by 270 degrees"),
    ],
)
def test_masks_that_were_all_turned_are_an_error_that_names_the_way_back(turn, words):
    [remark] = reported(turn)
    assert remark.severity == "error"
    assert f"once they are {words}" in remark.message


def test_two_exchanged_masks_are_named():
    def exchange(masks):
        return masks[[1, 0, *range(2, len(masks))]]

    remarks = reported(exchange)
    assert [remark.message for remark in remarks] == [
        "example 0 does not fit its mask, but that of example 1.",
        "example 1 does not fit its mask, but that of example 0.",
    ]


def test_few_pairs_and_masks_without_edges_are_not_judged():
    assert reported(lambda masks: np.roll(masks, 1, axis=0), number=17)
    assert reported(lambda masks: masks * 0) == []
