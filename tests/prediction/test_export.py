"""Files for other programs, which are compared with the network before they are there."""

import json
import resource
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

import netwright as nw
import unexportable
from netwright.errors import ExportError, RunError, UsageError
from netwright.prediction import export as module
from netwright.prediction.export import Export, export
from netwright.prediction.predictor import Predictor
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, Net, data


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    recipe = Recipe(steps=2, batch=16, augment=())
    return train(SPEC, data(), recipe, out=tmp_path_factory.mktemp("run"))


def test_a_program_of_a_run_takes_raw_values_and_gives_what_the_run_gives(run, tmp_path):
    done = nw.export(run, tmp_path / "net.pt2")
    assert (done.format, done.input, done.random, done.real) == ("torch-export", ("batch", 1, 8, 8), 4, 0)
    assert done.difference < 1e-5
    extra = {"netwright.classes": ""}
    loaded = torch.export.load(str(tmp_path / "net.pt2"), extra_files=extra).module()
    given = data()
    mean, std = (torch.tensor(each).view(1, -1, 1, 1) for each in (given.mean, given.std))
    raw = given.test.inputs[:6].float()
    with torch.no_grad():
        wanted = run.load()((raw / 255 - mean) / std)
        torch.testing.assert_close(loaded(raw), wanted, rtol=1e-4, atol=1e-5)
    assert json.loads(extra["netwright.classes"])[3] == "3"


def test_an_ensemble_of_runs_takes_raw_values_and_gives_their_mean(run, tmp_path):
    both = nw.Ensemble([run, run.load("last")])
    done = export(both, tmp_path / "net.pt2")
    assert (done.input, done.difference < 1e-5) == (("batch", 1, 8, 8), True)
    predictor, raw = Predictor.of(both), data().test.inputs[:3]
    facts = {"netwright.spec": "", "netwright.classes": ""}
    loaded = torch.export.load(str(tmp_path / "net.pt2"), extra_files=facts).module()
    wanted = predictor(predictor.prepare(raw))
    torch.testing.assert_close(loaded(raw.float()), wanted, rtol=1e-4, atol=1e-5)
    assert facts["netwright.spec"] == "Ensemble"
    assert len(json.loads(facts["netwright.classes"])) == 10


def test_a_run_is_exported_at_another_size_on_request(run, tmp_path):
    with pytest.raises(UsageError, match=r"`input` \(=3x8x8\) must have the channels and axes .*, 1x8x8"):
        export(run, tmp_path / "net.pt2", input=(3, 8, 8))
    with pytest.raises(UsageError, match=r"does not read inputs of 1x9x9 at .*tiny\.py:\d+ .*mat1 and mat2"):
        export(run, tmp_path / "net.pt2", input=(1, 9, 9))


def test_weights_load_with_plain_pytorch(run, tmp_path):
    done = export(run, tmp_path / "net.safetensors")
    assert (done.format, done.difference) == ("safetensors", None)
    net = Net()
    net.load_state_dict(load_file(tmp_path / "net.safetensors"))
    wanted = run.load().state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in net.state_dict().items())
    with safe_open(tmp_path / "net.safetensors", framework="pt") as file:
        assert json.loads(file.metadata()["netwright.task"])["name"] == "classification"


def test_the_line_names_file_shape_and_difference(tmp_path):
    done = export(unexportable.Resized(), tmp_path / "net.pt2", input=(3, 6, 6))
    shown = str(done)
    assert shown.startswith(f"{tmp_path / 'net.pt2'}: torch-export, {done.bytes:,} bytes, ")
    assert "input batch x 3 x size0 x size1; the largest difference is " in shown
    assert shown.endswith("of the output over 6 random inputs")


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        (
            "net.foo",
            {},
            r"`format` \(=.foo\) must be one of onnx \(.onnx\), torch-export \(.pt2\), safetensors",
        ),
        ("net.pt2", {"format": "pickle"}, r"`format` \(=pickle\) must be one of"),
        ("gone/net.pt2", {}, "there is no folder `.*gone` to write `net.pt2` into"),
    ],
)
def test_wrong_use_is_refused_in_one_line(name, options, reason, tmp_path):
    with pytest.raises(UsageError, match=reason):
        export(Net(), tmp_path / name, input=(1, 8, 8), **options)


def test_a_network_of_several_outputs_is_refused(tmp_path):
    with pytest.raises(ExportError, match="gives a tuple; a graph has one tensor"):
        export(unexportable.Pair(), tmp_path / "net.pt2", input=(3, 6, 6))


@pytest.mark.parametrize(
    "wrong", [lambda x: torch.zeros(len(x), 10), lambda x: torch.full((len(x), 10), torch.nan)]
)
def test_a_file_that_gives_something_else_is_not_kept(wrong, tmp_path, monkeypatch):
    class Loaded:
        def module(self):
            return wrong

    path = tmp_path / "net.pt2"
    path.write_text("what was there before")
    monkeypatch.setattr(module.torch.export, "load", lambda path: Loaded())
    with pytest.raises(ExportError, match=r"differ by .* of the largest one"):
        export(Net(), path, input=(1, 8, 8))
    assert path.read_text() == "what was there before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    """The limit on the size of files stands for the end of the disk: each format meets it while it writes."""
    net = nn.Linear(64, 64)
    for ending in ("pt2", "safetensors"):
        path = tmp_path / f"net.{ending}"
        path.write_text("what was there before")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        try:
            with pytest.raises(UsageError, match=rf"net\.{ending}` cannot be written: .*nothing was changed"):
                export(net, path, input=(64,))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert path.read_text() == "what was there before"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_interrupt_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(path):
        assert Path(path).exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(module.torch.export, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export(nn.Flatten(), tmp_path / "net.pt2", input=(1, 4, 4))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_is_built(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="`/proc` cannot be written to: "):
        export("no such network", "/proc/net.pt2", input=(1, 8, 8))
    (tmp_path / "net.pt2").mkdir()
    with pytest.raises(UsageError, match="is a folder; give the name of a file"):
        export("no such network", tmp_path / "net.pt2", input=(1, 8, 8))


def test_a_run_of_a_module_takes_its_network(tmp_path):
    done = train(Net(), data(), Recipe(steps=1, batch=16, augment=()), out=tmp_path / "run")
    with pytest.raises(RunError, match="give the network by `net`"):
        export(done, tmp_path / "net.safetensors")
    export(done, tmp_path / "net.safetensors", net=SPEC)
    assert load_file(tmp_path / "net.safetensors").keys() == done.load(net=Net()).state_dict().keys()
    with pytest.raises(UsageError, match="here the network is given itself"):
        export(Net(), tmp_path / "net.safetensors", input=(1, 8, 8), net=Net())


def test_a_module_stays_as_it_was_but_for_its_mode(tmp_path):
    net = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    export(net, tmp_path / "net.pt2", input=(3, 4, 4))
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_an_export_is_json_by_its_fields(tmp_path):
    done = Export(tmp_path, "onnx", ("batch", 3), "it is fixed", 0.0, 4, 0, 10)
    assert "input batch x 3; " in str(done)
    assert str(done).endswith("\nsize: it is fixed")
