"""NW404: steps that shrink everything at once."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check
from programs import findings, program


def reported(net, shape=(3, 64, 64)):
    return check(net, shape, select=["NW404"])


def classifier(*step, channels=64):
    """A stem, the step, a layer behind it, and a head."""
    with torch.device("cpu"):
        stem = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), *step)
        body = nn.Sequential(nn.Conv2d(channels, 64, 3, padding=1), nn.ReLU())
    return nn.Sequential(stem, body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


@pytest.mark.parametrize(
    ("step", "channels", "factor"),
    [
        (nn.MaxPool2d(3), 64, 9.3),
        (nn.AvgPool2d(4), 64, 16),
        (nn.Conv2d(64, 64, 4, stride=4), 64, 16),
        (nn.Conv2d(64, 4, 1), 4, 16),
        (nn.Conv2d(64, 16, 3, stride=2, padding=1), 16, 16),
        (nn.AdaptiveMaxPool2d(8), 64, 64),
    ],
)
def test_more_than_eight_times_at_once_is_found_with_its_factor(step, channels, factor):
    [finding] = reported(classifier(step, channels=channels))
    before, after = (torch.Size(finding.evidence[key]).numel() for key in ("before", "after"))
    assert before / after == pytest.approx(factor, rel=0.01)
    assert step(torch.zeros(1, 64, 64, 64))[0].shape == torch.Size(finding.evidence["after"])
    assert f"{before / after:.3g} times fewer numbers, in one step" in finding.message


@pytest.mark.parametrize(
    ("step", "channels"),
    [(nn.MaxPool2d(2), 64), (nn.Conv2d(64, 8, 1), 8), (nn.Conv2d(64, 32, 3, stride=2, padding=1), 32)],
)
def test_eight_times_and_less_are_silent(step, channels):
    assert reported(classifier(step, channels=channels)) == []


def test_channels_rounded_to_a_multiple_of_eight_are_silent():
    """As in RDNet: half of 408 channels and a stride of 2, made 200 (8.16 times fewer)."""
    step = nn.Sequential(nn.Conv2d(64, 408, 1), nn.Conv2d(408, 200, 2, stride=2))
    assert reported(classifier(step, channels=200)) == []


def test_patches_of_the_image_itself_may_be_narrow():
    """As in a small vision transformer: 16x16 pixels of three colours become 64 numbers, 12 times fewer."""
    later = nn.Sequential(nn.Conv2d(3, 64, 16, 16), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.Flatten())
    assert reported(nn.Sequential(*later, nn.Linear(1024, 10))) == []
    assert len(reported(nn.Sequential(nn.MaxPool2d(4), nn.Conv2d(3, 4, 1)))) == 1


def test_two_small_steps_are_silent():
    assert reported(classifier(nn.MaxPool2d(2), nn.ReLU(), nn.MaxPool2d(2))) == []


def test_a_pooling_of_a_matrix_is_not_a_map():
    class Maxout(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.head = nn.Linear(64, 640), nn.Linear(64, 10)

        def forward(self, x):
            return self.head(nn.functional.max_pool1d(self.first(x), 10))

    assert reported(Maxout(), (64,)) == []


def test_halving_a_volume_is_silent():
    net = nn.Sequential(nn.Conv3d(1, 8, 3, padding=1), nn.MaxPool3d(2), nn.Conv3d(8, 8, 3, padding=1))
    assert (
        reported(nn.Sequential(net, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(8, 2)), (1, 16, 16, 16))
        == []
    )


class Around(nn.Module):
    """A narrow branch, merged with what goes around it."""

    def __init__(self, merge):
        super().__init__()
        self.branch = nn.Sequential(nn.Conv2d(64, 4, 1), nn.ReLU(), nn.Conv2d(4, 64, 1))
        self.merge = merge

    def forward(self, x):
        return self.merge(x, self.branch(x))


@pytest.mark.parametrize("merge", [torch.add, torch.mul])
def test_what_goes_around_a_branch_is_not_lost(merge):
    assert reported(classifier(Around(merge))) == []
    assert len(reported(classifier(*Around(merge).branch))) == 1


def test_the_head_and_global_pooling_are_meant_to_shrink():
    assert reported(nn.Sequential(nn.Conv2d(3, 64, 3), nn.Conv2d(64, 2, 1)), (3, 64, 64)) == []
    assert reported(classifier(nn.MaxPool2d(2))) == []
    upsampled = nn.Sequential(
        nn.Conv2d(3, 64, 4, 2, 1), nn.Conv2d(64, 2, 1), nn.ConvTranspose2d(2, 2, 4, 2, 1)
    )
    assert reported(upsampled) == []


def test_an_autoencoder_shrinks_on_purpose():
    encoder = [nn.Conv2d(3, 16, 3, padding=1), nn.MaxPool2d(4), nn.Conv2d(16, 1, 1)]
    decoder = [nn.ConvTranspose2d(1, 16, 4, 4), nn.Conv2d(16, 3, 3, padding=1)]
    assert reported(nn.Sequential(*encoder, *decoder)) == []
    assert len(reported(nn.Sequential(*encoder, nn.Flatten(), nn.Linear(256, 10)))) == 2


def test_each_step_is_placed_where_it_was_built():
    reported = findings(program("NW404", "bad"), select=["NW404"])
    assert [finding.module for finding in reported] == ["pool", "squeeze"]
    assert "pool turns 32x64x64 into 32x16x16, 16 times fewer numbers, in one step" in reported[0].message


@pytest.mark.parametrize("spec", ["resnet20", "densenet_bc100", "nin", "convnet", "encoder"])
def test_published_networks_are_silent(spec):
    assert check(spec, select=["NW404"]) == []
