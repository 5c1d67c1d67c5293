"""`netwright diff`: what differs, the ratios, JSON, a failing design."""

import json
import sys

import pytest

from netwright.cli.main import main

pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\ndef net(width=4):\n"
        "    return nn.Sequential(nn.Linear(4, width), nn.Linear(4, 2))\n"
    )
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["netwright", "diff", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        shown = capsys.readouterr()
        return end.value.code, shown.out, shown.err

    return run


def test_the_ratio_of_two_depths_is_shown(run):
    code, out, err = run("resnet20", "resnet32")
    assert (code, err) == (0, "")
    assert "269,722 → 464,154   ×1.72" in out
    assert "40,551,040 → 68,862,592" in out


def test_json_has_changes_and_totals(run):
    content = json.loads(run("net.py:net", "net.py:net(width=4)", "--input", "4", "--json")[1])
    assert content["changes"] == []
    assert content["ratios"]["params"] == 1


def test_equal_rows_are_shown_when_asked_for(run):
    few, many = (run("net.py:net", "net.py:net", "--input", "4", *extra)[1] for extra in ((), ("--all",)))
    assert len(many.splitlines()) == len(few.splitlines()) + 3


def test_a_design_that_fails_is_explained_and_the_rest_shown(run):
    code, out, err = run("net.py:net", "net.py:net(width=5)", "--input", "4")
    assert code == 1
    assert "nn.Linear(5, 2)" in err
    assert "parameters" in out


def test_an_unknown_design_is_wrong_use(run):
    code, out, err = run("resnet20", "resnet21")
    assert (code, out) == (2, "")
    assert "did you mean" in err
