"""NW305: outputs that are normalised."""

import torch
from torch import nn

from netwright.lint.run import check


def test_a_brighter_image_really_gives_the_same_output():
    net = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.BatchNorm2d(1))
    x = torch.rand(2, 1, 4, 4)
    assert torch.allclose(net(x), net(3 * x), atol=1e-2)


def test_a_norm_before_a_head_says_nothing():
    body = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    assert check(nn.Sequential(body, nn.Linear(8, 2)), (3, 8, 8), select=["NW305"]) == []
    assert len(check(nn.Sequential(body[0], body[1]), (3, 8, 8), select=["NW305"])) == 1
