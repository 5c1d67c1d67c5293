"""The result of a run, read from its folder."""

import re
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from netwright.data.kinds import Kind
from netwright.data.tasks.classification import Classification
from netwright.errors import CheckpointError, RunError, TrustError, UsageError
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.run import train
from tiny import SPEC, Net, cells, data

RECIPE = Recipe(epochs=4, batch=16, augment=(), lr=0.05, ema_decay=0.8, label_smoothing=0.1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Averaged weights, several epochs: the best is not the last in general."""
    return train("mlp", data(), RECIPE, out=tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def of_module(tmp_path_factory):
    """A run of a module, which has no spec."""
    recipe = Recipe(steps=2, batch=16, augment=())
    return train(Net(), data(), recipe, out=tmp_path_factory.mktemp("module"))


def test_a_run_is_read_back_as_it_was_returned(finished):
    assert Run.read(finished.folder) == finished
    assert (finished.spec, finished.finished, finished.data["name"]) == (SPEC, True, "squares")
    assert finished.params == sum(p.numel() for p in Net().parameters())
    assert finished.final == finished.epochs[-1]
    assert finished.seconds == sum(row["seconds"] for row in finished.epochs)


def test_a_network_is_loaded_with_the_weights_of_the_best_or_the_last_epoch(run):
    files = {"best": run.folder / "model.safetensors"}
    files["last"] = run.folder / "checkpoints" / str(run.final["step"]) / "model.safetensors"
    for name, file in files.items():
        net = run.load(name)
        assert not net.training
        stored = load_file(file)
        assert all(torch.equal(value, stored[key]) for key, value in net.state_dict().items())


@pytest.mark.parametrize(("which", "row"), [("best", "best"), ("last", "final")])
@pytest.mark.parametrize("part", ["valid", "test"])
def test_an_evaluation_gives_the_numbers_of_the_row(run, which, row, part):
    assert run.evaluate(data(), part, which=which) == getattr(run, row)[part]


def test_an_evaluation_normalises_by_the_data_that_was_trained_on(run):
    """The same images with other recorded moments score the same."""
    assert run.evaluate(replace(data(), mean=(0.9,), std=(0.01,))) == run.best["test"]


def test_the_details_are_the_errors_of_the_classes(run):
    details = run.details(data(), "valid")
    assert set(details) <= {f"error of {label}" for label in data().classes}
    counts = data().valid.targets[Kind.CLASS].bincount().tolist()
    wrong = sum(
        details[f"error of {label}"] * n for label, n in zip(data().classes, counts, strict=True) if n
    )
    assert wrong / sum(counts) == pytest.approx(run.best["valid"]["error"])


def test_the_details_of_regions_are_cut_at_the_threshold_of_the_validation_split(tmp_path):
    recipe = Recipe(epochs=15, batch=4, augment=(), lr=0.05)
    run = train("unet_same(width=4, depth=1)", cells(), recipe, out=tmp_path / "run")
    valid, test = (run.details(cells(), part) for part in ("valid", "test"))
    assert test["threshold"] == valid["threshold"]
    assert test["dice"] == pytest.approx(run.best["test"]["dice"])
    assert test["v_rand"] > 0.9, "one region for all four cells scores less than 0.8"
    assert "dice of membrane" in test


def test_data_of_another_shape_is_refused(run):
    with pytest.raises(
        RunError, match=r"squares does not fit .* its examples are 3x8x8, those of the training were 1x8x8\."
    ):
        run.evaluate(data(channels=3))


def test_a_run_of_a_module_needs_the_network(of_module):
    with pytest.raises(RunError, match=r"give the network by `net`"):
        of_module.load()
    assert of_module.evaluate(data(), net=SPEC) == of_module.best["test"]
    given = Net()
    assert of_module.load(net=given) is given


@pytest.mark.parametrize(
    ("net", "said"),
    [
        (Net(channels=3), "its `conv.weight` is 4x3x3x3, the run's is 4x1x3x3"),
        (torch.nn.Sequential(Net()), "it has no `"),
    ],
)
def test_a_network_with_other_weights_is_refused(of_module, net, said):
    with pytest.raises(RunError, match=re.escape(said)):
        of_module.load(net=net)


@pytest.mark.parametrize(
    ("which", "net", "error"),
    [
        ("first", None, "`which` (=first) must be one of best, last"),
        ("best", Net, "as the text of a spec or as a torch.nn.Module"),
        ("best", 3, "as the text of a spec or as a torch.nn.Module"),
    ],
)
def test_a_wrong_epoch_or_a_wrong_kind_of_network_is_named(run, which, net, error):
    with pytest.raises(UsageError, match=re.escape(error)):
        run.load(which, net)


def test_a_network_with_more_weights_is_refused(of_module):
    net = Net()
    net.extra = torch.nn.Linear(1, 1)
    with pytest.raises(RunError, match=r"the run has no `extra\.weight`"):
        of_module.load(net=net)


def test_a_spec_from_a_folder_runs_no_code_that_is_not_known_here(finished, monkeypatch, tmp_path):
    assert finished.load().state_dict().keys() == Net().state_dict().keys()
    monkeypatch.setenv("NETWRIGHT_TRUST", str(tmp_path / "nobody"))
    with pytest.raises(TrustError, match="trust=True"):
        finished.load()
    assert finished.evaluate(data(), trust=True) == finished.best["test"]


def test_damaged_weights_are_refused(tmp_path):
    run = train("mlp", data(), Recipe(steps=1, batch=16, augment=()), out=tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"cos\nsystem")
    with pytest.raises(CheckpointError, match="not a valid safetensors file"):
        run.load()
    save_file({"x": torch.ones(1)}, tmp_path / "model.safetensors")
    with pytest.raises(RunError, match="it has no `x`"):
        run.load()


def test_text_and_notebook_show_every_metric_and_escape_names(run, finished):
    for shown in (str(run), run._repr_html_()):
        for row in (run.best, run.final):
            for part in ("train", "valid", "test"):
                assert f"{100 * row[part]['error']:.2f}" in shown
                assert f"{row[part]['loss']:#.3g}" in shown
        assert "error (%)" in shown
        assert "baseline (most frequent class): error 90.00 % on test" in shown
    assert "mlp on squares: " in str(run)
    page = replace(finished, spec="<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_run_without_an_epoch_shows_itself_too(finished):
    text = str(replace(finished, epochs=[], best=None, final=None, finished=False))
    assert "0 epochs" in text
    assert "not finished" in text


def test_a_run_of_a_task_from_python_is_evaluated_with_that_task_and_read_without(tmp_path):
    class Own(Classification):
        name = "own"

    run = train(SPEC, data(), Recipe(steps=2, batch=16, augment=()), out=tmp_path / "run", task=Own(10))
    assert run.evaluate(data()) == run.best["test"]
    later = Run.read(tmp_path / "run")
    assert later.task is None
    assert later.load().head.out_features == 10
    with pytest.raises(
        RunError, match=r"is for `own`, which is not a task that is installed here; read the run with"
    ):
        later.evaluate(data())
    assert Run.read(tmp_path / "run", task=Own(10)).evaluate(data()) == run.best["test"]
