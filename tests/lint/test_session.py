"""Targets of a command, checked and fixed."""

import pytest

from netwright.errors import UsageError
from netwright.lint import baseline
from netwright.lint.session import Session
from netwright.trace.inputs import parse_inputs

WHOLE = "import torch\ntorch.load('net.pt').eval()\n"
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


TWICE = """from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.second = nn.ConvTranspose2d(4, 4, 3, stride=2)
        self.first = nn.Conv2d(3, 4, 1, padding=1)
    def forward(self, x):
        return self.second(self.first(x))
"""


def test_findings_on_a_network_are_told_rule_by_rule_and_returned_in_the_order_of_its_file(tmp_path):
    (tmp_path / "net.py").write_text(TWICE)
    told = []
    outcome = Session(["net.py:Net"], "3x8x8", select=["NW103", "NW108"]).check(tell=told.append)
    assert [[finding.code for finding in part] for part in told] == [["NW103"], ["NW108"]]
    assert [finding.code for finding in outcome.findings] == ["NW108", "NW103"]


def test_what_a_baseline_accepts_is_not_told(tmp_path):
    (tmp_path / "a.py").write_text(WHOLE)
    baseline.save(Session(["a.py"]).check().findings, tmp_path / "b.json")
    told = []
    assert Session(["a.py", "a.py"], baseline=tmp_path / "b.json").check(tell=told.append).code == 1
    assert [len(part) for part in told] == [1]


