"""`netwright check --data`, and what a training says about its data."""

import json
import os
import pty
import subprocess
import sys

import pytest
import torch

from arrays import noise
from netwright.cli import check_data
from netwright.cli.check_data import before_training
from netwright.cli.data import Options
from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind
from planted import label_breaking, label_values, pairs, photos, unpaired, unreadable


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_first_line_says_what_was_understood_and_no_fault_is_exit_code_0(netwright, tmp_path):
    photos(tmp_path / "shapes")
    outcome = netwright("check", "--data", "shapes")
    assert outcome.stdout.splitlines() == ["96 images, 32x32 colour, 2 classes; 48 train, 24 valid, 24 test"]
    assert outcome.stderr.splitlines()[-1] == "nothing found"
    assert outcome.returncode == 0


def test_findings_are_exit_code_1_and_name_the_files(netwright, tmp_path):
    unreadable(tmp_path / "shapes")
    outcome = netwright("check", "--data", "shapes")
    lines = outcome.stdout.splitlines()
    assert outcome.returncode == 1
    assert lines[1].startswith("shapes/test/cross/al.png: NW812 [error] unreadable: 1 image of test")
    assert lines[2].startswith("    fix (manual): repair or remove")
    assert outcome.stderr.splitlines()[-1] == "2 errors"


def test_json_sarif_and_github_have_the_file_and_no_line(netwright, tmp_path):
    unreadable(tmp_path / "shapes")
    rows = json.loads(netwright("check", "--data", "shapes", "--json").stdout)
    assert {(row["file"], row["line"]) for row in rows} == {
        ("shapes/train/disc/ak.png", 0),
        ("shapes/test/cross/al.png", 0),
    }
    assert rows[0]["evidence"]["files"]
    log = json.loads(netwright("check", "--data", "shapes", "--format", "sarif").stdout)
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "shapes/test/cross/al.png"}}
    notes = netwright("check", "--data", "shapes", "--format", "github").stdout.splitlines()
    assert notes[0].startswith("::error file=shapes/test/cross/al.png,title=NW812 unreadable::")


def test_rules_are_selected_and_ignored_by_their_codes(netwright, tmp_path):
    unreadable(tmp_path / "shapes")
    assert netwright("check", "--data", "shapes", "--ignore", "NW812").returncode == 0
    assert netwright("check", "--data", "shapes", "--select", "NW807").returncode == 0
    assert netwright("check", "--data", "shapes", "--select", "NW812").returncode == 1


def test_a_baseline_accepts_what_is_there(netwright, tmp_path):
    unreadable(tmp_path / "shapes")
    outcome = netwright("check", "--data", "shapes", "--write-baseline", "known.json")
    assert (outcome.returncode, outcome.stdout) == (0, "")
    assert netwright("check", "--data", "shapes", "--baseline", "known.json").returncode == 0
    (tmp_path / "shapes/valid/disc/ak.png").write_bytes(b"")
    again = netwright("check", "--data", "shapes", "--baseline", "known.json")
    assert again.returncode == 1
    assert again.stdout.count("NW812") == 1


def test_data_that_training_refuses_are_checked_all_the_same(netwright, tmp_path):
    unpaired(tmp_path / "cells")
    outcome = netwright("check", "--data", "cells")
    assert outcome.returncode == 1
    assert "cells/images/train/ak.png: NW802 [error] unpaired" in outcome.stdout
    assert "cells/masks/test/am.png: NW802 [error] unpaired" in outcome.stdout
    assert outcome.stdout.startswith("46 pairs by the names of their files, values 0..2\n")
    assert outcome.stderr.splitlines()[-1].startswith("error: the mask `cells/masks/test/am.png`")


def test_values_of_masks_to_ignore_are_given_beside_codes(netwright, tmp_path):
    label_values(tmp_path / "cells")
    refused = netwright("check", "--data", "cells")
    assert refused.returncode == 1
    assert "NW801 [warning] label-values: 255 stands beside 0..2" in refused.stdout
    told = netwright("check", "--data", "cells", "--ignore", "255,NW814")
    assert told.returncode == 0, told.stdout
    assert "values 0..2 → 3 classes, {255} ignored" in told.stdout
    named = netwright("check", "--data", "cells", "--classes", "sky,road,0=tree")
    assert named.returncode == 1


