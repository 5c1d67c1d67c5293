"""Affine and elastic deformations: what is drawn is what was asked, and one resampling does for two."""

from itertools import combinations
from math import cos, radians, tan

import pytest
import torch

from netwright.data.deform import Affine, Elastic, GridElastic, Resample
from netwright.data.kinds import IGNORE, Kind
from netwright.errors import RecipeError

SPACES = [(24, 30), (14, 16, 18)]


def forward(stage: Affine, space: tuple[int, ...], batch: int = 400) -> tuple[torch.Tensor, torch.Tensor]:
    """The drawn matrices from before to after, about the centre, and the shifts of the centre."""
    torch.manual_seed(0)
    warp = stage.draw(batch, space)
    centre = torch.tensor(space) / 2
    shift = warp.points(centre.expand(batch, 1, -1))[:, 0] - centre
    return torch.linalg.inv(warp.matrix[..., :-1]), shift


@pytest.mark.parametrize("space", SPACES)
def test_without_options_an_affine_warp_moves_nothing(space):
    inputs = torch.rand(3, 2, *space)
    image, _ = Resample([Affine()])(inputs, {})
    assert torch.allclose(image, inputs, atol=1e-5)


def test_degrees_turn_by_up_to_the_angle_both_ways():
    linear, shift = forward(Affine(degrees=30), (24, 30))
    angle = torch.atan2(linear[:, 1, 0], linear[:, 0, 0]).rad2deg()
    assert angle.abs().max() <= 30.001
    assert angle.min() < -27 < 27 < angle.max()
    assert torch.allclose(linear @ linear.mT, torch.eye(2).expand_as(linear), atol=1e-5)
    assert shift.abs().max() < 1e-4


def test_each_plane_of_a_volume_has_its_own_angle():
    linear, _ = forward(Affine(degrees=(0, 0, 45)), (14, 16, 18))
    assert torch.allclose(linear[:, 0], torch.tensor([1.0, 0, 0]).expand(len(linear), 3), atol=1e-6)
    assert linear[:, 1, 1].min() < cos(radians(40))
    every, _ = forward(Affine(degrees=45), (14, 16, 18))
    assert all(every[:, i, j].abs().max() > 0.5 for i, j in combinations(range(3), 2))


@pytest.mark.parametrize("space", SPACES)
def test_scale_enlarges_all_axes_alike(space):
    linear, _ = forward(Affine(scale=(0.8, 1.25)), space)
    factors = linear.diagonal(dim1=1, dim2=2)
    assert torch.allclose(factors, factors[:, :1].expand_as(factors))
    assert 0.8 <= factors.min() < 0.82 < 1.23 < factors.max() <= 1.2501
    assert torch.allclose(linear, torch.diag_embed(factors), atol=1e-6)


@pytest.mark.parametrize("space", SPACES)
def test_shear_keeps_volumes(space):
    linear, _ = forward(Affine(shear=20), space)
    assert torch.allclose(torch.linalg.det(linear), torch.ones(len(linear)), atol=1e-5)
    assert tan(radians(18)) < linear[:, 0, 1].abs().max() <= tan(radians(20)) + 1e-6
    assert (linear[:, 1, 0].abs() < 1e-6).all()


@pytest.mark.parametrize("space", SPACES)
def test_translate_moves_by_a_share_of_each_side(space):
    _, shift = forward(Affine(translate=0.25), space)
    share = shift.abs().amax(0) / torch.tensor(space)
    assert (share <= 0.2501).all()
    assert (share > 0.23).all()


@pytest.mark.parametrize("stage", [Affine(degrees=40, p=0.3), Elastic(p=0.3), GridElastic(p=0.3)])
def test_p_is_the_share_of_the_images_that_change(stage):
    torch.manual_seed(0)
    inputs = torch.rand(1, 1, 12, 12).expand(600, 1, 12, 12)
    image, _ = Resample([stage])(inputs, {})
    changed = ((image - inputs).abs().flatten(1).amax(1) > 1e-4).float().mean()
    assert 0.2 < changed < 0.4  # five deviations


@pytest.mark.parametrize("space", SPACES)
def test_the_field_of_simard_has_the_deviation_of_smoothed_noise(space):
    torch.manual_seed(0)
    field = Elastic(alpha=0.5, sigma=2).draw(40, space).field
    middle = field[(..., *[slice(6, -6) for _ in space])]
    expected = (
        0.5 * 3**-0.5 * (2 * torch.pi**0.5 * 2) ** (-len(space) / 2)
    )  # of each Gaussian, the sum of squares
    assert abs(middle.std() / expected - 1) < 0.15
    ahead = field.diff(dim=2).std() / field.std()
    assert 0.3 < ahead * 2 < 0.8  # smooth over sigma: 1 / sqrt 2 of a deviation for each sigma


