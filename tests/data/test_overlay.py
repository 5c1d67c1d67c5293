"""Pictures of classes: what is coloured, what stays, and which plane of a volume is shown."""

from itertools import combinations

import pytest
import torch

from netwright.data.kinds import IGNORE
from netwright.data.overlay import BAND, GAP, PALETTE, SHARE, WRONG, beside, over, plane, section, wrong


def test_class_0_leaves_the_image_and_others_mix_in_their_colour():
    colours = torch.full((3, 2, 3), 0.4)
    painted = over(colours, torch.tensor([[0, 1, 2], [0, 8, 3]]))
    assert painted[:, :, 0].unique().tolist() == [102]
    expected = [round((1 - SHARE) * 102 + SHARE * part) for part in PALETTE[0]]
    assert painted[:, 0, 1].tolist() == pytest.approx(expected, abs=1)
    assert torch.equal(painted[:, 1, 1], painted[:, 0, 1]), "the eighth class repeats the first colour"
    assert painted[:, 0, 2].tolist() != painted[:, 1, 2].tolist()


def test_ignored_positions_are_striped_in_grey():
    painted = over(torch.zeros(3, 12, 12), torch.full((12, 12), IGNORE))
    assert painted.unique().tolist() == [0, 128]
    assert (painted[0] == 128).double().mean() == pytest.approx(0.5, abs=0.1)


def test_wrong_positions_are_marked_and_ignored_ones_are_not():
    predicted, true = torch.tensor([[0, 1, IGNORE, 1]]), torch.tensor([[0, 0, 1, IGNORE]])
    painted = wrong(torch.full((3, 1, 4), 0.2), predicted, true)
    assert painted[:, 0, 1].tolist() == list(WRONG)
    assert painted[:, 0, [0, 2, 3]].unique().tolist() == [51]


def test_the_colours_stay_apart_for_readers_without_red_or_green_cones():
    """Simulated dichromacy: Viénot, Brettel & Mollon 1999, on linear light."""
    protan = torch.tensor([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
    deutan = torch.tensor([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
    linear = (torch.tensor(PALETTE) / 255) ** 2.2
    for simulation in (torch.eye(3), protan, deutan):
        seen = (linear @ simulation.T).clamp(0, 1) ** (1 / 2.2)
        assert min((a - b).norm() for a, b in combinations(seen, 2)) > 0.1


def test_of_a_volume_the_plane_with_most_foreground_is_shown():
    mask = torch.zeros(5, 4, 4, dtype=torch.int64)
    assert plane(mask) == (2,)
    mask[1, 0] = 1
    mask[3, :2] = 2
    mask[4] = IGNORE
    assert plane(mask) == (3,)
    assert plane(mask[0]) == ()
    volume = torch.rand(1, 5, 4, 4)
    assert torch.equal(section(volume, (3,))[2], volume[0, 3])


def test_an_image_of_more_than_three_channels_shows_the_first_three_and_of_two_the_first():
    image = torch.rand(5, 4, 4)
    assert torch.equal(section(image, ()), image[:3])
    assert torch.equal(section(image[:2], ()), image[:1].expand(3, -1, -1))


def test_pictures_stand_in_a_row_with_white_between_them():
    row = beside([torch.zeros(3, 4, 5, dtype=torch.uint8)] * 3)
    assert row.shape == (3, 4, 15 + 2 * GAP)
    assert row[:, :, 5 : 5 + GAP].unique().tolist() == [255]
    assert (row == 255).sum() == 3 * 4 * 2 * GAP


def test_the_middle_plane_of_a_volume_is_shown_and_a_signal_is_a_band():
    volume = torch.rand(2, 5, 4, 6)
    assert torch.equal(section(volume), volume[:1, 2].expand(3, -1, -1))
    signal = torch.rand(3, 9)
    shown = section(signal)
    assert shown.shape == (3, BAND, 9)
    assert torch.equal(shown[:, 0], signal)
    assert torch.equal(shown[:, -1], signal)
