from torch import nn

from netwright.design.caution import cautions
from netwright.design.fingerprint import Fingerprint


def facts(median=(64, 64), objects=None):
    return Fingerprint(10, 1, median, median, median, (1.0,) * len(median), {}, objects or {})


SMALL = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1))


def test_a_good_plan_has_no_warnings():
    assert cautions(SMALL, facts(objects={"cell": (5, 5)}), (64, 64), 8) == []


def test_a_receptive_field_that_is_shorter_than_the_objects_is_named_with_both():
    [warning] = cautions(SMALL, facts(objects={"cell": (4, 9), "dot": (2, 2)}), (64, 64), 8)
    assert "sees 5x5 positions" in warning
    assert "class cell are at least 4x9" in warning


def test_a_network_that_sees_everything_is_never_too_short():
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 2))
    assert cautions(net, facts(objects={"cell": (60, 60)}), (64, 64), 8) == []


def test_a_patch_under_a_quarter_of_the_median_is_reported():
    [warning] = cautions(SMALL, facts((100, 100)), (40, 40), 8)
    assert "16% of the median example 100x100" in warning
    assert cautions(SMALL, facts((100, 100)), (50, 50), 8) == []


def test_batch_norm_needs_more_than_two_examples():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    assert "batch norm takes its statistics over 2 examples" in cautions(net, facts(), (64, 64), 2)[0]
    assert cautions(net, facts(), (64, 64), 3) == []
    assert cautions(SMALL, facts(), (64, 64), 2) == []
