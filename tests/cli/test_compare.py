"""`netwright compare`, called as the command calls it."""

import json
import os
import sys

import pytest

from netwright.cli.main import main
from netwright.slicing.loader import WHOLE
from netwright.spec import load
from netwright.study.result import Study
from netwright.training.recipe import Recipe

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
        (["mlp", "mlp", *QUICK], "a design twice"),
        (["mlp"], "--data"),
        (["mlp", "--data", "./nowhere"], "there is no folder"),
        (["mlp", *QUICK, "--lr", "-1"], "`lr`"),
        (["mlp", *QUICK, "--ratee", "1"], "--ratee"),
        (["mlp", *QUICK, "--recipe", "best"], "there are standard"),
        (
            ["mlp", *QUICK, "--recipe", "course", "--recipe", "course"],
            "--recipe (=course, course) is given twice",
        ),
        (["mlp", *QUICK, "--vary", "lr"], "--vary (='lr') must name an option"),
        (["mlp", *QUICK, "--vary", "lr=0.1,"], "--vary (='lr=0.1,') must name an option"),
        (["mlp", *QUICK, "--vary", "lrr=0.1"], "did you mean lr?"),
        (["mlp", *QUICK, "--vary", "lr=fast"], "`lr` (='fast')"),
        (["mlp", *QUICK, "--vary", "epochs=1,2"], "`epochs` is given twice"),
        (["mlp", *QUICK, "--vary", "l1=0", "--vary", "l1=1"], "`l1` is given twice"),
        (["mlp", *QUICK, "--vary", "lr=0.1,0.10"], "lr=0.1 and lr=0.10 are equal"),
        (["mlp", *QUICK, "--vary", "seed=0,1"], "`seed` (=0, 1)"),
        (["mlp", *QUICK, "--jobs", "0"], "`jobs` (=0)"),
        (["mlp", *QUICK, "--out", "net.py"], "is a file"),
        (["mlp", *QUICK, "--out", "."], "does not contain a study"),
    ],
)
def test_wrong_use_is_one_message_and_exit_code_2(command, tmp_path, words, reason):
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert reason in err
    assert len([line for line in err.strip().splitlines() if not line.startswith("digits: ")]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


@pytest.mark.usefixtures("workers_in_process")
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
    assert study.recipes["standard"]["epochs"] == 1
    assert f"study: {folder}" in err
    code, out, err = command(*words[:1], *words[2:], "--json")
    assert code == 1
    assert json.loads(out) == json.loads((study.folder / "study.json").read_text())
    assert "0 runs to train" in err


def test_ctrl_c_says_how_to_continue(command, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("netwright.study.compare.compare", interrupted)
    code, out, err = command("mlp", *QUICK)
    assert (code, out) == (130, "")
    assert "the same command continues the study" in err


@pytest.fixture
def asked(monkeypatch):
    """What the command asks the library to compare, with nothing trained."""
    asked: list = []

    def compare(specs, data, recipes, **options):
        asked.append((specs, recipes))
        raise KeyboardInterrupt

    monkeypatch.setattr("netwright.study.compare.compare", compare)
    return asked


def test_match_compares_designs_at_the_cost_of_the_first(command, asked):
    """The wider family is narrowed until its parameters are within 1 % of the first design's."""
    _, _, err = command("resnet20(width=4)", "plain", *QUICK, "--match", "params")
    (specs, _) = asked[0]
    costs = [sum(p.numel() for p in load(spec, input=(1, 8, 8), classes=10).parameters()) for spec in specs]
    assert "plain at the params of resnet20(width=4): plain(" in err
    assert costs[1] == pytest.approx(costs[0], rel=0.01)


def test_whole_files_are_executed_while_designs_are_compared(command, monkeypatch):
    asked = []

    def compare(*args, **options):
        asked.append(os.environ.get(WHOLE))
        raise KeyboardInterrupt

    monkeypatch.setattr("netwright.study.compare.compare", compare)
    command("mlp", *QUICK)
    command("mlp", *QUICK, "--run")
    assert asked == [None, "1"]
    assert WHOLE not in os.environ


def test_vary_compares_every_combination_of_its_values(command, asked):
    command("mlp", *QUICK, "--vary", "lr=0.05,0.1", "--vary", "clip-grad-norm=none,1.0")
    base = Recipe(epochs=1, device="cpu")
    assert asked[0][1] == {
        f"lr={lr} clip_grad_norm={clip}": base.changed(lr=lr, clip_grad_norm=norm)
        for lr in (0.05, 0.1)
        for clip, norm in (("none", None), ("1.0", 1.0))
    }


def test_several_recipes_are_named_as_they_are_given(command, asked, tmp_path):
    (tmp_path / "own.toml").write_text("lr = 0.3")
    command("mlp", *QUICK, "--recipe", "course", "--recipe", "own.toml", "--vary", "augment=auto,crop+flip")
    recipes = asked[0][1]
    assert list(recipes) == [
        f"{name} augment={value}" for name in ("course", "own.toml") for value in ("auto", "crop+flip")
    ]
    assert recipes["own.toml augment=crop+flip"].lr == 0.3
    assert [recipe.augment for recipe in recipes.values()] == ["auto", ("crop", "flip")] * 2
    assert {recipe.epochs for recipe in recipes.values()} == {1}


def test_one_recipe_has_the_name_it_was_given(command, asked):
    command("mlp", *QUICK)
    command("mlp", *QUICK, "--recipe", "course")
    assert [list(recipes) for _, recipes in asked] == [["standard"], ["course"]]


def test_a_design_that_cannot_be_matched_is_wrong_use(command):
    code, out, err = command("resnet20", "net.py:Flat", *QUICK, "--match", "macs")
    assert (code, out) == (2, "")
    assert "net.py:Flat" in err
