"""NW402: dense outputs that see little of their image."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check
from programs import findings, program


def reported(net, shape=(3, 64, 64)):
    return check(net, shape, select=["NW402"])


def local(layers=2, classes=5, padding=1, channels=3):
    parts = [nn.Conv2d(channels, 8, 3, padding=padding), nn.ReLU()]
    for _ in range(layers - 1):
        parts += [nn.Conv2d(8, 8, 3, padding=padding), nn.ReLU()]
    return nn.Sequential(*parts, nn.Conv2d(8, classes, 1))


@pytest.mark.parametrize("layers", [1, 4, 10])
def test_the_field_is_what_the_gradient_reaches(layers):
    net = local(layers).double()
    [finding] = reported(net)
    x = torch.randn(1, 3, 64, 64, dtype=torch.double, requires_grad=True)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.abs_()
    net(x.abs())[0, 0, 32, 32].backward()
    rows, columns = (torch.nonzero(x.grad[0].abs().sum((0, axis))).numel() for axis in (1, 2))
    assert finding.evidence == {"field": [rows, columns], "input": [64, 64]}


@pytest.mark.parametrize(("layers", "count"), [(10, 1), (11, 0)])
def test_a_third_of_the_input_is_enough(layers, count):
    """Ten layers of 3x3 see 21 of 64, eleven see 23: a third is 21.3."""
    assert len(reported(local(layers))) == count


def test_it_must_be_short_along_every_axis():
    assert len(reported(local(), (3, 64, 64))) == 1
    assert reported(local(), (3, 64, 8)) == []


class Beside(nn.Module):
    """A local branch, and one that sees the whole."""

    def __init__(self, whole):
        super().__init__()
        self.local, self.whole = local(), whole

    def forward(self, x):
        return self.local(x) + self.whole(x)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Conv2d(3, 8, 4, stride=4)
        self.mix = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Conv2d(8, 5, 1)

    def forward(self, x):
        x = self.project(x)
        y = x.flatten(2).transpose(1, 2)
        return self.head(self.mix(y, y, y)[0].transpose(1, 2).view_as(x))


def test_global_pooling_and_attention_see_everything():
    pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 5, 1))
    assert reported(Beside(pooled)) == []
    assert reported(Attention()) == []


def test_classifiers_and_flattened_maps_see_everything():
    assert reported(nn.Sequential(local(), nn.AdaptiveAvgPool2d(1), nn.Flatten())) == []
    assert reported(nn.Sequential(local(), nn.Flatten(), nn.Linear(5 * 64 * 64, 10))) == []


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (local(classes=3), (3, 64, 64)),
        (local(padding=0), (3, 64, 64)),
        (nn.Sequential(nn.Conv2d(3, 8, 4, 4, padding=1), nn.Conv2d(8, 1, 3, padding=1)), (3, 64, 64)),
        (nn.Sequential(nn.Conv1d(1, 8, 3, padding=1), nn.Conv1d(8, 5, 1)), (1, 4096)),
    ],
    ids=["image to image", "tile with margin", "patch scores", "series"],
)
def test_local_tasks_are_silent(net, shape):
    assert reported(net, shape) == []


@pytest.mark.parametrize(
    "net",
    [
        nn.Conv2d(3, 8, 3, padding=1),
        local()[:4],
        nn.Sequential(*local(), nn.BatchNorm2d(5)),
        nn.Sequential(*local(), nn.ReLU()),
    ],
    ids=["layer", "block", "normed", "rectified"],
)
def test_features_are_not_labels(net):
    assert reported(net) == []


@pytest.mark.parametrize("last", [nn.Softmax(1), nn.Sigmoid(), nn.Upsample(scale_factor=2)])
def test_labels_may_be_probabilities_or_resized(last):
    assert len(reported(nn.Sequential(*local(), last))) == 1


class Two(nn.Module):
    """Two maps of labels, the second behind some pooling."""

    def __init__(self, deeper):
        super().__init__()
        self.fine, self.coarse = (
            local(),
            nn.Sequential(nn.MaxPool2d(2), *deeper, *local(1)),
        )

    def forward(self, x):
        return self.fine(x), self.coarse(x)


def test_the_output_that_sees_most_decides():
    assert reported(Two([nn.MaxPool2d(2), nn.MaxPool2d(2)])) == []
    [finding] = reported(Two([]))
    assert finding.evidence["field"] == [6, 6]


def test_it_is_said_at_the_head():
    [finding] = findings(program("NW402", "bad"), select=["NW402"])
    assert finding.module == "head"
    assert "every output of head sees at most 7x7 of the 64x64 input" in finding.message


@pytest.mark.parametrize("spec", ["unet3d_same", "hourglass1"])
def test_our_own_dense_networks_are_silent(spec):
    assert check(spec, select=["NW402"]) == []
