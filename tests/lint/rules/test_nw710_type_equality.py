"""NW710: types compared with `==`."""

import pytest
from torch import nn

from netwright.lint.fix import apply
from programs import findings, program, script


def test_a_subclass_really_is_missed():
    class Mine(nn.Linear):
        pass

    layer = Mine(2, 2)
    assert type(layer) is not nn.Linear
    assert isinstance(layer, nn.Linear)


def test_fixes_ask_with_isinstance():
    bad = program("NW710", "bad")
    text = apply(bad.read_text(), findings(bad, select=["NW710"])).text
    assert "if isinstance(m, nn.Linear):" in text
    assert "elif isinstance(m, (nn.Conv1d, nn.Conv2d)):" in text
    assert "elif not isinstance(m, nn.BatchNorm2d):" in text


@pytest.mark.parametrize("test", ["type(m) == dict", "type(m) == type(n)", "type(m) == nn", "m == nn.Linear"])
def test_other_comparisons_say_nothing(test):
    assert script(f"from torch import nn\nx = {test}\n", "NW710") == []
