"""NW201: one module at several places."""

import pytest
from torch import nn

from netwright.lint.fix import apply
from programs import findings, program, script


def test_the_repeated_list_really_is_one_module():
    cloned = nn.Sequential(*[nn.Linear(8, 8)] * 3)
    assert len(cloned) == 3
    assert sum(p.numel() for p in cloned.parameters()) == 8 * 8 + 8


def test_the_fix_is_a_comprehension():
    bad = program("NW201", "bad")
    text = apply(bad.read_text(), findings(bad, select=["NW201"])).text
    assert "nn.Sequential(*([Block(width) for _ in range(count)]))" in text
    assert "nn.ModuleList([nn.Linear(8, 8) for _ in range(3)])" in text


def test_a_class_is_weighted_through_the_classes_it_builds():
    head = "from torch import nn\n"
    text = head + "class A(nn.Module):\n    a = nn.Linear(1, 1)\nclass B(nn.Module):\n    b = A()\n"
    assert script(text + "x = 3 * [B()]\n", "NW201") == [6]
    assert script(text + "x = 3 * [A]\n", "NW201") == []
    assert script(text + "x = 3 * [unknown()]\n", "NW201") == []


@pytest.mark.parametrize(
    ("text", "kind", "fixed"),
    [
        ("x = 3 * [nn.Linear(1, 1)]", "safe", "[nn.Linear(1, 1) for _ in range(3)]"),
        ("x = (nn.Linear(1, 1),) * n", "safe", "tuple(nn.Linear(1, 1) for _ in range(n))"),
        ("x = [nn.Linear(1, _(2))] * 3", "unsafe", "[nn.Linear(1, _(2)) for _ in range(3)]"),
        ("class A:\n    x = [nn.Linear(n, n)] * 3", "unsafe", "[nn.Linear(n, n) for _ in range(3)]"),
        ("x = [nn.Linear(1, 1)] * 3 * n", "unsafe", "[nn.Linear(1, 1) for _ in range(3)]"),
    ],
)
def test_a_comprehension_that_would_read_other_names_is_not_safe(text, kind, fixed, tmp_path):
    (tmp_path / "a.py").write_text(f"from torch import nn\nn = 2\n{text}\n")
    fixes = [one.fix for one in findings(tmp_path / "a.py", select=["NW201"])]
    assert [(fix.kind, fix.text) for fix in fixes] == [(kind, fixed)]


def test_a_comprehension_in_a_class_body_really_does_not_see_its_names():
    with pytest.raises(NameError):
        exec("class A:\n    n = 2\n    x = [n for _ in range(3)]")
