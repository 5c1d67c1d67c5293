"""`train`, as a user meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from netwright.data.kinds import Kind
from netwright.data.tasks.classification import Classification
from netwright.errors import CheckpointError, RecipeError, RunError, SpecError
from netwright.training.listener import Listeners
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.run import conduct, train
from tiny import SPEC, Net, cells, data

RECIPE = Recipe(epochs=2, batch=16, augment=(), lr=0.05)
TASK = Classification(10)

TWO = """
from netwright.cli.main import main
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data
recipe = Recipe(epochs=2, batch=16, augment=(), ema_decay=0.5, device="cpu", save_every=3)

class Cut(Exception): pass

def cut(event):
    if getattr(event, "step", 0) == 8:
        raise Cut

train(SPEC, data(), recipe)
try:
    train(SPEC, data(), recipe, out="cut", listeners=[cut])
except Cut:
    pass
train(SPEC, data(), recipe, out="cut", resume=True)
main("train mlp --data digits --limit 200 --epochs 2 --device cpu".split())
"""


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def timeless(run: Run):
    return [
        {k: v for k, v in row.items() if k not in ("seconds", "examples_per_second")} for row in run.epochs
    ]


def test_equal_requests_give_equal_weights_and_metrics(finished, tmp_path):
    torch.rand(3)
    again = train(SPEC, data(), RECIPE, out=tmp_path)
    assert timeless(again) == timeless(finished)
    weights = [(run.folder / "model.safetensors").read_bytes() for run in (again, finished)]
    assert weights[0] == weights[1]


def test_the_seed_decides_weights_and_order(finished, tmp_path):
    assert timeless(train(SPEC, data(), RECIPE.changed(seed=1), out=tmp_path)) != timeless(finished)


def test_a_module_is_trained_in_place_and_ends_with_the_last_weights(tmp_path):
    net = Net()
    run = train(net, data(), RECIPE, out=tmp_path)
    last = load_file(tmp_path / "checkpoints" / str(run.final["step"]) / "model.safetensors")
    assert run.spec is None
    assert all(torch.equal(value, last[name]) for name, value in net.state_dict().items())


def test_the_kept_weights_are_those_of_the_best_epoch_and_score_what_it_says(tmp_path):
    given = data()
    run = train(SPEC, given, RECIPE.changed(epochs=6, ema_decay=0.8), out=tmp_path)
    net = Net()
    net.load_state_dict(load_file(tmp_path / "model.safetensors"))
    x = (given.valid.inputs.float() / 255 - given.mean[0]) / given.std[0]
    with torch.no_grad():
        wrong = net.eval()(x).argmax(1) != given.valid.targets[Kind.CLASS]
    assert wrong.float().mean().item() == pytest.approx(run.best["valid"]["error"])


def test_the_caller_s_random_numbers_are_left_alone(tmp_path):
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    train(SPEC, data(), RECIPE, out=tmp_path)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("harm", ["truncate", "alter", "foreign", "remove"])
def test_a_damaged_checkpoint_is_refused_and_the_folder_stays_as_it_was(tmp_path, harm):
    def stop(event):
        if getattr(event, "step", 0) == 7:
            raise RuntimeError("power cut")

    for name in ("mine", "other"):
        with pytest.raises(RuntimeError, match="power cut"):
            train(SPEC, data(), RECIPE, out=tmp_path / name, listeners=[stop])
    folder = tmp_path / "mine" / "checkpoints" / "5"
    file = folder / "state.safetensors"
    if harm == "truncate":
        file.write_bytes(file.read_bytes()[:100])
    elif harm == "alter":
        file.write_bytes(file.read_bytes()[:-1] + b"!")
    elif harm == "foreign":
        for path in folder.iterdir():
            path.write_bytes((tmp_path / "other" / "checkpoints" / "5" / path.name).read_bytes())
    else:
        file.unlink()
    before = tree(tmp_path / "mine")
    with pytest.raises(CheckpointError, match=r"checkpoints/5"):
        train(SPEC, data(), RECIPE, out=tmp_path / "mine", resume=True)
    assert tree(tmp_path / "mine") == before


def test_another_recipe_is_refused_and_the_folder_stays_as_it_was(finished):
    before = tree(finished.folder)
    with pytest.raises(RunError, match=r"lr \(=0.2\) was 0.05"):
        train(SPEC, data(), RECIPE.changed(lr=0.2), out=finished.folder, resume=True)
    assert tree(finished.folder) == before


def test_a_longer_constant_run_equals_one_that_was_that_long_at_once(tmp_path):
    recipe = RECIPE.changed(schedule="constant")
    train(SPEC, data(), recipe, out=tmp_path / "a")
    longer = train(SPEC, data(), recipe.changed(epochs=4), out=tmp_path / "a", resume=True)
    at_once = train(SPEC, data(), recipe.changed(epochs=4), out=tmp_path / "b")
    assert timeless(longer) == timeless(at_once)


def test_what_is_refused_for_its_recipe_leaves_no_run(tmp_path):
    with pytest.raises(RecipeError, match="crap"):
        train(SPEC, data(), RECIPE.changed(augment=("crap",)), out=tmp_path / "run")
    assert train(SPEC, data(), RECIPE, out=tmp_path / "run").finished


def test_smoothing_with_a_task_of_one_s_own_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="give it to the task"):
        train(SPEC, data(), RECIPE.changed(label_smoothing=0.1), out=tmp_path, task=Classification(10))


def test_augmentation_reaches_training_alone(finished, tmp_path):
    augmented = train(SPEC, data(), RECIPE.changed(augment=("crop(padding=1)", "flip(p=1.0)")), out=tmp_path)
    assert finished.epochs[0]["train"] != augmented.epochs[0]["train"]


def darker(inputs):
    return inputs // 2


def test_a_function_augments_and_a_resume_needs_the_same_function(tmp_path):
    recipe = RECIPE.changed(augment=(darker,), schedule="constant")
    run = train(SPEC, data(), recipe, out=tmp_path)
    assert run.recipe.augment == (f"python:{__name__}.darker",)
    with pytest.raises(RecipeError, match=r"darker\) was given as an object from Python"):
        train(SPEC, data(), run.recipe, out=tmp_path, resume=True)
    with pytest.raises(RunError, match=r"augment \(=\[\]\) was .*darker"):
        train(SPEC, data(), recipe.changed(augment=()), out=tmp_path, resume=True)
    assert len(train(SPEC, data(), recipe.changed(epochs=3), out=tmp_path, resume=True).epochs) == 3


class Straight(nn.Module):
    """Without dropout, whose masks are drawn in the order of memory."""

    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(4, 10)

    def forward(self, x):
        return self.head(torch.relu(self.conv(x)).mean((2, 3)))


def test_channels_last_is_the_same_function_so_one_small_step_ends_at_the_same_weights(tmp_path):
    weights = []
    for name, option in (("a", False), ("b", True)):
        torch.manual_seed(0)
        recipe = RECIPE.changed(steps=1, channels_last=option, precision="64-true", schedule="constant")
        train(Straight().double(), data(channels=3), recipe, out=tmp_path / name)
        weights.append(load_file(tmp_path / name / "model.safetensors"))
    for name, value in weights[0].items():
        torch.testing.assert_close(value, weights[1][name], rtol=1e-9, atol=1e-12)


@pytest.mark.skipif(which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_a_compiled_run_takes_the_same_step_and_its_weights_keep_their_names(tmp_path):
    weights = []
    for option in (False, True):
        recipe = RECIPE.changed(steps=1, compile=option, schedule="constant")
        run = train("mlp", data(), recipe, out=tmp_path / str(option))
        weights.append(load_file(run.folder / "model.safetensors"))
    assert weights[0].keys() == weights[1].keys()
    for name, value in weights[0].items():
        torch.testing.assert_close(value, weights[1][name], rtol=1e-3, atol=1e-4)


def test_without_a_folder_runs_are_numbered_and_announced(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    folders = [train("mlp", data(), RECIPE.changed(steps=1)).folder for _ in range(2)]
    assert folders == [Path("runs/mlp-squares-1"), Path("runs/mlp-squares-2")]
    assert capsys.readouterr() == ("", "run folder: runs/mlp-squares-1\nrun folder: runs/mlp-squares-2\n")
    with pytest.raises(RunError, match="the newest one is `runs/mlp-squares-2`"):
        train("mlp", data(), RECIPE, resume=True)
    with pytest.raises(RunError, match="no run of resnet20 on squares in `runs`"):
        train("resnet20", data(), RECIPE, resume=True)


def test_a_network_that_is_refused_leaves_no_numbered_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError):
        train(Net(classes=3), data(), RECIPE)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Where two processes trained one network, by `train` and by the command, and what they printed."""
    folder = tmp_path_factory.mktemp("together")
    (folder / "two.py").write_text(TWO)
    return folder, torchrun(folder, "two.py")


