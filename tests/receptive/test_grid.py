"""The grid of an output is where ramps of brightness say that its positions lie, and what papers publish."""

from fractions import Fraction
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from networks import Apply
from netwright.arithmetic.grid import Axis, Grid
from netwright.errors import SpecError
from netwright.models.families.unet import UNet
from netwright.receptive.grid import grid
from netwright.spec import load

HALF = Fraction(1, 2)


def fcn(dims):
    """Build a fully convolutional network (Long et al. 2015): strided maps, then the full size again."""
    conv = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[dims]
    return nn.Sequential(
        conv(1, 4, 3, stride=2, padding=1),
        nn.ReLU(),
        conv(4, 4, 3, stride=2, padding=1),
        nn.Upsample(scale_factor=4, mode="nearest"),
        conv(4, 2, 1),
    )


SAME = [
    "unet_same(width=4)",
    'unet_same(width=4, up="resized", depth=3)',
    "fractal_resunet(width=8, depth=2)",
]
ODD = {1: (37,), 2: (33, 46), 3: (17, 19, 24)}


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("spec", SAME)
def test_a_network_that_keeps_the_size_has_a_position_for_each_pixel(spec, dims):
    net = load(f"{spec[:-1]}, dims={dims}, channels=1)")
    result = grid(net, (1, *ODD[dims]))
    assert result.identity
    assert result.output == ODD[dims]


def test_the_published_u_net_maps_572_to_388_positions_from_pixel_92():
    result = grid(load("unet(width=4)"), (1, 572, 572))
    assert result == Grid.regular((572, 572), (388, 388))
    assert [axis.crop for axis in result.axes] == [slice(92, 480)] * 2


def test_the_published_volume_u_net_maps_132_x_132_x_116_to_44_x_44_x_28():
    result = grid(load("unet3d(width=4, channels=1)"), (1, 116, 132, 132))
    assert result.output == (28, 44, 44)
    assert {axis.offset for axis in result.axes} == {44}


@pytest.mark.parametrize("side", [188, 203, 573, 581])
def test_valid_convolutions_begin_at_the_same_pixel_where_pooling_drops_the_last_ones(side):
    (axis,) = grid(load("unet(width=4, dims=1)"), (1, side)).axes
    assert (axis.stride, axis.offset) == (1, 92)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_a_head_of_patches_of_four_pixels_lies_between_the_second_and_the_third(dims):
    conv = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[dims]
    result = grid(conv(1, 2, 4, stride=4), (1, *(23 for _ in range(dims))))
    assert result.axes == (Axis(Fraction(4), 3 * HALF, 5, 23),) * dims


