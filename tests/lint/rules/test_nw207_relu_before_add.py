"""NW207: rectified branches."""

import pytest

from netwright.lint.run import check
from programs import findings, program


@pytest.mark.parametrize("spec", ["resnet20", "resnet18", "preresnet164"])
def test_published_residual_networks_are_silent(spec):
    assert check(spec, select=["NW207"]) == []


def test_the_line_of_the_sum_is_given():
    [finding] = findings(program("NW207", "bad"), select=["NW207"])
    assert finding.evidence["sum"] == finding.line + 1
