"""Targets of a command, checked and fixed."""

import pytest

from netwright.errors import UsageError
from netwright.lint.session import Session, save

LOAD = "import torch\nnet.load_state_dict(torch.load('w.pt'))  # weights\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_one_target_that_cannot_be_read_does_not_hide_the_others(tmp_path):
    (tmp_path / "a.py").write_text("def (")
    (tmp_path / "b.py").write_text(LOAD)
    outcome = Session([str(tmp_path)]).check()
    assert [finding.code for finding in outcome.findings] == ["NW708"]
    assert "a.py:1` cannot be read" in outcome.failures[0]
    assert outcome.code == 2


def test_exit_codes(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("x = 1\n")
    assert Session(["a.py"]).check().code == 0
    file.write_text("from torch import nn\nf = lambda m: type(m) == nn.Linear\n")
    assert Session(["a.py"]).check().code == 0
    file.write_text(LOAD)
    assert Session(["a.py"]).check().code == 1


def test_fixes_keep_comments_encoding_and_line_ends(tmp_path):
    file = tmp_path / "a.py"
    file.write_bytes(b"# coding: latin-1\r\n# \xe9\r\n" + LOAD.replace("\n", "\r\n").encode())
    outcome = Session(["a.py"]).fix(unsafe=False, write=True)
    assert outcome.findings == ()
    text = LOAD.replace("'w.pt')", "'w.pt', weights_only=True)").replace("\n", "\r\n")
    assert file.read_bytes() == b"# coding: latin-1\r\n# \xe9\r\n" + text.encode()


def test_a_difference_is_shown_and_nothing_written(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(LOAD)
    outcome = Session(["a.py"]).fix(unsafe=False, write=False)
    assert "+net.load_state_dict(torch.load('w.pt', weights_only=True))  # weights" in outcome.diff
    assert file.read_text() == LOAD


def test_the_project_s_configuration_holds_and_options_come_first(tmp_path):
    (tmp_path / "a.py").write_text(LOAD)
    (tmp_path / "pyproject.toml").write_text('[tool.netwright]\nignore = ["NW708"]\ninput = "3x8x8"\n')
    session = Session(["a.py"])
    assert session.check().findings == ()
    assert session.shape == (3, 8, 8)
    assert Session(["a.py"], "1x4x4").shape == (1, 4, 4)


def test_a_wrong_shape_is_refused():
    with pytest.raises(UsageError, match="is no shape"):
        Session(["a.py"], "3x0")


def test_files_are_those_of_the_targets(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    assert Session(["a.py", "net.py:Net(2)", "resnet20"]).files() == ["a.py", "net.py"]


def test_saving_keeps_unix_line_ends(tmp_path):
    file = tmp_path / "a.py"
    file.write_bytes(b"a\n")
    save(file, "b\n")
    assert file.read_bytes() == b"b\n"
