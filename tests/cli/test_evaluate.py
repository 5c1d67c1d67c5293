"""`netwright evaluate`: the tables, JSON, pictures, and wrong use."""

import json
from pathlib import Path

import pytest

from command import netwright as command
from netwright.cli.evaluate import _apart
from netwright.cli.members import Members


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run on a part of digits."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    words = ["mlp(hidden=(8,))", "--data", "digits", "--limit", "60", "--epochs", "1", "--out", str(folder)]
    assert command("train", *words).returncode == 0
    return folder


def test_the_tables_and_the_pictures_of_the_data_of_the_training(netwright, trained):
    done = netwright("evaluate", str(trained))  # with the limit of the training
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("mlp(hidden=(8,)) after epoch 1 on the test split of digits, 17 examples\n")
    for text in ("95 % interval", "baseline: most frequent class", "17 examples, which are few", "taken for"):
        assert text in done.stdout
    assert "note:" not in done.stdout
    assert "digits: 87 images" in done.stderr
    folder = trained / "evaluation" / "digits-test"
    assert len(list(folder.glob("worst-*.png"))) == 8
    assert str(folder / "worst.png") in done.stdout


def test_json_is_the_file_beside_the_pictures(netwright, trained, tmp_path):
    words = ["--data", "digits", "--limit", "60", "--split", "valid", "--worst", "2", "--json"]
    done = netwright("evaluate", str(trained), *words, "--out", str(tmp_path))
    facts = json.loads(done.stdout)
    assert facts == json.loads((tmp_path / "scores.json").read_text())
    assert (facts["part"], len(facts["worst"]), facts["folder"]) == ("valid", 2, str(tmp_path))
    assert facts["worst"][0]["source"].endswith(" of digits")
    assert "the best epoch was chosen on this split" in facts["notes"][0]
    row = json.loads((trained / "metrics.jsonl").read_text().splitlines()[0])
    assert facts["metrics"]["error"]["value"] == row["valid"]["error"]


def test_other_options_of_data_than_those_of_the_training_are_noticed(netwright, trained, tmp_path):
    done = netwright("evaluate", str(trained), "--limit", "50", "--worst", "0", "--out", str(tmp_path))
    assert "note: the content of digits is not that of the training" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["scores.json"]


@pytest.mark.filterwarnings("default:the run in")
def test_several_runs_and_reflections_have_a_folder_of_their_own(netwright, trained):
    words = ["--limit", "60", "--with", str(trained), "--combine", "vote", "--flips", "--which", "last"]
    done = netwright("evaluate", str(trained), *words, "--worst", "1")
    assert done.returncode == 0, done.stderr
    assert "was trained without flip" in " ".join(done.stderr.split())
    assert done.stdout.startswith("the vote of 2 networks over reflections on the test split of digits")
    (folder,) = (trained / "evaluation").glob("digits-test-vote-of-2-*-flips-last")
    assert (folder / "worst.png").exists()


def test_evaluations_with_other_runs_have_folders_of_their_own():
    one, two, again = (_apart(Members(others=(Path(name),))) for name in ("a", "b", "a"))
    assert one == again != two


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nosuch", "--data", "digits"], "`nosuch` does not contain a run"),
        (["{run}", "--data", "./nosuch"], "there is no folder `./nosuch`"),
        (["{run}", "--data", "digits", "--split", "dev"], "dev"),
        (["{run}", "--data", "digits", "--worst", "-2"], "`worst` (=-2)"),
        (["{run}", "--data", "{run}"], "run"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(netwright, trained, words, reason):
    done = netwright("evaluate", *(word.format(run=trained) for word in words))
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
