"""Our own networks at their native inputs: no error, no warning, but for what is right."""

import pytest

from netwright.lint.run import check
from netwright.models.registry import entries

DEEP = {f"plain{depth}": {"NW209"} for depth in (32, 110)}
"""Plain networks of over 20 layers are there to show what NW209 says of them."""
SURE = {"NW109", "NW309", "NW402", "NW404", "NW502", "NW602"}
"""Infos that none of our own networks gives cause for."""
ALIKE = {
    "resnet1202": "resnet110", "preresnet1001": "preresnet164", "densenet161": "densenet121",
    "densenet169": "densenet121", "densenet201": "densenet121", "resnet101": "resnet50",
    "hourglass8": "hourglass2", "hourglass4": "hourglass2", "bottleneck110": "bottleneck164",
    "plain44": "plain32", "plain56": "plain110", "resnet44": "resnet32", "resnet56": "resnet110",
    "vgg13": "vgg19", "vgg16": "vgg19", "wide_resnet40_4": "wide_resnet28_10", "resnet34": "resnet18",
    "preresnet110": "preresnet164", "bottleneck56": "bottleneck29", "preresnet200": "resnet152",
}  # fmt: skip
"""Deeper or wider ones of a family, which would say the same at many times the cost."""
NAMES = [entry.name for entry in entries().values() if entry.complete and entry.name not in ALIKE]


@pytest.mark.parametrize("name", NAMES)
def test_silent(name):
    findings = check(name)
    assert {finding.code for finding in findings if finding.severity != "info"} == DEEP.get(name, set())
    assert SURE.isdisjoint(finding.code for finding in findings)


@pytest.mark.parametrize("name", ALIKE)
def test_what_is_left_out_is_built_as_one_that_is_checked(name):
    """The same function at the same input with other numbers; of pre-activation, the family it came from."""
    left, checked = entries()[name], entries()[ALIKE[name]]
    assert ALIKE[name] in NAMES
    assert left.input == checked.input
    assert left.build is checked.build or name == "preresnet200"
    assert left.arguments != checked.arguments
