"""Our own networks at their native inputs: no error, no warning, but for what is right."""

import pytest

from netwright.lint.run import check
from netwright.models.registry import entries

DEEP = {f"plain{depth}": "NW209" for depth in (32, 44, 56, 110)}
"""Plain networks of over 20 layers are there to show what NW209 says of them."""
PATTERN = {
    f"{kind}{name}": "NW104" for kind in ("", "residual_") for name in ("encoder", "decoder", "autoencoder")
}
"""The 4,2,1 pattern taken to a single position: the waste is real, and it is the published course design."""
SURE = {"NW109", "NW309", "NW402", "NW404", "NW502", "NW602"}
"""Infos that none of our own networks may give cause for."""
SLOW = {"resnet1202", "preresnet1001", "bottleneck1202"}
NAMES = [entry.name for entry in entries().values() if entry.complete and entry.name not in SLOW]


@pytest.mark.parametrize("name", [name for name in NAMES if min(entries()[name].input[1:]) <= 64])
def test_silent(name):
    findings = check(name)
    loud = {finding.code for finding in findings if finding.severity != "info"}
    assert SURE.isdisjoint(finding.code for finding in findings)
    assert loud == {code for code in [(DEEP | PATTERN).get(name)] if code}