def test_two_processes_train_one_network_resume_it_and_only_the_first_speaks(together):
    folder, done = together
    (name,) = [run for run in (folder / "runs").iterdir() if not run.name.startswith("mlp")]
    assert done.stderr.count(f"run folder: {name.relative_to(folder)}") == 1
    whole, cut = Run.read(name), Run.read(folder / "cut")
    assert whole.finished
    assert cut.finished
    assert [row["step"] for row in whole.epochs] == [5, 10]
    for ours, theirs in zip(whole.epochs, cut.epochs, strict=True):
        for part in ("train", "valid", "test"):
            assert ours[part] == theirs[part]


def test_under_torchrun_the_command_prints_each_epoch_once(together):
    _, done = together
    assert done.stderr.count("epoch 1 step") == done.stderr.count("epoch 2 step") == 1
    assert done.stderr.count("run folder: runs/mlp-digits") == 1
    assert done.stdout.count("best by validation") == 2  # a row each for loss and error


def torchrun(folder, *words):
    tests = Path(__file__).parent.parent
    paths = os.pathsep.join([str(tests), str(tests.parent / "src")])
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", *words]
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


def test_a_recipe_that_is_only_a_name_is_refused(tmp_path):
    with pytest.raises(RecipeError, match=r"`recipe` \(='he2015'\) must be a Recipe, as in Recipe.preset"):
        train(SPEC, data(), "he2015", out=tmp_path)


