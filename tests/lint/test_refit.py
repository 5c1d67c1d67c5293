"""Networks are fixed only as far as their output shapes stay."""

import sys

import pytest

from netwright.lint.session import Session

NET = """from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.point = nn.Conv2d(3, 4, 1, padding=1)  # grows
        self.crop = nn.{crop}

    def forward(self, x):
        return self.crop(self.point(x))
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def fixed(tmp_path, text, **options):
    (tmp_path / "net.py").write_text(text)
    session = Session(["net.py:Net"], "3x8x8", select=["NW103"])
    outcome = session.fix(**{"unsafe": True, "write": True} | options)
    return outcome, (tmp_path / "net.py").read_text()


def test_a_fix_that_keeps_the_output_shapes_is_written(tmp_path):
    outcome, text = fixed(tmp_path, NET.format(crop="AdaptiveAvgPool2d(1)"))
    assert "nn.Conv2d(3, 4, 1, padding=0)  # grows" in text
    assert outcome.findings == ()
    assert outcome.notes == ("net.py: 1 fixed",)


def test_a_fix_that_changes_them_is_not_and_the_finding_says_so(tmp_path):
    before = NET.format(crop="Identity()")
    outcome, text = fixed(tmp_path, before)
    assert text == before
    assert "the output shapes would change" in outcome.findings[0].fix.text
    assert outcome.findings[0].file == "net.py"
    assert "NW103 not fixed" in outcome.notes[0]


def test_unsafe_fixes_need_their_flag(tmp_path):
    before = NET.format(crop="AdaptiveAvgPool2d(1)")
    outcome, text = fixed(tmp_path, before, unsafe=False)
    assert text == before
    assert len(outcome.findings) == 1


def test_the_difference_writes_nothing(tmp_path):
    before = NET.format(crop="AdaptiveAvgPool2d(1)")
    outcome, text = fixed(tmp_path, before, write=False)
    assert text == before
    assert "+        self.point = nn.Conv2d(3, 4, 1, padding=0)  # grows" in outcome.diff


THREE = """from torch import nn
from beside import WIDTH


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, WIDTH, 1, padding=1)
        self.b = nn.Conv2d(3, 4, 1, padding=1)
        self.c = nn.Conv2d(3, 4, 1, padding=1)

    def forward(self, x):
        return self.a(x).mean((2, 3)), self.b(x), self.c(x).mean((2, 3))
"""


def test_the_one_fix_that_changes_the_shapes_does_not_hold_up_the_others(tmp_path, monkeypatch):
    """The file is in another folder and imports one beside it, as it does where it stands."""
    monkeypatch.setattr("sys.path", [folder for folder in sys.path if folder])
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "beside.py").write_text("WIDTH = 4\n")
    (tmp_path / "pkg" / "net.py").write_text(THREE)
    outcome = Session(["pkg/net.py:Net"], "3x8x8", select=["NW103"]).fix(unsafe=True, write=True)
    text = (tmp_path / "pkg" / "net.py").read_text()
    assert "self.a = nn.Conv2d(3, WIDTH, 1, padding=0)" in text
    assert "self.b = nn.Conv2d(3, 4, 1, padding=1)" in text
    assert "self.c = nn.Conv2d(3, 4, 1, padding=0)" in text
    assert [finding.module for finding in outcome.findings] == ["b"]
    assert len([note for note in outcome.notes if "not fixed" in note]) == 1