def test_the_augmentations_that_are_meant_decide_between_warning_and_info(netwright, tmp_path):
    label_breaking(tmp_path / "arrows")
    words = ("check", "--data", "arrows", "--select", "NW814")
    assert netwright(*words).returncode == 0
    assert "a flip upside down turns" in netwright(*words).stdout
    meant = netwright(*words, "--augment", "RandomVerticalFlip(p=1.0)")
    assert meant.returncode == 1
    assert "`RandomVerticalFlip(p=1.0)` turns" in meant.stdout
    assert "from  into  with  without" in meant.stdout
    assert netwright(*words, "--recipe", "standard").stdout.count("NW814") == 0
    (tmp_path / "upright.toml").write_text('augment = ["RandomVerticalFlip(p=1.0)"]\n')
    assert netwright(*words, "--recipe", "upright.toml").returncode == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("check", "--data", "nowhere/at/all"), "there is no folder"),
        (("check", "--data", "digits", "train.py"), "checked by itself"),
        (("check", "--data", "digits", "--fix"), "checked by itself"),
        (("check", "train.py", "--augment", "flip"), "belong to a data set"),
        (("check", "--data", "digits", "--input", "1x8x8"), "`--input` is for networks"),
        (("check",), "there is nothing to check"),
        (("check", "--data", "digits", "--augment", "flop"), "no augmentation called `flop`"),
    ],
)
def test_wrong_use_is_one_line(netwright, words, reason):
    outcome = netwright(*words)
    assert outcome.returncode == 2
    assert reason in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


def test_an_unknown_augmentation_is_refused_for_masks_too(netwright, tmp_path):
    pairs(tmp_path / "cells")
    outcome = netwright("check", "--data", "cells", "--augment", "flop")
    assert outcome.returncode == 2
    assert "no augmentation called `flop`" in outcome.stderr


def test_a_pass_shows_how_far_it_is_on_a_terminal_only(tmp_path):
    pairs(tmp_path / "cells")
    leader, follower = pty.openpty()
    words = [sys.executable, "-c", "from netwright.cli.main import main; main()", "check", "--data", "cells"]
    subprocess.run(
        words, stdout=subprocess.DEVNULL, stderr=follower, check=False, env=os.environ | {"TERM": "xterm"}
    )
    os.close(follower)
    shown = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "reading train" in shown


def memory(copies=0):
    inputs = [noise(40, (1, 8, 8), seed) for seed in range(3)]
    labels = [torch.arange(40) % 2 for _ in inputs]
    inputs[0][5:7] = inputs[0][9]
    labels[0][5] = copies
    splits = [Split(each, {Kind.CLASS: label}) for each, label in zip(inputs, labels, strict=True)]
    return Data("arrays", ("a", "b"), *splits, (0.5,), (0.2,), "digest")


def test_before_a_training_findings_go_to_standard_error(capsys):
    before_training(memory(), Options(classes=("0=a b", "1=c"), ignore=(7, 8), dims=2, limit=9))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "NW811 [warning] label-conflict" in shown.err
    command = "netwright check --data arrays --classes '0=a b,1=c' --dims 2 --ignore 7 --ignore 8"
    assert shown.err.splitlines()[-1] == f"`{command}` names the files."


def test_data_without_a_fault_or_too_large_are_trained_on_without_a_word(capsys, monkeypatch):
    good = memory()
    good.train.inputs[:] = noise(40, (1, 8, 8), 9)
    before_training(good, Options())
    monkeypatch.setattr(check_data, "MOST", 100)
    before_training(memory(), Options())
    assert capsys.readouterr().err == ""


def test_train_says_what_it_finds_before_the_first_step(netwright, tmp_path):
    photos(tmp_path / "shapes")
    twin = tmp_path / "shapes/train/disc/twin.png"
    twin.write_bytes((tmp_path / "shapes/train/cross/ak.png").read_bytes())
    outcome = netwright("train", "plain20(width=4)", "--data", "shapes", "--steps", "1", "--out", "run")
    assert outcome.returncode == 0, outcome.stderr
    assert "NW811 [warning] label-conflict: two inputs are equal" in outcome.stderr