def test_maps_are_trained_by_a_plan_which_a_resumed_run_keeps(tmp_path, monkeypatch, capsys):
    recipe = Recipe(epochs=1, augment=())
    run = train("unet_same(width=2)", cells(), recipe, out=tmp_path)
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert (plan["patch"], plan["batch"]) == ([16, 16], 2)
    assert "planned: patches of 16x16, batches of 2" in capsys.readouterr().err
    assert (run.recipe.patch, run.recipe.batch) == (
        None,
        2,
    )  # inputs of the size of the patch are taken whole
    monkeypatch.setattr("netwright.training.run.planned", None)
    assert train("unet_same(width=2)", cells(), recipe, out=tmp_path, resume=True).finished


def test_nothing_is_planned_that_a_recipe_gives_or_a_task_decides(tmp_path, monkeypatch):
    monkeypatch.setattr("netwright.training.run.planned", None)
    train("unet_same(width=2)", cells(), Recipe(steps=1, batch=4, augment=()), out=tmp_path / "batch")
    train(SPEC, data(), Recipe(steps=1, augment=()), out=tmp_path / "classes")
    conduct_open(tmp_path / "open")


def conduct_open(folder):
    """A study trains without plans, so that its designs have the same batch."""
    conduct(
        "unet_same(width=2)",
        cells(),
        Recipe(steps=1, augment=()),
        out=folder,
        task=None,
        resume=False,
        listeners=Listeners([]),
    )
    assert not (folder / "plan.json").exists()
