"""A package that adds one thing of each kind, installed by pip and used through the command."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forking import Outcome, forking

PACKAGE = Path(__file__).with_name("acme")


@pytest.fixture(scope="module")
def netwright(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Outcome]]:
    """The command where the package is installed, in a process forked for each call."""
    place = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *options,
        "--target",
        str(place / "site"),
        str(PACKAGE),
    ]
    subprocess.run(command, check=True)
    paths = [str(place / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    with forking(place, os.environ | {"PYTHONPATH": os.pathsep.join(paths)}) as run:
        yield run


def test_models_lists_its_network_and_warns_in_one_line_of_the_broken_one(netwright):
    outcome = netwright("models", "acme")
    assert outcome.returncode == 0
    assert ["acme_net", "1x8x8", "58", "width", "acme-nets", "1.2", "Acme"] in [
        line.split()[:7] for line in outcome.stdout.splitlines()
    ]
    assert outcome.stderr.splitlines() == [
        "warning: `acme_lost` of acme-nets 1.2 (netwright.models) is left out: AttributeError: module "
        "'acme_nets.networks' has no attribute 'LOST'"
    ]


def test_rule_lists_its_rule_and_check_runs_it_on_its_network(netwright):
    outcome = netwright("rule", "ACM101", "--json")
    (rule,) = json.loads(outcome.stdout)
    assert (rule["code"], rule["name"], rule["package"]) == ("ACM101", "tiny-kernel", "acme-nets 1.2")
    outcome = netwright("check", "acme_net", "--input", "1x8x8", "--select", "ACM", "--format", "json")
    assert outcome.returncode == 1, outcome.stderr
    assert "ACM101" in outcome.stdout
    assert "has a kernel of 1" in outcome.stdout


def test_train_uses_its_network_its_optimizer_and_its_listener(netwright, tmp_path: Path):
    counts = tmp_path / "counts"
    options = ["--epochs", "2", "--limit", "60", "--optimizer", "acme-signs", "--log", "acme-counter"]
    words = ["acme_net", "--data", "digits", *options, "--out", str(tmp_path / "run"), "--json"]
    outcome = netwright("train", *words, ACME_COUNTER=str(counts))
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout)["params"] == 58
    heard = dict(line.split() for line in counts.read_text().splitlines())
    assert heard["EpochDone"] == "2"
    assert heard["Ended"] == "1"


def test_its_task_is_found_by_name_and_changes_nothing_where_it_is_not_named(netwright, tmp_path: Path):
    words = ["acme_net", "--data", "digits", "--epochs", "1", "--limit", "60"]
    losses = {}
    for name, more in (("classification", []), ("acme-brier", ["--task", "acme-brier"])):
        folder = tmp_path / name
        outcome = netwright("train", *words, *more, "--out", str(folder), "--json")
        assert outcome.returncode == 0, outcome.stderr
        assert json.loads((folder / "run.json").read_text())["task"]["name"] == name
        losses[name] = json.loads(outcome.stdout)["final"]["train"]["loss"]
    assert losses["acme-brier"] <= 2 < losses["classification"], (
        "a squared distance of two shares is at most 2"
    )


def test_an_unknown_task_is_refused_with_the_names_there_are(netwright, tmp_path: Path):
    words = ["acme_net", "--data", "digits", "--task", "acme-brie", "--out", str(tmp_path / "run")]
    outcome = netwright("train", *words)
    assert outcome.returncode == 2
    assert "acme-brier" in outcome.stderr


def test_train_uses_its_augmentation(netwright, tmp_path: Path):
    words = ["acme_net", "--data", "digits", "--epochs", "1", "--limit", "60", "--json"]
    losses = set()
    for name in ("acme-dim(factor=0.0)", "acme-dim(factor=1.0)"):
        outcome = netwright("train", *words, "--augment", name, "--out", str(tmp_path / name))
        assert outcome.returncode == 0, outcome.stderr
        losses.add(json.loads(outcome.stdout)["final"]["train"]["loss"])
    assert len(losses) == 2
    outcome = netwright("train", *words, "--augment", "acme-dim(size=2)", "--out", str(tmp_path / "run"))
    assert outcome.returncode == 2
    assert "it takes acme-dim(factor=0.5)" in outcome.stderr


def test_an_optimizer_of_no_package_is_refused_with_the_names_there_are(netwright, tmp_path: Path):
    words = ["acme_net", "--data", "digits", "--optimizer", "signs", "--out", str(tmp_path / "run")]
    outcome = netwright("train", *words)
    assert outcome.returncode == 2
    assert "muon, acme-signs" in outcome.stderr


def test_train_reads_a_folder_of_its_layout_and_an_unknown_folder_is_told_of_it(netwright, tmp_path: Path):
    random = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    for k in range(40):
        image = Image.fromarray(random.integers(0, 256, (8, 8), dtype=np.uint8))
        image.save(tmp_path / "data" / f"{k:03}.{'cat' if k % 2 else 'dog'}.png")
    words = ["acme_net(classes=2)", "--data", str(tmp_path / "data"), "--epochs", "1"]
    outcome = netwright("train", *words, "--out", str(tmp_path / "run"))
    assert outcome.returncode == 0, outcome.stderr
    assert "40 images, 8x8 grey, 2 classes" in outcome.stderr
    (tmp_path / "empty").mkdir()
    outcome = netwright(
        "train", "acme_net", "--data", str(tmp_path / "empty"), "--out", str(tmp_path / "other")
    )
    assert outcome.returncode == 2
    assert "acme-names: it has no files NUMBER.CLASS.png" in outcome.stderr
