"""One warp: images and masks against scipy, points against what they mark, in two and three dimensions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from netwright.data.kinds import IGNORE
from netwright.data.motion import Colour
from netwright.data.warp import STEEPEST, Warp, unfolded

SPACES = st.lists(st.integers(3, 9), min_size=2, max_size=3).map(tuple)


def near_identity(dims: int, seed: int, amount: float = 0.3) -> torch.Tensor:
    """A matrix [1, d, d + 1] in the coordinates of pixel edges."""
    random = torch.Generator().manual_seed(seed)
    linear = torch.eye(dims) + amount * (2 * torch.rand(dims, dims, generator=random) - 1)
    return torch.cat([linear, 2 * torch.rand(dims, 1, generator=random) - 0.5], 1)[None]


def by_scipy(values: np.ndarray, matrix: torch.Tensor, *, order: int) -> np.ndarray:
    """The same warp by `affine_transform`, whose coordinates are the indices of pixels; nan outside."""
    linear, shift = matrix[0, :, :-1].double().numpy(), matrix[0, :, -1].double().numpy()
    offset = linear @ np.full(len(shift), 0.5) + shift - 0.5
    return ndimage.affine_transform(values, linear, offset, order=order, mode="constant", cval=np.nan)


@given(space=SPACES, seed=st.integers(0, 10**6))
def test_an_affine_warp_of_images_is_scipy_s(space, seed: int):
    matrix = near_identity(len(space), seed)
    image = torch.rand(2, *space, generator=torch.Generator().manual_seed(seed))
    warped = Warp(space, matrix).picture(image[None], Colour())[0]
    for channel, ours in zip(image, warped, strict=True):
        expected = by_scipy(channel.double().numpy(), matrix, order=1)
        inside = ~np.isnan(expected)  # between the centres of the outermost pixels
        assert np.abs(ours.numpy() - expected)[inside].max(initial=0) < 1e-5


@given(space=SPACES, seed=st.integers(0, 10**6))
def test_an_affine_warp_of_labels_is_scipy_s_of_the_nearest_pixel(space, seed: int):
    matrix = near_identity(len(space), seed)
    labels = torch.randint(0, 2**40, (1, *space), generator=torch.Generator().manual_seed(seed))
    warped = Warp(space, matrix).labels(labels, IGNORE)[0].numpy()
    expected = by_scipy(labels[0].double().numpy(), matrix, order=0)
    inside = ~np.isnan(expected)
    positions = Warp(space, matrix).positions()[0].numpy()
    tie = (np.abs(positions - positions.round()) < 1e-4).any(0)
    assert (warped == expected)[inside & ~tie].all()
    outside = ((positions < 0) | (positions > np.reshape(space, (-1, *[1] * len(space))))).any(0)
    assert (warped == IGNORE)[outside & ~tie].all()


@pytest.mark.parametrize("space", [(5, 8), (4, 5, 6)])
def test_the_identity_changes_nothing(space):
    still = Warp(space, torch.eye(len(space), len(space) + 1)[None].expand(3, -1, -1))
    stored = torch.randint(0, 256, (3, 2, *space), dtype=torch.uint8)
    assert torch.equal(still.picture(stored, Colour()), stored)
    assert torch.equal(still.labels(stored[:, 0].long(), IGNORE), stored[:, 0].long())
    points = torch.rand(3, 4, len(space)) * 4
    assert torch.allclose(still.points(points), points)


def test_what_comes_in_has_the_colour_given_in_the_type_of_the_image():
    away = Warp((4, 4), torch.tensor([[[1.0, 0.0, 9.0], [0.0, 1.0, 0.0]]]))
    colour = Colour((0.2, 0.4, 0.6))
    stored = away.picture(torch.full((1, 3, 4, 4), 7, dtype=torch.uint8), colour)
    assert stored[0, :, 0, 0].tolist() == [51, 102, 153]
    floats = away.picture(torch.full((1, 3, 4, 4), 7.0), colour)
    assert torch.allclose(floats[0, :, 0, 0], torch.tensor([0.2, 0.4, 0.6]))
    assert (away.labels(torch.ones(1, 4, 4, dtype=torch.int64), IGNORE) == IGNORE).all()


def gentle(space: tuple[int, ...], seed: int) -> torch.Tensor:
    """A field of a few pixels that is smooth over the image."""
    axes = torch.meshgrid(*[torch.linspace(0, 3, n) for n in space], indexing="ij")
    random = torch.Generator().manual_seed(seed)
    phases = 6 * torch.rand(len(space), len(space), generator=random)
    waves = [sum((axis + p).sin() for axis, p in zip(axes, row, strict=True)) for row in phases]
    return unfolded(2.5 * torch.stack(waves)[None])


def dot(space: tuple[int, ...], centre: torch.Tensor, radius: float = 2.0) -> torch.Tensor:
    """A Gaussian around a centre, in pixels with edges at integers."""
    axes = torch.meshgrid(*[torch.arange(n) + 0.5 for n in space], indexing="ij")
    apart = sum((axis - c) ** 2 for axis, c in zip(axes, centre.tolist(), strict=True))
    return (-apart / (2 * radius**2)).exp()


@pytest.mark.parametrize("space", [(41, 56), (29, 32, 35)])
@pytest.mark.parametrize("bends", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_a_point_goes_where_the_dot_around_it_goes(space, bends: bool, seed: int):
    centre = torch.tensor([n / 2 for n in space]) + torch.tensor([3.3, -4.2, 2.4])[: len(space)]
    matrix = near_identity(len(space), seed, amount=0.15)
    matrix[..., -1] -= (matrix[..., :-1] - torch.eye(len(space))) @ torch.tensor([n / 2 for n in space])
    warp = Warp(space, matrix, gentle(space, seed) if bends else None)
    moved = warp.picture(dot(space, centre)[None, None], Colour())[0, 0].numpy()
    top = np.where(moved > 0.5 * moved.max(), moved, 0)  # what is far from the centre is bent otherwise
    seen = np.array(ndimage.center_of_mass(top)) + 0.5
    claimed = warp.points(centre[None, None])[0, 0].numpy()
    assert np.abs(seen - claimed).max() < 0.3


@given(space=SPACES, seed=st.integers(0, 10**6))
def test_the_points_of_a_field_are_its_inverse(space, seed: int):
    warp = Warp(space, near_identity(len(space), seed), gentle(space, seed))
    positions = warp.positions().flatten(2).mT  # where the centre of each pixel is read
    axes = torch.meshgrid(*[torch.arange(n) + 0.5 for n in space], indexing="ij")
    centres = torch.stack(axes, -1).flatten(0, -2)
    assert (warp.points(positions)[0] - centres).abs().max() < 5e-3


@pytest.mark.parametrize("bends", [False, True])
def test_missing_points_stay_missing(bends: bool):
    warp = Warp((6, 6), near_identity(2, 0), gentle((6, 6), 0) if bends else None)
    points = torch.tensor([[[torch.nan, torch.nan], [2.0, 3.0]]], dtype=torch.float64)
    moved = warp.points(points)
    assert moved.dtype == torch.float64
    assert moved[0, 0].isnan().all()
    assert not moved[0, 1].isnan().any()


@given(space=SPACES, seed=st.integers(0, 10**6))
def test_two_warps_in_one_are_the_second_after_the_first(space, seed: int):
    first = Warp(space, near_identity(len(space), seed))
    second = Warp(space, near_identity(len(space), seed + 1), gentle(space, seed))
    points = 4 * torch.rand(1, 5, len(space), generator=torch.Generator().manual_seed(seed))
    assert (second.after(first).points(points) - second.points(first.points(points))).abs().max() < 5e-3


@pytest.mark.parametrize("space", [(20, 24), (9, 10, 11)])
def test_a_wild_field_is_scaled_until_it_folds_nothing_and_a_gentle_one_is_kept(space):
    wild = 20 * torch.randn(2, len(space), *space, generator=torch.Generator().manual_seed(0))
    wild[1] *= 1e-4
    field = unfolded(wild)
    assert torch.equal(field[1], wild[1])
    for axis in range(len(space)):
        ahead = field[0].diff(dim=1 + axis)[axis] + 1  # how far apart two neighbours are read along the axis
        assert ahead.min() >= 1 - STEEPEST - 1e-5
    assert torch.allclose(field[0] / wild[0], (field[0] / wild[0]).mean(), rtol=1e-4)
