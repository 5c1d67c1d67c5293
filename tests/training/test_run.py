"""`train` and `Run`, as a user meets them."""

from shutil import which

import pytest
import torch
from safetensors.torch import load_file

import netwright as nw
from netwright.data.task import Classification
from netwright.errors import CheckpointError, RecipeError, RunError
from netwright.training.recipe import Recipe
from netwright.training.run import Run, train
from tiny import SPEC, Net, data

RECIPE = Recipe(epochs=2, batch=16, augment=())


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def timeless(run: Run):
    return [
        {k: v for k, v in row.items() if k not in ("seconds", "examples_per_second")} for row in run.epochs
    ]


def test_equal_requests_give_equal_weights_and_metrics(tmp_path):
    runs = []
    for name in ("a", "b"):
        torch.rand(3)
        runs.append(train(SPEC, data(), RECIPE, out=tmp_path / name))
    assert timeless(runs[0]) == timeless(runs[1])
    weights = [(run.folder / "model.safetensors").read_bytes() for run in runs]
    assert weights[0] == weights[1]


def test_the_seed_decides_weights_and_order(tmp_path):
    one = train(SPEC, data(), RECIPE, out=tmp_path / "1")
    other = train(SPEC, data(), RECIPE.changed(seed=1), out=tmp_path / "2")
    assert timeless(one) != timeless(other)


def test_a_run_is_read_back_as_it_was_returned(tmp_path):
    run = train(SPEC, data(), RECIPE, out=tmp_path)
    assert Run.read(tmp_path) == run
    assert (run.spec, run.finished, run.recipe) == (SPEC, True, RECIPE)
    assert run.params == sum(p.numel() for p in Net().parameters())
    assert run.final == run.epochs[-1]
    assert run.seconds == sum(row["seconds"] for row in run.epochs)


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
        wrong = net.eval()(x).argmax(1) != given.valid.targets
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
            train(SPEC, data(), RECIPE, out=tmp_path / name, listen=stop)
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


def test_another_recipe_is_refused_and_the_folder_stays_as_it_was(tmp_path):
    train(SPEC, data(), RECIPE, out=tmp_path)
    before = tree(tmp_path)
    with pytest.raises(RunError, match=r"lr \(=0.2\) was 0.1"):
        train(SPEC, data(), RECIPE.changed(lr=0.2), out=tmp_path, resume=True)
    assert tree(tmp_path) == before


def test_a_longer_constant_run_equals_one_that_was_that_long_at_once(tmp_path):
    recipe = RECIPE.changed(schedule="constant")
    train(SPEC, data(), recipe, out=tmp_path / "a")
    longer = train(SPEC, data(), recipe.changed(epochs=4), out=tmp_path / "a", resume=True)
    at_once = train(SPEC, data(), recipe.changed(epochs=4), out=tmp_path / "b")
    assert timeless(longer) == timeless(at_once)


def test_what_is_refused_for_its_recipe_leaves_no_run_behind(tmp_path):
    with pytest.raises(RecipeError, match="crap"):
        train(SPEC, data(), RECIPE.changed(augment=("crap",)), out=tmp_path / "run")
    assert train(SPEC, data(), RECIPE, out=tmp_path / "run").finished


def test_smoothing_with_a_task_of_one_s_own_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="give it to the task"):
        train(SPEC, data(), RECIPE.changed(label_smoothing=0.1), out=tmp_path, task=Classification(10))


def test_augmentation_reaches_training_alone(tmp_path):
    names = ("crop(padding=1)", "flip(p=1.0)")
    plain = train(SPEC, data(), RECIPE, out=tmp_path / "a")
    augmented = train(SPEC, data(), RECIPE.changed(augment=names), out=tmp_path / "b")
    assert plain.epochs[0]["train"] != augmented.epochs[0]["train"]


def test_channels_last_trains_to_nearly_the_same(tmp_path):
    """Not to the same: dropout draws along memory, so its masks differ."""
    plain = train(SPEC, data(channels=1), RECIPE, out=tmp_path / "a")
    other = train(SPEC, data(channels=1), RECIPE.changed(channels_last=True), out=tmp_path / "b")
    assert other.final["valid"]["loss"] == pytest.approx(plain.final["valid"]["loss"], rel=0.2)


@pytest.mark.skipif(which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_a_compiled_run_is_nearly_the_same_and_its_weights_keep_their_names(tmp_path):
    eager = train("mlp", data(), RECIPE, out=tmp_path / "eager")
    quick = train("mlp", data(), RECIPE.changed(compile=True), out=tmp_path / "quick")
    assert quick.final["train"]["loss"] == pytest.approx(eager.final["train"]["loss"], rel=1e-4)
    names = [load_file(run.folder / "model.safetensors").keys() for run in (eager, quick)]
    assert names[0] == names[1]


def test_train_and_recipe_are_public_names():
    assert nw.train is train
    assert nw.Recipe is Recipe
