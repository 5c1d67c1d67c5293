"""NW107: padding used on one side."""

from torch import nn

from netwright.lint.run import check
from programs import findings, program


def test_it_is_off_unless_its_whole_code_is_selected():
    assert findings(program("NW107", "bad")) == []
    assert findings(program("NW107", "bad"), select=["NW1"]) == []
    assert [finding.severity for finding in findings(program("NW107", "bad"), select=["NW107"])] == ["info"]


def test_225_is_even_and_224_is_not():
    layer = nn.Conv2d(3, 4, 3, stride=2, padding=1)
    assert check(layer, (3, 225, 225), select=["NW107"]) == []
    [finding] = check(layer, (3, 224, 224), select=["NW107"])
    assert finding.evidence["padding used"] == [[1, 0], [1, 0]]
