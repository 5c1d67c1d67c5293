"""Networks as ONNX, run by onnxruntime."""

import json
import re
import resource
from functools import cache, partial
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

import netwright as nw
import unexportable
from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.errors import ExportError, UsageError
from netwright.models.registry import entries
from netwright.prediction import export
from netwright.prediction.onnx import runner
from netwright.prediction.predictor import Predictor
from netwright.prediction.program import program
from netwright.prediction.subject import subject
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data

onnx, *_ = [
    pytest.importorskip(package, reason="needs netwright[export]; see `make test-extras`")
    for package in ("onnx", "onnxruntime", "onnxscript")
]
ReferenceEvaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator

PAGE = Path(__file__).parents[2] / "docs" / "export.md"

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
def test_a_network_of_every_family_gives_the_same_outputs_as_onnx_and_as_a_program(
    name, tmp_path, monkeypatch
):
    spec, input = (SMALLEST | VOLUMES)[name]
    torch.manual_seed(0)
    net = nw.load(spec, input=input)
    recorded = cache(partial(program, subject(net, input)))  # which takes most of the time
    monkeypatch.setattr(export, "program", lambda given, fixed="": recorded(fixed=fixed))
    for ending in ("onnx", "pt2"):
        done = nw.export(net, tmp_path / f"net.{ending}", input=input)
        assert done.difference < 1e-4
        assert done.input[0] == "batch"
        assert bool(done.limits) == (done.input[2:] == input[1:])


def test_sizes_that_onnx_gets_wrong_are_not_free(tmp_path, monkeypatch):
    """The size is written as fixed where the file agrees for the one size alone."""
    right = runner

    def wrong_elsewhere(path):
        run = right(path)
        return lambda x: run(x) * (1 if x.shape[-1] == 16 else 2)

    monkeypatch.setattr("netwright.prediction.onnx.runner", wrong_elsewhere)
    done = nw.export("convnet(size=16)", tmp_path / "net.onnx", input=(3, 16, 16))
    assert done.input == ("batch", 3, 16, 16)
    assert "fixed, because with a free size the onnx file gives outputs that differ by" in done.limits


@pytest.mark.parametrize(
    ("source", "operation"),
    [
        ("torch.special.bessel_j0(super().forward(x))", "bessel_j0"),
        ("torch.linalg.svdvals(super().forward(x))", "_linalg_svd"),
        ("nn.functional.adaptive_max_pool2d(super().forward(x), 3)", "adaptive_max_pool2d"),
    ],
)
def test_an_operation_without_an_equivalent_is_refused_at_its_line(source, operation, tmp_path):
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\n\nclass Net(nn.Conv2d):\n"
        "    def __init__(self):\n        super().__init__(3, 4, 3)\n"
        f"    def forward(self, x):\n        return {source}\n"
    )
    where = rf"{operation}.default has no equivalent in ONNX at .*net\.py:8 \(`return {re.escape(source)}`"
    with pytest.raises(ExportError, match=where):
        nw.export(f"{tmp_path}/net.py:Net", tmp_path / "net.onnx", input=(3, 6, 6))
    assert not (tmp_path / "net.onnx").exists()


def test_a_number_format_that_onnxruntime_does_not_run_is_refused(tmp_path):
    class Half(unexportable.Conv):
        def forward(self, x):
            return super().forward(x).bfloat16()

    with pytest.raises(ExportError, match=r"onnxruntime does not run the network: .*bfloat16"):
        nw.export(Half(), tmp_path / "net.onnx", input=(3, 6, 6))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "net",
    [
        unexportable.Spectrum,
        unexportable.Rolled,
        unexportable.Square,
        unexportable.Written,
        unexportable.Masked,
        unexportable.Recurrent,
        unexportable.Classes,
    ],
)
def test_networks_that_are_hard_to_record_give_the_same_by_onnx(net, tmp_path):
    torch.manual_seed(0)
    module = net()
    done = nw.export(module, tmp_path / "net.onnx", input=(3, 6, 6))
    height = 6 if isinstance(module, unexportable.Recurrent) else 7
    x = torch.randn(2, 3, height, 9 if done.input[3] == "size1" else 6)
    with torch.no_grad():
        wanted = module(x.clone())
    torch.testing.assert_close(runner(tmp_path / "net.onnx")(x), wanted, rtol=1e-4, atol=1e-4)


def signals():
    """Series of one channel, whose values lie far from 0."""
    targets = torch.arange(40) % 2
    noise = torch.randn(40, 1, 24, generator=torch.Generator().manual_seed(0))
    whole = Split(noise + 10_000 + targets[:, None, None], {Kind.CLASS: targets})
    return nw.Data(
        "signals", ("calm", "busy"), whole, whole, whole, (0.5,), (0.2,), "", range=(9_996.0, 10_005.0)
    )


def images():
    """Images of 16 bits with masks whose values are 0 and 255."""
    generator = torch.Generator().manual_seed(0)
    masks = torch.randint(0, 2, (10, 24, 40), generator=generator, dtype=torch.uint8) * 255
    noise = torch.randint(0, 9_000, masks.shape, generator=generator)
    return nw.Data.of((masks.long() * 100 + noise).to(torch.uint16)[:, None], masks, classes=["out", "in"])