def test_exit_codes(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("x = 1\n")
    assert Session(["a.py"]).check().code == 0
    file.write_text("from torch import nn\nf = lambda m: type(m) == nn.Linear\n")
    assert Session(["a.py"]).check().code == 0
    file.write_text(WHOLE)
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
    assert session.given == parse_inputs(["3x8x8"])
    assert Session(["a.py"], ["1x4x4", "7:int64"]).given == parse_inputs(["1x4x4", "7:int64"])


def test_a_wrong_shape_is_refused():
    with pytest.raises(UsageError, match="is not a shape"):
        Session(["a.py"], "3x0")


def test_files_are_those_of_the_targets(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    assert Session(["a.py", "net.py:Net(2)", "resnet20"]).files() == ["a.py", "net.py"]


CLASS = """import sys, os
from torch import nn
class Net(nn.Module):
    def __init__(self{arguments}):
        super().__init__()
        {build}
        self.layer = nn.Linear(8, 8)
    def forward(self, x):
        {run}
"""
HOSTILE = {
    "raises": ({"build": "raise ValueError('no weights')"}, "ValueError: no weights, at net.py:6"),
    "own exception": ({"build": "raise type('Mine', (Exception,), {})('x')"}, "cannot be built: Mine: x"),
    "needs arguments": ({"arguments": ", width, depth"}, "it takes Net(width, depth)"),
    "no tensor": ({"run": "return None"}, "returned no tensor"),
    "exits in its constructor": ({"build": "sys.exit(0)"}, "it calls sys.exit(0), at net.py:6"),
    "exits in forward": ({"run": "sys.exit(3)"}, "it calls sys.exit(3) (net.py:9:9)"),
    "asks when built": ({"build": "input('name? ')"}, "standard input is closed"),
    "asks when run": ({"run": "return input('name? ')"}, "standard input is closed"),
    "runs itself": ({"run": "return self.forward(x)"}, "RecursionError: maximum recursion depth exceeded"),
    "builds itself": ({"build": "Net()"}, "cannot be built: RecursionError: maximum recursion depth"),
    "mute": ({"run": "raise type('E', (Exception,), {'__str__': lambda e: 1 / 0})()"}, "str() failed"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_network_is_one_clear_failure(tmp_path, kind):
    change, reason = HOSTILE[kind]
    parts = {"arguments": "", "build": "pass", "run": "return self.layer(x)"} | change
    (tmp_path / "net.py").write_text(CLASS.format(**parts))
    outcome = Session(["net.py:Net"], "8").check()
    assert outcome.code == 2
    [failure] = outcome.failures
    assert reason in failure
    assert "\n" not in failure


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"def (\n", "net.py"),
        (b"# caf\xe9\nx = 1\n", "encoding"),
        (b"x = 1\x00\n", "null bytes"),
        (b"# coding: nowhere\n", "unknown encoding"),
        (b"x = " + b"(" * 3000 + b")" * 3000, "too many nested parentheses"),
        (b"x = " + b"-" * 20_000 + b"1\n", "nested too deeply"),
        (b"x = " + b"+".join([b"1"] * 30_000), "recursion"),
    ],
)
def test_a_file_that_is_not_python_is_one_clear_failure(tmp_path, text, reason):
    (tmp_path / "net.py").write_bytes(text)
    outcome = Session(["net.py"]).check()
    assert outcome.code == 2
    assert reason in outcome.failures[0]
    assert "cannot be read as Python" in outcome.failures[0]


@pytest.mark.parametrize(
    "target", ["none.py", "a" * 300 + ".py", "loop.py", "none.py:Net", "loop.py:Net", "~none/x.py:Net"]
)
def test_a_file_that_does_not_exist_is_one_clear_failure(tmp_path, target):
    (tmp_path / "loop.py").symlink_to("loop.py")
    outcome = Session([target], "8").check()
    assert outcome.code == 2
    assert outcome.failures == (f"error: there is no file `{target.removesuffix(':Net')}`.",)


def test_the_nearest_class_is_suggested(tmp_path):
    (tmp_path / "net.py").write_text(CLASS.format(arguments="", build="pass", run="return x"))
    assert "has no `Nets`; it has Net." in Session(["net.py:Nets"], "8").check().failures[0]


def test_a_folder_s_broken_links_and_loops_are_passed_over(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    (tmp_path / "folder.py").mkdir()
    outcome = Session(["."]).check()
    assert (outcome.code, outcome.failures) == (0, ())
    assert Session(["."]).files() == ["a.py"]
    with pytest.raises(UsageError, match=r"`folder.py` has no Python file"):
        Session(["folder.py"]).check()


def test_a_long_sum_is_checked_or_refused_in_words(tmp_path):
    """Python accepts an expression deeper than Python's own recursion goes."""
    (tmp_path / "a.py").write_text("import torch\nx = " + " + ".join(["torch.load(f)"] * 900) + "\n")
    outcome = Session(["a.py"]).check()
    assert len(outcome.findings) == 900 or "nested too deeply" in outcome.failures[0]


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte-order mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_network_s_file_keeps_mark_line_ends_tabs_and_mode(tmp_path, start, end):
    text = """from torch import nn
class Net(nn.Module):  # é
\tdef __init__(self):
\t\tsuper().__init__()
\t\tself.é, self.b = nn.Identity(), nn.Conv2d(3, 4, 1, padding=1)  # ü
\tdef forward(self, x):
\t\treturn self.b(self.é(x)).mean((2, 3))
"""
    file = tmp_path / "net.py"
    file.write_bytes(start + text.encode().replace(b"\n", end))
    file.chmod(0o750)
    outcome = Session(["net.py:Net"], "3x8x8", select=["NW103"]).fix(unsafe=True, write=True)
    assert outcome.findings == ()
    assert file.read_bytes() == start + text.replace("padding=1", "padding=0").encode().replace(b"\n", end)
    assert file.stat().st_mode & 0o777 == 0o750


def test_a_network_s_file_in_another_encoding_is_tried_and_kept_in_it(tmp_path):
    build = "self.a = nn.Conv2d(3, 4, 1, padding=1)"
    text = CLASS.format(arguments="", build=build, run="return self.a(x).sum((2, 3))")
    source = f"# coding: latin-1\nassert '\xe9' == chr(233)\n{text}"
    (tmp_path / "net.py").write_bytes(source.encode("latin-1"))
    outcome = Session(["net.py:Net"], "3x8x8", select=["NW103"]).fix(unsafe=True, write=True)
    assert outcome.findings == ()
    assert (tmp_path / "net.py").read_bytes() == source.replace("padding=1", "padding=0").encode("latin-1")
