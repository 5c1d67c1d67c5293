"""`netwright compare`, called as the command calls it."""

import json
import sys

import pytest

from netwright.cli.main import main
from netwright.study.result import Study

# The command is called in this process, to import torch once; cyclopts takes that for a mistake.
pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")

QUICK = ["--data", "digits", "--epochs", "1", "--seeds", "1", "--device", "cpu", "--limit", "100"]
NET = """
from torch import nn

class Flat(nn.Linear):
    def __init__(self, wanted=64):
        super().__init__(wanted, 10)

    def forward(self, x):
        return super().forward(x.flatten(1))
"""


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Run the command in an empty folder; yields exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["netwright", "compare", *words])
        with pytest.raises(SystemExit) as leaving:
            main()
        return leaving.value.code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (QUICK, "no design is given"),
        (["mlpp", *QUICK], "did you mean mlp?"),
        (["mlp", "mlp", *QUICK], "one design twice"),
        (["mlp"], "--data"),
        (["mlp", "--data", "./nowhere"], "there is no folder"),
        (["mlp", *QUICK, "--lr", "-1"], "`lr`"),
        (["mlp", *QUICK, "--ratee", "1"], "--ratee"),
        (["mlp", *QUICK, "--recipe", "best"], "there are standard"),
        (["mlp", *QUICK, "--jobs", "0"], "`jobs` (=0)"),
        (["mlp", *QUICK, "--out", "net.py"], "is a file"),
        (["mlp", *QUICK, "--out", "."], "holds no study"),
    ],
)
def test_wrong_use_is_one_message_and_exit_code_2(command, tmp_path, words, reason):
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert reason in err
    assert len(err.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


def test_a_study_ends_with_table_page_and_exit_code_1_where_a_design_failed(command):
    """Twice: the second time nothing is trained, and --json prints what study.json holds."""
    words = ["net.py:Flat", "net.py:Flat(wanted=63)", *QUICK]
    code, out, err = command(*words)
    assert code == 1
    assert "net.py:Flat(wanted=63) failed:" in out
    assert "cannot read inputs of 1x8x8" in " ".join(out.split())
    assert "[2/2]" in err
    page = out.strip().splitlines()[-1].removeprefix("page: ")
    folder = page.removesuffix("/report.html")
    assert folder.startswith("studies/digits-")
    study = Study.read(folder)
    assert study.data["train"] == 100
    assert study.recipe["epochs"] == 1
    code, out, err = command(*words[:1], *words[2:], "--json")
    assert code == 1
    assert json.loads(out) == json.loads((study.folder / "study.json").read_text())
    assert "0 runs to train" in err


def test_ctrl_c_says_how_to_go_on(command, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("netwright.study.compare.compare", interrupted)
    code, out, err = command("mlp", *QUICK)
    assert (code, out) == (130, "")
    assert "the same command goes on" in err


def test_match_compares_designs_at_the_first_one_s_cost(command):
    """The wider family is narrowed until its parameters are within 1 % of the first design's."""
    code, out, err = command("resnet20(width=4)", "plain", *QUICK, "--match", "params", "--json")
    designs = json.loads(out)["designs"]
    costs = [design["params"] for design in designs]
    assert code == 0
    assert "plain at the params of resnet20(width=4): plain(" in err
    assert costs[1] == pytest.approx(costs[0], rel=0.01)


def test_what_cannot_be_matched_is_wrong_use(command):
    code, out, err = command("resnet20", "net.py:Flat", *QUICK, "--match", "macs")
    assert (code, out) == (2, "")
    assert "net.py:Flat" in err
