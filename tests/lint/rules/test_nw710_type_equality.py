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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("if type(m) == nn.Conv2d: init(m)", "safe"),
        ("if type(m) == nn.Sequential: init(m)", "unsafe"),
        ("if type(m) == nn.Linear: init(m)\nelif type(m) == nn.LazyLinear: wait(m)", "unsafe"),
        ("class Mine(nn.Linear): ...\nif type(m) == nn.Linear: init(m)", "unsafe"),
        ("if type(m) == nn.Linear: setattr(net, name, Quantised(m))", "unsafe"),
    ],
)
def test_the_fix_is_safe_only_where_no_subclass_is_told_apart(text, kind, tmp_path):
    (tmp_path / "a.py").write_text(f"from torch import nn\n{text}\n")
    assert findings(tmp_path / "a.py", select=["NW710"])[0].fix.kind == kind


def test_a_part_of_torch_s_own_attention_is_such_a_subclass():
    part = nn.MultiheadAttention(4, 2).out_proj
    assert isinstance(part, nn.Linear)
    assert type(part) is not nn.Linear
