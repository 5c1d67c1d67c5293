"""Networks as ONNX, run by onnxruntime."""

import json

import pytest
import torch

import netwright as nw
from netwright.errors import ExportError
from netwright.models.registry import entries
from netwright.predict.onnx import runner
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data

onnx, *_ = [
    pytest.importorskip(package, reason="needs netwright[export]; see `make test-extras`")
    for package in ("onnx", "onnxruntime", "onnxscript")
]

SMALLEST = {
    "alexnet": ("alexnet(width=12, hidden=16, size=95)", (3, 95, 95)),
    "autoencoder": ("autoencoder(width=4, depth=3, latent=8)", (3, 16, 16)),
    "convnet": ("convnet(size=16)", (3, 16, 16)),
    "densenet": ("densenet_bc(depth=22, growth=4)", (3, 16, 16)),
    "fractal_resunet": ("fractal_resunet(width=8, depth=1, units=1)", (3, 16, 16)),
    "googlenet": ("googlenet(width=8, classes=5)", (3, 64, 64)),
    "hourglass": ("hourglass1(width=8, depth=2)", (3, 64, 64)),
    "imagenet_resnet": ("resnet18(width=4, classes=5)", (3, 64, 64)),
    "lenet": ("lenet5", (1, 32, 32)),
    "nin": ("nin(width=8)", (3, 32, 32)),
    "preresnet": ("preresnet(depth=11, width=4)", (3, 16, 16)),
    "resnet": ("resnet20(width=4)", (3, 16, 16)),
    "series": ("series_resnet(width=8)", (1, 32)),
    "unet": ("unet_same(width=4, depth=2)", (1, 32, 32)),
    "vgg": ("vgg11(width=4, hidden=8, size=32, classes=5)", (3, 32, 32)),
    "vit": ("vit_tiny(size=32, patch=8, width=24, depth=2, classes=5)", (3, 32, 32)),
    "wide_resnet": ("wide_resnet16_4(widen=1)", (3, 16, 16)),
}
"""A small network of each family, and an input that it takes."""

VOLUMES = {"unet3d": ("unet3d_same(width=4, depth=2)", (1, 16, 16, 16))}


def test_every_family_has_a_small_network_here():
    assert set(SMALLEST) == {entry.family for entry in entries().values() if entry.own}


@pytest.mark.parametrize("name", sorted(SMALLEST | VOLUMES))
def test_a_network_of_every_family_gives_the_same_outputs_as_onnx_and_as_a_program(name, tmp_path):
    spec, input = (SMALLEST | VOLUMES)[name]
    torch.manual_seed(0)
    net = nw.load(spec, input=input)
    for ending in ("onnx", "pt2"):
        done = nw.export(net, tmp_path / f"net.{ending}", input=input)
        assert done.difference < 1e-4
        assert done.input[0] == "batch"


def test_sizes_that_onnx_gets_wrong_are_not_free(tmp_path, monkeypatch):
    """The size is written as fixed where the file agrees for the one size alone."""
    right = runner

    def wrong_elsewhere(path):
        run = right(path)
        return lambda x: run(x) * (1 if x.shape[-1] == 16 else 2)

    monkeypatch.setattr("netwright.predict.onnx.runner", wrong_elsewhere)
    done = nw.export("resnet20(width=4)", tmp_path / "net.onnx", input=(3, 16, 16))
    assert done.input == ("batch", 3, 16, 16)


def test_an_operation_without_an_equivalent_is_refused_at_its_line(tmp_path):
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\n\nclass Bessel(nn.Conv2d):\n"
        "    def __init__(self):\n        super().__init__(3, 4, 3)\n"
        "    def forward(self, x):\n        return torch.special.bessel_j0(super().forward(x))\n"
    )
    where = r"special_bessel_j0.default has no equivalent in ONNX at .*net\.py:8 \(`return torch\.special"
    with pytest.raises(ExportError, match=where):
        nw.export(f"{tmp_path}/net.py:Bessel", tmp_path / "net.onnx", input=(3, 6, 6))
    assert not (tmp_path / "net.onnx").exists()


def test_a_run_is_written_with_its_classes_and_takes_raw_values(tmp_path):
    run = train(SPEC, data(), Recipe(steps=2, batch=16, augment=()), out=tmp_path / "run")
    done = nw.export(run, tmp_path / "net.onnx")
    assert done.difference < 1e-4
    model = onnx.load(str(tmp_path / "net.onnx"))
    onnx.checker.check_model(model, full_check=True)
    facts = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(facts["netwright.classes"]) == [str(k) for k in range(10)]
    assert [dim.dim_param or dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim] == [
        "batch",
        1,
        8,
        8,
    ]
    given = data()
    raw = given.test.inputs[:5].float()
    mean, std = (torch.tensor(each).view(1, -1, 1, 1) for each in (given.mean, given.std))
    with torch.no_grad():
        wanted = run.load()((raw / 255 - mean) / std)
    torch.testing.assert_close(runner(tmp_path / "net.onnx")(raw), wanted, rtol=1e-4, atol=1e-4)
