"""NW401: one weight for most of the network."""

from netwright.lint.run import check
from programs import findings, program


def test_counts_are_exact():
    [finding] = findings(program("NW401", "bad"), select=["NW401"])
    total = 8 * 3 * 9 + 8 + 2048 * 64 + 64 + 64 * 10 + 10
    assert finding.evidence == {"parameters": 2048 * 64, "total": total}


def test_the_page_s_example_is_right():
    [finding] = check("vgg16", select=["NW401"])
    assert finding.evidence["parameters"] == 102_760_448


def test_pooled_networks_are_silent():
    assert check("resnet18", select=["NW401"]) == []
