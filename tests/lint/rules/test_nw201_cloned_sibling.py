"""NW201: one module at several places."""

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
