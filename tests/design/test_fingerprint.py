import pytest
import torch

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind
from netwright.design.fingerprint import POSITIONS, fingerprint, target_spacing


def data(inputs, masks=None, classes=("rest", "cell"), **options):
    targets = (
        {Kind.CLASS: torch.zeros(len(inputs), dtype=torch.long)} if masks is None else {Kind.MASK: masks}
    )
    split = Split(inputs, targets)
    return Data("made", classes, split, split, split, (0.5,), (0.2,), "digest", **options)


def test_sizes_are_those_of_the_training_split():
    sizes = [(8, 10), (6, 30), (7, 20)]
    facts = fingerprint(data(tuple(torch.zeros(3, *size) for size in sizes)))
    assert (facts.examples, facts.channels) == (3, 3)
    assert (facts.smallest, facts.median, facts.largest) == ((6, 10), (7, 20), (8, 30))
    assert facts.positions == 140
    assert (facts.shares, facts.objects) == ({}, {})
    assert facts.spacing == (1.0, 1.0)


def test_classes_and_objects_are_counted_in_stored_values():
    masks = torch.zeros(2, 20, 20, dtype=torch.uint8)
    masks[:, 2:6, 3:13] = 255
    masks[:, 10:14, 1:11] = 255
    masks[:, 19] = 7
    facts = fingerprint(data(torch.zeros(2, 1, 20, 20), masks, values=(0, 255), ignore=(7,)))
    assert facts.shares["cell"] == pytest.approx(80 / 380)
    assert sum(facts.shares.values()) == pytest.approx(1)
    assert facts.objects == {"cell": (4, 10)}


def test_half_of_the_objects_are_at_least_as_large_as_the_median():
    masks = torch.zeros(1, 40, 40, dtype=torch.uint8)
    for row, length in ((0, 3), (4, 9), (8, 21)):
        masks[0, row, :length] = 1
    assert fingerprint(data(torch.zeros(1, 1, 40, 40), masks)).objects == {"cell": (1, 9)}


def test_of_a_large_mask_only_the_middle_is_read():
    side = 2 * int(POSITIONS**0.5)
    mask = torch.zeros(side, side, dtype=torch.uint8)
    mask[:4] = 1
    mask[side // 2] = 1
    facts = fingerprint(data((torch.zeros(1, side, side),), (mask,)))
    assert facts.objects["cell"] == (1, side // 2)


def test_masks_of_16_bits_are_read():
    masks = torch.zeros(1, 8, 8, dtype=torch.int32)
    masks[0, :4] = 40_000
    facts = fingerprint(data(torch.zeros(1, 1, 8, 8), masks.to(torch.uint16), values=(0, 40_000)))
    assert facts.shares == {"rest": 0.5, "cell": 0.5}


def test_a_coarse_axis_takes_the_tenth_percentile():
    spacing = [(9.0 - step, 1.0, 1.0) for step in range(5)]
    assert target_spacing(spacing) == pytest.approx((5.4, 1.0, 1.0))
    assert target_spacing([(3.0, 1.0)] * 3) == (3.0, 1.0)
    assert target_spacing([(4.0,)]) == (4.0,)