@pytest.mark.parametrize("space", [(64, 80), (40, 44, 48)])
def test_the_grid_of_ronneberger_moves_its_points_by_noise_and_is_smooth_between(space):
    torch.manual_seed(0)
    field = GridElastic(grid=3, sigma=0.5).draw(60, space).field
    corners = field[(..., *[slice(None, None, n - 1) for n in space])]
    assert abs(corners.std() - 0.5) < 0.06
    assert max(field.diff(dim=axis).abs().max() for axis in range(2, field.ndim)) < 0.3
    torch.manual_seed(0)
    drawn = torch.randn(60, len(space), *[3] * len(space)) * 0.5
    assert torch.allclose(corners, drawn[(..., *[slice(None, None, 2) for _ in space])], atol=1e-5)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_images_keep_shape_and_type_and_masks_their_labels(space, dtype):
    torch.manual_seed(0)
    inputs = torch.randint(0, 2, (4, 3, *space)).to(dtype)
    mask = torch.randint(3, 9, (4, *space))
    for stage in (Affine(degrees=50, translate=0.3), Elastic(), GridElastic()):
        image, targets = Resample([stage], mean=(0.1, 0.2, 0.3))(inputs, {Kind.MASK: mask})
        assert (image.shape, image.dtype) == (inputs.shape, dtype)
        assert set(targets[Kind.MASK].unique().tolist()) <= {IGNORE, *range(3, 9)}


def test_a_seed_decides_every_warp_and_examples_differ():
    inputs = torch.rand(1, 1, 16, 16).expand(4, 1, 16, 16)
    stage = Resample([Affine(degrees=90), Elastic()])
    torch.manual_seed(3)
    first = stage(inputs, {})[0]
    second = stage(inputs, {})[0]
    torch.manual_seed(3)
    assert torch.equal(stage(inputs, {})[0], first)
    assert not torch.equal(first, second)
    assert len(first.flatten(1).unique(dim=0)) == 4


def test_two_deformations_blur_once():
    torch.manual_seed(0)
    edge = (torch.arange(40) >= 20).float().expand(8, 1, 40, 40)
    third = (Affine(translate=0.1), Affine(translate=0.1), Affine(translate=0.1))
    joined, _ = Resample(third)(edge, {})
    apart = edge
    for stage in third:
        apart, _ = Resample([stage])(apart, {})
    between = [((each > 0.02) & (each < 0.98)).float().mean() for each in (joined, apart)]
    assert between[0] < 0.7 * between[1]


@pytest.mark.parametrize(
    ("make", "options", "named"),
    [
        (Affine, {"degrees": -1}, "degrees"),
        (Affine, {"degrees": (10, 200, 0)}, "degrees"),
        (Affine, {"translate": 1.0}, "translate"),
        (Affine, {"scale": (1.2, 0.8)}, "scale"),
        (Affine, {"scale": (0.0, 1.0)}, "scale"),
        (Affine, {"scale": (1.0,)}, "scale"),
        (Affine, {"shear": 90}, "shear"),
        (Affine, {"p": 2}, "p"),
        (Elastic, {"alpha": -1}, "alpha"),
        (Elastic, {"sigma": 0}, "sigma"),
        (Elastic, {"p": -0.1}, "p"),
        (GridElastic, {"grid": 1}, "grid"),
        (GridElastic, {"grid": 2.5}, "grid"),
        (GridElastic, {"sigma": -1}, "sigma"),
        (GridElastic, {"p": 1.1}, "p"),
    ],
)
def test_an_option_out_of_range_is_refused(make, options, named: str):
    with pytest.raises(RecipeError, match=f"`{named}`"):
        make(**options)


def test_angles_for_planes_that_are_not_there_are_refused():
    with pytest.raises(RecipeError, match="one for each plane; these inputs have 3"):
        Resample([Affine(degrees=(10, 20))])(torch.rand(1, 1, 4, 4, 4), {})


def test_series_are_not_deformed():
    with pytest.raises(RecipeError, match="not inputs with 1 axis"):
        Resample([Affine()])(torch.rand(1, 1, 9), {})
