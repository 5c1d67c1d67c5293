"""NW208: norms at several places."""

import torch
from torch import nn

from netwright.lint.run import check
from programs import findings, program


def test_the_running_mean_really_is_a_mixture():
    norm = nn.BatchNorm1d(1, momentum=0.5)
    norm(torch.full((4, 1), 0.0))
    norm(torch.full((4, 1), 8.0))
    assert norm.running_mean.item() == 4


def test_calls_are_counted():
    [finding] = findings(program("NW208", "bad"), select=["NW208"])
    assert finding.evidence["calls"] == 2
    assert check(nn.Sequential(nn.BatchNorm1d(4), nn.BatchNorm1d(4)), (4,), select=["NW208"]) == []