@pytest.mark.parametrize("sides", [(256, 192), (250, 193), (97, 130)])
def test_heat_maps_of_an_hourglass_lie_at_every_fourth_pixel_from_pixel_1_at_odd_sizes_too(sides):
    """The stem is a window of 7 at stride 2 centred on pixel 2i, then a maximum of two of them."""
    result = grid(load("hourglass(stacks=2, width=8)"), (3, *sides))
    assert {(axis.stride, axis.offset) for axis in result.axes} == {(4, 1)}
    assert result.output == tuple(-(-side // 2) // 2 for side in sides)


def ramped(net, side):
    """Return where an output of averages lies, in pixels, by its response to a ramp up and a ramp down.

    With equal positive weights, a position reads the mean of the pixels that its windows hold, and a maximum
    reads the last pixel of a window on one ramp and the first on the other.
    """
    net = net.double().eval()
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eps = 0.0
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.0 if parameter.ndim == 1 else 1 / parameter[0].numel())
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.ones_(module.weight)
    ramp = torch.arange(side, dtype=torch.float64)[None, None]
    with torch.no_grad():
        whole = net(torch.ones_like(ramp))
        up, down = net(ramp) / whole, side - 1 - net(side - 1 - ramp) / whole
    return ((up + down) / 2).flatten(0, -2)[0]


NETS = {
    "the valid U-Net": partial(load, "unet(width=4, depth=3, dims=1)"),
    "an hourglass": partial(load, "hourglass(stacks=1, width=8, depth=3, dims=1, channels=1)"),
    "patches": lambda: nn.Sequential(nn.Conv1d(1, 2, 4, stride=4), nn.Conv1d(2, 2, 3, padding=1)),
    "a strided convolution": lambda: nn.Conv1d(1, 2, 5, stride=3, padding=1),
    "an encoder": partial(load, "encoder(width=4, depth=3, latent=4, dims=1, channels=1)"),
    "two doublings": lambda: nn.Sequential(
        nn.ConvTranspose1d(1, 2, 2, stride=2), nn.ConvTranspose1d(2, 2, 4, stride=2, padding=1)
    ),
}


@pytest.mark.parametrize("make", NETS.values(), ids=NETS)
def test_positions_lie_where_the_response_to_a_ramp_says_that_they_do(make):
    net = make()
    side = 2044 if isinstance(net, UNet) else 2048  # every halving is even
    (axis,) = grid(net, (1, side)).axes
    measured = ramped(net, side)
    period = 32  # a multiple of the period of each network
    assert len(measured) == axis.size
    inner = slice(axis.size // 2 // period * period, axis.size // 2 // period * period + period)
    predicted = float(axis.offset) + float(axis.stride) * torch.arange(axis.size, dtype=torch.float64)
    assert measured[inner].mean().item() == pytest.approx(predicted[inner].mean().item(), abs=1e-6)
    steps = (measured[inner.stop] - measured[inner.start]) / period
    assert steps.item() == pytest.approx(float(axis.stride), abs=1e-6)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_a_same_sized_output_is_pixel_for_pixel_though_its_windows_begin_at_the_border(dims):
    assert grid(fcn(dims), (1, *(32 for _ in range(dims)))).identity


def test_a_stride_that_the_size_does_not_divide_follows_from_the_windows():
    result = grid(nn.Conv2d(1, 1, 3, stride=2, padding=1), (1, 33, 34))
    assert [(axis.offset, axis.size) for axis in result.axes] == [(0, 17), (0, 17)]


class DeepBranch(nn.Module):
    """A fine map at stride 2, plus a deep one whose units begin at the border and hide it."""

    def __init__(self):
        super().__init__()
        self.fine = nn.Conv1d(1, 2, 3, stride=2, padding=1)
        self.deep = nn.Sequential(*[nn.Conv1d(2, 2, 3, stride=2, padding=1) for _ in range(4)])

    def forward(self, x):
        fine = self.fine(x)
        return fine + F.interpolate(self.deep(fine), size=fine.shape[2:])


def test_a_deep_branch_that_leans_to_the_border_does_not_move_the_grid_outside():
    (axis,) = grid(DeepBranch(), (1, 128)).axes
    assert (axis.stride, axis.offset) == (2, HALF)


@pytest.mark.parametrize(
    ("function", "positions", "axis"),
    [
        (lambda x: x + x.mean(-1, keepdim=True), 12, (1, 0)),
        (lambda x: F.adaptive_avg_pool1d(x, 1).expand(-1, -1, 4), 4, (3, 1)),
        (lambda x: F.interpolate(x.mean(-1, keepdim=True), 24), 24, (HALF, -HALF / 2)),
    ],
    ids=["as many", "a third", "twice as many"],
)
def test_where_everything_is_seen_the_shapes_decide(function, positions, axis):
    (result,) = grid(Apply("whole", function), (1, 12)).axes
    assert result == Axis(*map(Fraction, axis), positions, 12)


def test_positions_of_which_nothing_says_where_they_lie_are_refused():
    net = Apply("five", lambda x: F.adaptive_avg_pool1d(x.mean(-1, keepdim=True), 1).expand(-1, -1, 5))
    with pytest.raises(SpecError, match="`Apply` gives 5 positions for 12 along axis 0 of space"):
        grid(net, (1, 12))


def test_a_network_that_cannot_read_the_input_is_refused():
    with pytest.raises(SpecError, match="`UNet` cannot read inputs of 1x20x20"):
        grid(load("unet(width=4)"), (1, 20, 20))


def test_classes_have_no_grid():
    assert grid(load("resnet20"), (3, 32, 32)) is None


def test_the_network_is_unchanged():
    net = load("unet_same(width=4, depth=1, dims=1)").train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    assert grid(net, (1, 18)).output == (18,)
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
