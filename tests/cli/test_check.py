"""`netwright check`."""

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from netwright.cli.check import MANY, split

WRONG = "from torch import nn\nx = 3 * [nn.Linear(1, 1)]\n"
NET = """from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.point = nn.Conv2d(3, 4, 1, padding=1)
    def forward(self, x):
        print("chatter")
        return self.point(x)
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(WRONG)
    (tmp_path / "net.py").write_text(NET)


def test_findings_go_to_standard_output_with_exit_code_1(netwright):
    outcome = netwright("check", "train.py")
    assert outcome.returncode == 1
    lines = outcome.stdout.splitlines()
    assert lines[0].startswith("train.py:2:5: NW201 [error] cloned-sibling: ")
    assert lines[2].strip(" |") == "^" * len("3 * [nn.Linear(1, 1)]")
    assert lines[3] == "    fix (safe): [nn.Linear(1, 1) for _ in range(3)]"


def test_a_network_is_checked_and_what_it_prints_stays_out_of_json(netwright):
    outcome = netwright("check", "net.py:Net", "--input", "3x8x8", "--select", "NW103", "--json")
    assert [row["line"] for row in json.loads(outcome.stdout)] == [5]
    assert "chatter" in outcome.stderr


def test_text_comes_rule_by_rule_and_says_the_same_as_json(netwright, tmp_path):
    (tmp_path / "net.py").write_text(
        NET.replace(
            "self.point = ", "self.up = nn.ConvTranspose2d(4, 4, 3, 2)\n        self.point = "
        ).replace("self.point(x)", "self.up(self.point(x))")
    )
    words = ("check", "net.py:Net", "--input", "3x8x8", "--select", "NW103,NW108")
    text = [line for line in netwright(*words).stdout.splitlines() if line.startswith("net.py:")]
    rows = json.loads(netwright(*words, "--json").stdout)
    assert [line.split()[1] for line in text] == ["NW103", "NW108"]
    assert [row["code"] for row in rows] == ["NW108", "NW103"]


def test_a_deep_check_runs_large_networks_too(netwright, tmp_path, monkeypatch):
    from netwright.lint import start

    monkeypatch.setattr(start, "MACS", 0)
    head = "layer = nn.Linear(64, 10)\nnn.init.normal_(layer.weight, std=3)\nNet = nn.Sequential(layer)\n"
    (tmp_path / "net.py").write_text(f"from torch import nn\n{head}")
    words = ("check", "net.py:Net", "--input", "64", "--select", "NW502")
    assert netwright(*words).stdout == ""
    assert "NW502" in netwright(*words, "--deep").stdout


def test_output_stays_readable_whatever_a_network_writes(netwright_process, tmp_path):
    """Compiled code and other programs write to the file descriptor itself."""
    noisy = NET.replace(
        'print("chatter")', 'import os; os.write(1, b"raw"); os.system("echo started"); print("chatter")'
    )
    (tmp_path / "net.py").write_text(noisy)
    outcome = netwright_process(
        "check", "net.py:Net", "--input", "3x8x8", "--select", "NW103", "--format", "sarif"
    )
    assert len(json.loads(outcome.stdout)["runs"][0]["results"]) == 1
    assert all(word in outcome.stderr for word in ("chatter", "raw", "started"))


def test_a_network_that_exits_is_reported_as_wrong_use_and_nothing_else_is_printed(netwright, tmp_path):
    (tmp_path / "net.py").write_text(NET.replace('print("chatter")', "raise SystemExit(0)"))
    outcome = netwright("check", "net.py:Net", "--input", "3x8x8")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "it calls sys.exit(0)" in outcome.stderr
    assert "nothing found" not in outcome.stderr


def test_a_script_is_checked_without_being_run(netwright, tmp_path):
    script = NET + "net = Net()\nopen('trained', 'w').close()\n"
    (tmp_path / "script.py").write_text(script)
    words = ("check", "script.py:net", "--input", "3x8x8", "--select", "NW103", "--format", "json")
    for whole in ((), ("--run",)):
        outcome = netwright(*words, *whole)
        assert [row["line"] for row in json.loads(outcome.stdout)] == [5]
        assert ("left out line 10 of script.py; --run executes the whole file" in outcome.stderr) is (
            not whole
        )
        assert (tmp_path / "trained").exists() is bool(whole)


def test_further_inputs_and_their_names_are_given_like_those_of_a_summary(netwright, tmp_path):
    (tmp_path / "two.py").write_text(
        "from torch import nn\n"
        "class Two(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.words, self.see = nn.Embedding(9, 4), nn.Conv2d(3, 4, 1, padding=1)\n"
        "    def forward(self, image, words):\n"
        "        return self.see(image).mean((2, 3)) + self.words(words).mean(1)\n"
    )
    for given in (["3x6x6", "5:int64"], ["words=5:int64", "image=3x6x6"]):
        words = [word for text in given for word in ("--input", text)]
        outcome = netwright("check", "two.py:Two", *words, "--json")
        assert [row["code"] for row in json.loads(outcome.stdout)] == ["NW103"], outcome.stderr
    outcome = netwright("check", "two.py:Two", "--input", "words=5:int64", "--input", "3x6x6")
    assert outcome.returncode == 2
    assert "`3x6x6` has no name, but other inputs have one" in " ".join(outcome.stderr.split())


def test_a_clean_file_is_exit_code_0(netwright, tmp_path):
    (tmp_path / "train.py").write_text("x = 1\n")
    outcome = netwright("check", "train.py")
    assert (outcome.returncode, outcome.stdout, outcome.stderr.strip()) == (0, "", "nothing found")


def test_checking_a_script_imports_no_torch():
    code = "import sys; from netwright.lint.run import check; check('train.py')\n"
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["check"], "there is nothing to check"),
        (["check", "none.py"], "there is no file `none.py`"),
        (["check", "net.py:Net"], "needs `--input`"),
        (["check", "net.py:Net", "--input", "axb"], "is not a shape"),
        (["check", "net.py:Nat", "--input", "3x8x8"], "has no `Nat`"),
        (["check", "train.py", "--select", "XX"], "no rule's code starts with `XX`"),
        (["check", "train.py", "--baseline", "none.json"], "cannot be read"),
        (["check", "train.py", "--format", "xml"], "format"),
        (["check", "train.py", "--watch", "--fix"], "cannot be combined"),
    ],
)
def test_wrong_use_is_one_message_and_exit_code_2(netwright, words, reason):
    outcome = netwright(*words)
    assert outcome.returncode == 2
    assert reason in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_fix_diff_baseline_and_statistics(netwright, tmp_path):
    shown = netwright("check", "train.py", "--fix", "--diff").stdout
    assert "+x = [nn.Linear(1, 1) for _ in range(3)]" in shown
    assert (tmp_path / "train.py").read_text() == WRONG
    assert netwright("check", "train.py", "--statistics").stdout == "    1  NW201 [error] cloned-sibling\n"
    assert netwright("check", "train.py", "--write-baseline", "b.json").returncode == 0
    assert netwright("check", "train.py", "--baseline", "b.json").returncode == 0
    assert netwright("check", "train.py", "--fix").returncode == 0
    assert "for _ in range(3)" in (tmp_path / "train.py").read_text()


@pytest.mark.parametrize(("name", "start"), [("sarif", "{"), ("github", "::error file=train.py,line=2")])
def test_other_formats(netwright, name, start):
    assert netwright("check", "train.py", "--format", name).stdout.startswith(start)


def test_codes_are_split_at_commas():
    assert split(["nw1, NW301"]) == ("NW1", "NW301")


COMMAND = [sys.executable, "-c", "from netwright.cli.main import main; main()"]


def line_with(stream, text):
    """Read on until a line has the text."""
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"the output ended without `{text}`")


def test_watching_checks_again_after_each_save_and_ends_quietly(tmp_path):
    """Also after a syntax error, a file replaced as a whole, and one deleted for a while.

    A suite started in the background ignores SIGINT, and so would the command it starts.
    """
    file = tmp_path / "train.py"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*COMMAND, "check", "train.py", "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    try:
        line_with(process.stdout, "1 error")
        file.write_text("def (\n")
        line_with(process.stdout, "cannot be read as Python")
        (tmp_path / "new").write_text("x = 1\n")
        (tmp_path / "new").replace(file)
        line_with(process.stdout, "nothing found")
        file.unlink()
        line_with(process.stdout, "there is no file")
        file.write_text(WRONG)
        line_with(process.stdout, "NW201")
        line_with(process.stdout, "1 error")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    assert rest.strip() == ""


def everything(terminal):
    """What was written to a terminal whose other end is closed; Linux ends it with an error."""
    told = b""
    try:
        while more := os.read(terminal, 65_536):
            told += more
    except OSError:
        pass
    os.close(terminal)
    return told.decode()


@pytest.mark.parametrize(("count", "shown"), [(MANY, True), (2, False)])
def test_many_targets_have_a_bar_on_a_terminal_s_standard_error(tmp_path, count, shown):
    (tmp_path / "many").mkdir()
    for number in range(count):
        (tmp_path / "many" / f"a{number}.py").write_text("x = 1\n")
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color"}
    done = subprocess.run(
        [*COMMAND, "check", "many", "--json"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
        check=False,
    )
    os.close(theirs)
    assert ("checking" in everything(ours)) is shown
    assert json.loads(done.stdout) == []
