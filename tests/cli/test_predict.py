"""`netwright predict`: the table, JSON, going on, and wrong use."""

import json

import numpy as np
import pytest
from PIL import Image

import tiny
from netwright.training.recipe import Recipe
from netwright.training.run import train

RECIPE = Recipe(steps=2, batch=16, augment=())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return str(train(tiny.SPEC, tiny.data(), RECIPE, out=tmp_path_factory.mktemp("run") / "r").folder)


@pytest.fixture
def images(tmp_path, monkeypatch):
    for number, image in enumerate(tiny.data().test.inputs[:5]):
        path = tmp_path / "images" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image[0].numpy()).save(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "images"


def test_results_are_printed_and_written(netwright, run, images):
    done = netwright("predict", run, "images", "--out", "out")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:5]] == [f"{k}.png" for k in range(5)]
    assert lines[5].startswith("5 files in ")
    assert "files/s; table in out/predictions.csv" in lines[5]
    table = (images.parent / "out/predictions.csv").read_text().splitlines()
    assert table[0] == "file,class,probability,0,1,2,3,4,5,6,7,8,9"
    assert len(table) == 6


def test_the_same_command_goes_on(netwright, run, images):
    assert netwright("predict", run, "images/0.png", "images/1.png", "--out", "out").returncode == 0
    done = netwright("predict", run, "images", "--out", "out", "--json")
    facts = json.loads(done.stdout)
    assert (facts["earlier"], facts["out"], facts["skipped"]) == (2, "out", [])
    first = facts["files"][0]
    assert set(first) == {"file", "class", "probability", "probabilities"}
    assert first["probabilities"][first["class"]] == first["probability"]


@pytest.mark.filterwarnings("default:the run in")
def test_several_runs_reflections_and_drawings(netwright, run, images):
    words = ["--combine", "vote", "--flips", "--draw", "--which", "last", "--with", run]
    done = netwright("predict", run, "images", "--out", "out", *words)
    assert done.returncode == 0, done.stderr
    assert "trained without flip" in " ".join(done.stderr.split())
    assert (images.parent / "out/3.drawn.png").is_file()


def test_a_damaged_file_is_named_and_left_out_on_request(netwright, run, images):
    (images / "7.png").write_bytes(b"broken")
    refused = netwright("predict", run, "images", "--out", "out")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: `images/7.png` cannot be read: ")
    assert "Traceback" not in refused.stderr
    done = netwright("predict", run, "images", "--out", "out", "--skip-bad")
    assert done.returncode == 0
    assert done.stderr.startswith("left out `images/7.png`: ")
    assert "1 left out" in done.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["gone.png"], "there is no file or folder `gone.png`"),
        (["images", "--components", "4"], "`components` (=4) is for masks"),
        (
            ["large.png"],
            "`large.png` is 1x20x20, and the network, which was trained on 1x8x8, does not read that",
        ),
        (["images", "--memory", "much"], "`much` is not an amount of memory"),
        (["images", "--with", "images"], "`images` does not contain a run"),
        (["large.png", "--max-pixels", "100"], "`large.png` cannot be read"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(netwright, run, images, words, reason):
    Image.fromarray(np.zeros((20, 20), np.uint8)).save("large.png")
    done = netwright("predict", run, *words, "--out", "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_size_and_memory_are_taken(netwright, run, images):
    Image.fromarray(np.zeros((20, 30), np.uint8)).save("large.png")
    done = netwright("predict", run, "large.png", "--size", "8", "--memory", "1GiB", "--out", "out")
    assert done.returncode == 0, done.stderr


def test_a_run_of_a_module_needs_the_network(netwright, images):
    train(tiny.Net(), tiny.data(), RECIPE, out="module")
    refused = netwright("predict", "module", "images", "--out", "out")
    assert refused.returncode == 2
    assert "give the network by `net`" in refused.stderr
    assert netwright("predict", "module", "images", "--out", "out", "--net", tiny.SPEC).returncode == 0


def test_an_interruption_says_how_to_go_on(netwright, run, images, monkeypatch):
    def interrupted(*words, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("netwright.prediction.predict._from_files", interrupted)
    done = netwright("predict", run, "images", "--out", "out")
    assert done.returncode == 130
    assert "interrupted; the same command goes on with what is missing" in done.stderr
