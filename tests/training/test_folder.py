"""The run folder: one process at a time, and other files are left alone."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
import torch

from netwright.errors import CheckpointError, RunError
from netwright.training.folder import Folder, newest, numbered

METRICS = {"loss": 0.5}
ROW = {"epoch": 1, "step": 5, "seconds": 2.0, "train": METRICS, "valid": METRICS, "test": METRICS, "lr": 0.1}
DATA = {"name": "dots", "digest": "d", "input": [1, 8, 8], "classes": ["a", "b"], "mean": [0.5], "std": [1.0]}
DATA |= {"range": [0.0, 255.0], "values": [], "ignore": [], "kinds": ["class"]}
TASK = {"name": "classification", "settings": {"classes": ["a", "b"], "label_smoothing": 0.0}, "outputs": 2}
SCALE = {"unit": "", "factor": 1.0, "lower_is_better": True, "counted": False, "label": ""}
ABOUT = {
    "format": 3,
    "id": "mine",
    "state": "running",
    "spec": "mlp",
    "layout": "l",
    "params": 2,
    "data": DATA,
    "task": TASK,
    "monitor": "loss",
    "measures": {"loss": SCALE},
    "baseline": {"answer": "most frequent class", "values": {"error": 0.9}},
    "recipe": {},
    "resolved": {},
    "versions": {"torch": "2.13.0"},
}


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path / "run")
    with folder.claimed():
        folder.describe(ABOUT)
        folder.record(ROW)
        folder.save("mine", {"w": torch.ones(2)}, {"step": 5}, best=5)
    return folder


def test_a_second_process_is_refused_until_the_first_ends(tmp_path):
    code = f"import sys\nfrom {Folder.__module__} import Folder\n"
    code += "with Folder(sys.argv[1]).claimed():\n    print('in', flush=True)\n    input()"
    command = [sys.executable, "-c", code, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "in\n"
        with pytest.raises(RunError, match="in use by another process"), Folder(tmp_path / "run").claimed():
            pass
        first.kill()
        first.wait()
    with Folder(tmp_path / "run").claimed():
        pass


def test_a_folder_of_something_else_is_refused_and_left(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(RunError, match="does not contain a run"), Folder(tmp_path).claimed():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "x").write_text("x")
    with pytest.raises(RunError, match="is a file"), Folder(tmp_path / "x").claimed():
        pass


def test_a_description_is_read_as_it_was_written(folder):
    assert folder.about() == ABOUT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "EOF"),
        ("{", "EOF"),
        ("[]", "Input should be an object"),
        ("{}", "has format None; this version reads format 3"),
        ('{"format": 1}', "has format 1; this version reads format 3"),
        ('{"format": 3}', "id: Field required"),
        ("[" * 100_000, "recursion limit"),
        (json.dumps(ABOUT | {"state": "lost"}), "state: Input should be 'running', 'finished' or 'diverged'"),
        (json.dumps(ABOUT | {"data": DATA | {"input": "1x8x8"}}), "data.input: Input should be a valid"),
        (json.dumps(ABOUT | {"data": DATA | {"options": {"net": "x"}}}), "data.options.net: Extra inputs"),
        (json.dumps(ABOUT | {"recipe": None}), "recipe: Input should be an object"),
        (
            json.dumps(ABOUT | {"measures": {"loss": SCALE | {"unit": "\x1b[31m"}}}),
            "measures.loss.unit: String",
        ),
        (json.dumps(ABOUT | {"measures": {"loss": SCALE | {"factor": 0}}}), "measures.loss.factor: Input"),
        (json.dumps(ABOUT | {"baseline": {"answer": "a\nb", "values": {}}}), "baseline.answer: String"),
    ],
)
def test_a_damaged_description_is_refused_with_the_reason(folder, text, reason):
    (folder.path / "run.json").write_text(text)
    with pytest.raises(RunError, match=reason):
        folder.about()


@pytest.mark.parametrize("line", ["x", "{}", "[1]", json.dumps(ROW | {"train": 3}), "[" * 100_000])
def test_a_damaged_line_of_metrics_is_refused(folder, line):
    with (folder.path / "metrics.jsonl").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(RunError, match=r"metrics\.jsonl` has a line that is not a row of metrics"):
        folder.rows()


def test_a_folder_without_a_run_says_so(tmp_path):
    with pytest.raises(RunError, match="does not contain a run"):
        Folder(tmp_path).about()


def test_a_torn_last_line_is_left_out(folder):
    with (folder.path / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 2, "st')
    assert folder.rows() == [ROW]


def test_last_and_best_are_kept_and_others_go(folder):
    folder.save("mine", {"w": torch.ones(2)}, {"step": 7}, best=5)
    folder.save("mine", {"w": torch.ones(2)}, {"step": 9}, best=5)
    assert folder.index() == {"last": 9, "best": 5}
    assert sorted(path.name for path in folder.checkpoints.iterdir()) == ["5", "9", "index.json"]


def test_a_folder_that_is_not_a_checkpoint_stays(folder):
    (folder.checkpoints / "thesis").mkdir()
    (folder.checkpoints / ".5.partial").mkdir()
    folder.save("mine", {"w": torch.ones(2)}, {"step": 7}, best=7)
    assert sorted(path.name for path in folder.checkpoints.iterdir()) == ["7", "index.json", "thesis"]


def test_restoring_tells_how_much_of_the_metrics_it_knows(folder):
    length = (folder.path / "metrics.jsonl").stat().st_size
    folder.record({"later": 1})
    _, state = folder.restore("mine")
    assert state["metrics.jsonl"]["bytes"] == length
    folder.cut(length)
    assert folder.rows() == [ROW]


def test_altered_metrics_are_refused(folder):
    path = folder.path / "metrics.jsonl"
    path.write_text(path.read_text().replace("5", "6"))
    with pytest.raises(CheckpointError, match=r"metrics\.jsonl"):
        folder.restore("mine")


@pytest.mark.parametrize(
    "known", [None, 3, {}, {"bytes": "all", "sha256": ""}, {"bytes": 1e999, "sha256": ""}]
)
def test_a_checkpoint_that_does_not_know_the_metrics_is_refused(folder, known):
    about = json.loads((folder.checkpoints / "5" / "state.json").read_text())["about"]
    about["state"]["metrics.jsonl"] = known
    sealed = {"seal": sha256(json.dumps(about).encode()).hexdigest(), "about": about}
    (folder.checkpoints / "5" / "state.json").write_text(json.dumps(sealed))
    with pytest.raises(CheckpointError, match=r"does not say how much of metrics\.jsonl"):
        folder.restore("mine")


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"last": "x", "best": 1}', '{"last": Infinity, "best": 1}', "[" * 100_000]
)
def test_a_damaged_index_is_refused(folder, text):
    (folder.checkpoints / "index.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"index\.json"):
        folder.restore("mine")


def test_without_a_checkpoint_there_is_nothing_to_restore(tmp_path):
    assert Folder(tmp_path).restore("mine") is None


def test_finishing_puts_the_best_weights_on_top(folder):
    folder.save("mine", {"w": torch.zeros(2)}, {"step": 7}, best=5)
    folder.finish(folder.about())
    best = folder.checkpoints / "5" / "model.safetensors"
    assert (folder.path / "model.safetensors").read_bytes() == best.read_bytes()
    assert json.loads((folder.path / "run.json").read_text())["state"] == "finished"


def test_new_folders_count_up_under_safe_names(tmp_path):
    words = ("../net.py:Net(width=2)", "my cells")
    made = [numbered(tmp_path / "runs", words) for _ in range(11)]
    assert made[0].name == "net.py-Net-width-2-my-cells-1"
    assert len({path for path in made if path.is_dir()}) == 11
    assert newest(tmp_path / "runs", words) == made[-1]
    assert newest(tmp_path / "runs", ("net.py", "my cells")) is None
    assert newest(tmp_path / "nowhere", words) is None


def test_two_processes_never_get_the_same_new_folder(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: numbered(tmp_path, ("a", "b")), range(40)))
    assert len(set(made)) == 40


def test_the_weights_of_a_run_are_those_of_its_best_or_last_epoch(folder):
    folder.save("mine", {"w": torch.zeros(2)}, {"step": 7}, best=5)
    assert torch.equal(folder.weights("best")["w"], torch.ones(2))
    assert torch.equal(folder.weights("last")["w"], torch.zeros(2))
    folder.finish(folder.about())
    (folder.path / "model.safetensors").write_bytes(b"pickle")
    with pytest.raises(CheckpointError, match="not a valid safetensors file"):
        folder.weights("best")


def test_a_run_without_a_checkpoint_has_no_weights(tmp_path):
    with pytest.raises(CheckpointError, match="no last checkpoint yet"):
        Folder(tmp_path).weights("last")
