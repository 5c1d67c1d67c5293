"""The lines of a card that load the weights run as they are shown."""

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import tiny
from netwright.errors import SpecError
from netwright.prediction.predictor import Predictor
from netwright.training.model_card import usage
from netwright.training.model_card.facts import Facts


@pytest.fixture
def blocks(tmp_path, monkeypatch):
    """Returns the blocks of Python of a run's card, in a copy of its folder that is the current one."""

    def prepare(run, *sources):
        shutil.copytree(run.folder, tmp_path / "copy")
        for source in sources:
            shutil.copy(source, tmp_path / "copy")
        monkeypatch.chdir(tmp_path / "copy")
        monkeypatch.syspath_prepend(str(tmp_path / "copy"))
        return re.findall(r"```python\n(.*?)```", Path("card.md").read_text(), re.DOTALL)

    return prepare


def executed(source: str, **names):
    exec(source, names)
    return names


def same(net, other, shape):
    x = torch.randn(3, *shape)
    with torch.no_grad():
        return torch.equal(net(x), other(x)) and not (net.training or other.training)


def test_a_registered_network_is_loaded_in_both_ways(segmented, blocks):
    ours, theirs, _ = blocks(segmented)
    expected = segmented.load()
    assert same(executed(ours)["net"], expected, (1, 16, 16))
    assert same(executed(theirs)["net"], expected, (1, 16, 16))
    assert len(theirs.strip().splitlines()) <= 6


def test_a_network_of_a_file_is_loaded_from_the_file_beside_the_card(finished, blocks, monkeypatch):
    ours, theirs, _ = blocks(finished, tiny.__file__)
    monkeypatch.delitem(sys.modules, "tiny")
    names = executed(theirs)
    assert "from tiny import Net" in theirs
    assert Path(sys.modules["tiny"].__file__).parent == Path.cwd()
    assert same(names["net"], finished.load(), (1, 8, 8))
    assert same(executed(ours)["net"], finished.load(), (1, 8, 8))


def test_a_module_is_filled_that_the_reader_makes(of_module, blocks):
    ours, theirs, _ = blocks(of_module)
    expected = of_module.load(net=tiny.Net())
    assert same(executed(ours, net=tiny.Net())["net"], expected, (1, 8, 8))
    assert same(executed(theirs, net=tiny.Net())["net"], expected, (1, 8, 8))


def test_stored_values_are_normalised_as_a_predictor_does(segmented, blocks):
    function = executed(blocks(segmented)[-1])["normalised"]
    stored = torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    assert torch.allclose(function(stored), Predictor.of(segmented).prepare(stored), atol=1e-6)


def test_values_of_sixteen_bits_and_constant_channels_are_normalised_too():
    data = {"input": [2, 8], "mean": [0.5, 0.1], "std": [0.25, 0.0], "range": [0.0, 65535.0]}
    function = executed(usage.normalisation(data))["normalised"]
    stored = torch.tensor([[[65535], [6553.5]]])
    assert torch.allclose(function(stored), torch.tensor([[[2.0], [0.0]]]))


@pytest.mark.parametrize(
    ("spec", "ready", "imported", "made"),
    [
        ("nets/net.py:Net(2, width='a')", False, "from net import Net", "net = Net(2, width='a')"),
        ("net.py:nets.small", False, "from net import nets", "net = nets.small()"),
        ("net.py:net", True, "from net import net", "net = net"),
        ("timm.models:resnet18", False, "from timm.models import resnet18", "net = resnet18()"),
        ("a/my-net.py:Net(3)", False, "import netwright as nw", "net = nw.load('my-net.py:Net(3)')"),
    ],
)
def test_the_import_of_each_kind_of_spec(finished, spec, ready, imported, made):
    known = replace(Facts.read(finished.folder).network, ready=ready)
    lines = usage.torch(replace(finished, spec=spec), known, "model.safetensors").splitlines()
    assert lines[0] == imported
    assert lines[3] == made


def test_a_spec_of_another_form_never_becomes_code(finished):
    for spec in ('net.py:Net(")\nimport os', "a b", "net.py:Net(__import__('os'))", "os:system('x')\n#"):
        with pytest.raises(SpecError):
            usage.torch(replace(finished, spec=spec), None, "model.safetensors")


def test_the_weights_of_an_unfinished_run_are_those_of_its_best_checkpoint(finished, tmp_path):
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    assert usage.weights(finished) == "model.safetensors"
    (folder / "model.safetensors").unlink()
    place = usage.weights(replace(finished, folder=folder))
    assert place == f"checkpoints/{finished.best['step']}/model.safetensors"
    assert (folder / place).is_file()
    shutil.rmtree(folder / "checkpoints")
    assert usage.weights(replace(finished, folder=folder)) == ""
