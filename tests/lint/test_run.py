"""`nw.check` on modules, specs and source files."""

import pytest
from torch import nn

import netwright as nw
from netwright.errors import UsageError

LOAD = "import torch\nw = torch.load('w.pt')\n"


def test_a_module_object_is_checked():
    net = nn.Sequential(nn.Conv2d(3, 8, 1, padding=1))
    assert [finding.code for finding in nw.check(net, (3, 8, 8), select=["NW103"])] == ["NW103"]


def test_a_script_is_read_and_never_run(tmp_path):
    file = tmp_path / "train.py"
    file.write_text(LOAD + "raise SystemExit('was run')\n")
    reported = nw.check(str(file))
    assert [(finding.code, finding.line) for finding in reported] == [("NW708", 2)]


def test_select_and_ignore_work_by_prefix(tmp_path):
    file = tmp_path / "train.py"
    file.write_text(LOAD)
    assert nw.check(str(file), select=["NW1"]) == []
    assert nw.check(str(file), ignore=["NW7"]) == []
    with pytest.raises(UsageError, match="no rule's code starts with `NW9`"):
        nw.check(str(file), select=["NW9"])


def test_a_registered_network_needs_no_input_and_another_does(tmp_path):
    assert [reported for finding in nw.check("convnet") if finding.severity != "info"] == []
    with pytest.raises(UsageError, match="needs `--input`"):
        nw.check(nn.Conv2d(3, 3, 1))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("def __init__(self):\n        raise ValueError('no')", "cannot be built: ValueError: no"),
        ("def __init__(self, width):\n        super().__init__()", "missing a required argument: 'width'"),
        ("def forward(self, x):\n        return None", "returned no tensor"),
        ("def forward(self, x, y):\n        return x", "cannot be run on 3x8x8: TypeError"),
        ("def forward(self, x):\n        return self.nope(x)", "has no attribute 'nope'"),
    ],
)
def test_a_network_that_cannot_be_checked_says_why(tmp_path, body, reason):
    file = tmp_path / "net.py"
    file.write_text(f"from torch import nn\nclass Net(nn.Module):\n    {body}\n")
    with pytest.raises(UsageError, match=reason):
        nw.check(f"{file}:Net", (3, 8, 8))


def test_what_a_network_prints_goes_to_standard_error(tmp_path, capsys):
    file = tmp_path / "net.py"
    body = "def __init__(self):\n        super().__init__()\n        print('built')\n"
    body += "    def forward(self, x):\n        print('loud')\n        return x * 2"
    file.write_text(f"from torch import nn\nclass Net(nn.Module):\n    {body}\n")
    nw.check(f"{file}:Net", (3, 8, 8))
    out, err = capsys.readouterr()
    assert out == ""
    assert {"loud", "built"} <= set(err.split())


def test_findings_come_in_the_order_of_the_file_whatever_rule_they_are_of(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(
        "import torch\nb = torch.nn.BatchNorm1D(3)\nw = torch.load('w.pt')\nc = torch.nn.Relu()\n"
    )
    assert [(finding.line, finding.code) for finding in nw.check(str(file))] == [
        (2, "NW706"),
        (3, "NW708"),
        (4, "NW706"),
    ]


def test_a_rule_that_cannot_go_as_deep_as_python_s_parser_says_so(tmp_path, monkeypatch):
    from dataclasses import replace

    from netwright.lint import run
    from netwright.lint.catalogue import rules
    from netwright.lint.script import Script

    def look(script):
        raise RecursionError

    rule = replace(rules()["NW708"], script=look)
    with pytest.raises(UsageError, match=r"`a\.py` is nested too deeply for NW708; leave the rule out with"):
        run.examine(Script.parse("x = 1", "a.py"), {"NW708": rule})
