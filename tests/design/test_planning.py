"""A plan fits its budget in truth: the allocator of a real step says so."""

import json

import pytest
import torch
from torch import nn

import netwright as nw
from design.test_trials import labels, masks
from netwright.data.catalogue import choose
from netwright.design.fingerprint import Fingerprint
from netwright.design.planning import plan, proportional
from netwright.design.trials import Setup, held
from netwright.errors import DesignError
from netwright.receptive.grid import grid
from netwright.spec import load
from practice import adamw, measured, momentum, practice

MIB = 2**20


def unet(width=4, kind="unet_same"):
    """A U-Net whose two poolings make sides of multiples of 4."""
    return load(f"{kind}(width={width}, depth=2)", input=(1, 256, 256), classes=2)


def truth(net, data, made, optimizer=momentum):
    """Return the bytes that a real step of a plan takes, with the data."""
    task, sizes = choose(data), made.patch or data.input[1:]
    shape = (data.channels, *sizes)
    where = grid(net, shape)

    def targets(batch):
        raw = {
            kind: torch.zeros(batch, *(sizes if kind.dense else ()), dtype=torch.long)
            for kind in data.train.targets
        }
        return task.encode(raw, where)

    way = practice(targets, task.loss, optimizer, stored=data.train.inputs[0].dtype)
    return held(data) + measured(net, shape, made.batch, way)


@pytest.mark.parametrize(
    ("net", "data", "optimizer"),
    [
        (unet(8), masks(sizes=(128, 128)), momentum),
        (load("resnet20", input=(3, 32, 32), classes=10), labels(240, (3, 32, 32)), adamw),
        (load("unet3d_same(width=4)", input=(1, 16, 64, 64), classes=2), masks(sizes=(16, 64, 64)), momentum),
    ],
    ids=["unet", "resnet20", "unet3d"],
)
def test_the_peak_of_a_plan_is_within_five_percent_of_the_measured_one(net, data, optimizer):
    made = plan(net, data, memory="2GiB", setup=Setup(optimizer=optimizer))
    assert made.peak == pytest.approx(truth(net, data, made, optimizer), rel=0.05)


@pytest.mark.parametrize("budget", [16, 60])
def test_a_real_step_never_needs_more_than_the_budget(budget):
    net, data = unet(4), masks(count=60, sizes=(160, 192))
    made = plan(net, data, memory=budget * MIB)
    assert made.peak <= made.budget == budget * MIB
    assert truth(net, data, made) <= budget * MIB


def test_the_patch_is_the_largest_that_fits_and_the_batch_then_grows():
    net, data = unet(4), masks(count=60, sizes=(128, 128), ragged=True)
    tight, wide = plan(net, data, memory="12MiB"), plan(net, data, memory="1GiB")
    assert tight.batch == 2
    assert max(tight.patch) < 128
    larger = plan(net, data, memory="12MiB", patch=tuple(size + 16 for size in tight.patch), batch=2)
    assert not larger.fits
    assert wide.patch == (128, 128)
    assert wide.batch == 3  # a twentieth of the examples
    assert wide.steps == 20


def test_sides_are_those_that_the_network_takes():
    made = plan(unet(4), masks(sizes=(100, 90)), memory="1GiB")
    assert made.patch == (100, 88)
    assert "less what the network cannot take of 100x90" in made.reasons["patch"]
    valid = plan(unet(2, "unet"), masks(sizes=(200, 230)), memory="1GiB")
    assert valid.patch == (200, 228)


def test_a_patch_of_anisotropic_volumes_is_flat():
    net = nn.Conv3d(1, 2, 3, padding=1)
    spacing = ((4.0, 1.0, 1.0),)
    data = masks(count=4, sizes=(40, 80, 80), ragged=True)
    made = plan(net, data, memory="4MiB", setup=Setup(spacing=spacing))
    depth, height, width = made.patch
    assert depth < 40
    assert 1.5 * depth < min(height, width)
    assert abs(height - width) <= 2


def test_classification_takes_whole_inputs_and_only_its_batch_is_planned():
    net = load("resnet20", input=(3, 8, 8), classes=10)
    made = plan(net, labels(400), memory="1GiB")
    assert (made.patch, made.batch) == (None, 20)
    assert made.reasons["patch"] == "classification takes whole inputs"
    small = plan(net, labels(400), memory="4.5MiB")
    assert 2 <= small.batch < 20
    assert small.reasons["batch"] == "the largest that fits"
    with pytest.raises(DesignError, match="takes whole inputs; leave it out"):
        plan(net, labels(), patch=(4, 4))


def test_what_is_given_stays_and_a_plan_over_the_budget_says_so():
    made = plan(unet(4), masks(), memory="10MiB", patch=(64, 64), batch=16)
    assert (made.patch, made.batch, made.fits) == ((64, 64), 16, False)
    assert "above the budget" in made.warnings[0]
    assert made.reasons["patch"] == made.reasons["batch"] == "as given"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            {"memory": "100KiB"},
            r"2 examples of .* need .*, and the budget is 100\.00 KiB; take more memory",
        ),
        (
            {"memory": "1MiB", "patch": (256, 256)},
            r"one example of 256x256 needs .*, and the budget is 1\.00 MiB; take .* or a smaller net",
        ),
        ({"patch": (64,)}, r"`patch` \(=64\) must have a size for each of the 2 axes"),
        ({"batch": 0}, r"`batch` \(=0\) must be at least 1"),
        ({"memory": "lots"}, "is not an amount of memory"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_one_line(options, reason):
    with pytest.raises(DesignError, match=reason):
        plan(unet(4), masks(), **options)


def test_without_a_budget_it_is_a_share_of_what_is_free(monkeypatch):
    monkeypatch.setattr("netwright.design.capacity.free", lambda device: 50 * MIB)
    made = plan(unet(4), masks())
    assert made.budget == 45 * MIB
    assert made.parts["data"] == 0
    assert made.reasons["memory"] == "90% of what is free on this cpu, beside the data"


def test_the_module_stays_as_it_was():
    net = unet(4).eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    plan(net, masks(), memory="1GiB")
    assert not net.training
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_the_document_is_json_with_a_reason_for_each_choice():
    made = nw.design.plan(unet(4), masks(), memory="1GiB", batch=2)
    document = json.loads(json.dumps(made.document()))
    assert document["patch"] == [64, 64]
    assert set(document["reasons"]) == {"memory", "patch", "batch", "peak"}
    assert sum(document["parts"].values()) == document["peak"] <= document["budget"]


def test_a_part_of_the_positions_is_spread_in_proportion_to_the_spacing():
    size = (100, 100, 100)
    facts = Fingerprint(1, 1, size, size, size, (4.0, 1.0, 1.0))
    depth, height, width = proportional(facts, 0.1)
    assert height == width == pytest.approx(4 * depth, abs=2)
    assert depth * height * width == pytest.approx(1e5, rel=0.1)
