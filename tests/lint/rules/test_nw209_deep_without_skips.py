"""NW209: deep plain networks."""

import pytest

from netwright.lint.run import check


@pytest.mark.parametrize(
    ("spec", "layers"), [("plain20", None), ("plain32", 32), ("resnet56", None), ("bottleneck29", None)]
)
def test_plain_networks_from_21_layers_on(spec, layers):
    reported = check(spec, select=["NW209"])
    assert [finding.evidence["layers"] for finding in reported] == ([layers] if layers else [])