def volumes():
    generator = torch.Generator().manual_seed(0)
    masks = torch.randint(0, 3, (8, 8, 12, 12), generator=generator, dtype=torch.uint8)
    return nw.Data.of(masks[:, None] * 0.1 + torch.rand(masks[:, None].shape, generator=generator), masks)


TASKS = {
    "classification of images, uint8": (data, SPEC, None, ("batch", 1, 8, 8)),
    "classification of series, float": (signals, "series_resnet(width=4)", None, ("batch", 1, "size0")),
    "segmentation of images by windows, uint16": (
        images,
        "unet_same(width=4, depth=1)",
        (16, 16),
        ("batch", 1, "size0", "size1"),
    ),
    "segmentation of volumes, float": (
        volumes,
        "unet_same(width=4, depth=1, dims=3)",
        None,
        ("batch", 1, "size0", "size1", "size2"),
    ),
}
"""Data, network, windows, and the input of the graph for each."""


@pytest.mark.parametrize("name", TASKS)
def test_the_head_of_every_task_takes_stored_values_and_brings_what_is_known_of_them(name, tmp_path):
    make, spec, patch, input = TASKS[name]
    given = make()
    recipe = Recipe(steps=1, batch=4, augment=(), **({"patch": patch} if patch else {}))
    run = train(spec, given, recipe, out=tmp_path / "run")
    stored = given.test.inputs[:2]  # whole examples, also where the training saw windows
    predictor = Predictor.of(run)
    wanted = predictor(predictor.prepare(stored))
    files = {}
    for ending in ("onnx", "pt2"):
        done = nw.export(run, tmp_path / f"net.{ending}")
        assert (done.input, done.difference < 1e-4) == (input, True)
        files[ending] = tmp_path / f"net.{ending}"
    facts = json.loads((run.folder / "run.json").read_text())
    metadata = {"netwright.task": "", "netwright.classes": "", "netwright.data": "", "netwright.summary": ""}
    loaded = torch.export.load(str(files["pt2"]), extra_files=metadata).module()
    torch.testing.assert_close(loaded(stored.float()), wanted, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(runner(files["onnx"])(stored.float()), wanted, rtol=1e-4, atol=1e-4)
    model = onnx.load(str(files["onnx"]))
    onnx.checker.check_model(model, full_check=True)
    assert metadata.items() <= {entry.key: entry.value for entry in model.metadata_props}.items()
    task, kept = json.loads(metadata["netwright.task"]), json.loads(metadata["netwright.data"])
    assert (task["name"], task["settings"]) == (facts["task"]["name"], facts["task"]["settings"])
    assert json.loads(metadata["netwright.classes"]) == list(given.classes)
    assert (kept["range"], kept["mean"], kept["std"]) == tuple(
        facts["data"][k] for k in ("range", "mean", "std")
    )
    assert json.loads(metadata["netwright.summary"])["totals"]["params"] == run.params
    if given.values:
        assert task["settings"]["values"] == list(given.values)


def test_another_implementation_of_onnx_gives_the_same_for_another_batch_and_size(tmp_path):
    """The reference evaluator of ONNX is written in NumPy and shares no code with onnxruntime."""
    torch.manual_seed(0)
    net = nw.load("resnet(depth=8, width=4)", input=(3, 16, 16))
    done = nw.export(net, tmp_path / "net.onnx", input=(3, 16, 16))
    assert done.input == ("batch", 3, "size0", "size1")
    x = torch.randn(2, 3, 11, 18)
    (found,) = ReferenceEvaluator(str(tmp_path / "net.onnx")).run(None, {"input": x.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(found), net(x), rtol=1e-4, atol=1e-4)


def test_the_program_of_the_page_runs_a_file_on_a_picture(tmp_path, monkeypatch):
    """The lines of docs/export.md, which need nothing but NumPy, Pillow and onnxruntime."""
    (lines,) = re.findall(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    given = data()
    run = train(SPEC, given, Recipe(steps=2, batch=16, augment=()), out=tmp_path / "run")
    nw.export(run, tmp_path / "net.onnx")
    Image.fromarray(given.test.inputs[0, 0].numpy()).save(tmp_path / "picture.png")
    monkeypatch.chdir(tmp_path)
    scope = {}
    exec(lines, scope)
    predictor = Predictor.of(run)
    wanted = predictor(predictor.prepare(given.test.inputs[:1]))
    torch.testing.assert_close(torch.from_numpy(scope["output"]), wanted, rtol=1e-4, atol=1e-4)
    assert scope["classes"][scope["output"][0].argmax()] == given.classes[int(wanted.argmax())]


def test_no_file_is_left_where_the_disk_is_full(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(UsageError, match=r"net\.onnx` cannot be written: .*nothing was changed"):
            nw.export(nn.Linear(64, 64), tmp_path / "net.onnx", input=(64,))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir())
