"""What is measured of a network and of its data."""

import json
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn

import netwright as nw
import tiny
from netwright.data.examples import Split
from netwright.errors import SpecError
from netwright.training.bootstrap import Interval
from netwright.training.model_card import facts
from netwright.training.model_card.facts import FILE, Facts, Network, Sizes
from tiny import SPEC, Net, cells, data


class Dense(nn.Module):
    """A map of two classes, through what is given as the middle."""

    def __init__(self, *middle: nn.Module):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.middle = nn.Sequential(*middle)
        self.last = nn.Conv2d(4, 2, 1)

    def forward(self, x):
        return self.last(self.middle(self.first(x)))


def test_the_cost_is_counted_by_hand():
    known = Network.of(Net().train(), (1, 8, 8), SPEC)
    assert known.macs == 4 * 16 * 9 + 64 * 10
    weights = sum(4 * p.numel() for p in Net().parameters()) + 4 * 2 * 4 + 8
    maps = 4 * (64 + 64)  # the input and a map of 4x4x4
    assert weights + maps <= known.peak <= weights + 3 * maps
    assert (known.kind, known.output, known.sees, known.short) == ("Net", (10,), "the whole input", False)
    assert [fault.place.partition(":")[0] for fault in known.faults] == ["tiny.py"]


def test_the_network_stays_as_it_is():
    net = Net().train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    Network.of(net, (1, 8, 8), None)
    assert net.training
    assert all(parameter.requires_grad for parameter in net.parameters())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


@pytest.mark.parametrize(
    ("middle", "sees", "short", "tiling"),
    [
        ([], "3x3 positions of the input", True, ""),
        ([nn.Conv2d(4, 4, 31, padding=15)], "the whole input", False, ""),
        ([nn.MaxPool2d(2), nn.Upsample(scale_factor=2)], "at most 4x4 positions of the input", True, ""),
        ([nn.InstanceNorm2d(4)], "the whole input", False, "axis 0 every position sees the whole input"),
    ],
)
def test_what_an_output_sees_and_whether_tiles_are_exact(middle, sees, short, tiling):
    known = Network.of(Dense(*middle), (1, 16, 16), None)
    assert (known.sees, known.short) == (sees, short)
    assert tiling in known.tiling
    assert bool(known.tiling) == bool(tiling)


def test_a_network_that_fails_is_refused():
    with pytest.raises(SpecError, match="`Net` cannot be recorded"):
        Network.of(Net(), (3, 8, 8), None)


def test_a_module_that_a_spec_names_is_told_from_what_makes_one(monkeypatch):
    monkeypatch.setitem(vars(tiny), "net", Net())
    monkeypatch.setitem(sys.modules, "tiny", tiny)
    assert [facts._ready(spec) for spec in (SPEC, SPEC.replace(":Net", ":net"), "tiny:net", "mlp")] == [
        *(False, True, True, False),
    ]


def test_the_classes_are_counted_in_every_split():
    known = Sizes.of(data())
    assert known.examples == {"train": 80, "valid": 40, "test": 40}
    assert known.classes == {"train": [8] * 10, "valid": [4] * 10, "test": [4] * 10}
    assert [sum(known) for known in Sizes.of(cells()).classes.values()] == [8 * 256, 2 * 256, 2 * 256]


def test_large_masks_are_not_read_once_more(monkeypatch):
    monkeypatch.setattr(facts, "MOST", 12 * 256 - 1)
    assert Sizes.of(cells()).classes == {}
    assert Sizes.of(cells()).examples["test"] == 2


def test_targets_without_classes_are_not_counted():
    given = data()
    split = Split(given.train.inputs, {})
    assert Sizes.of(replace(given, train=split, valid=split, test=split)).classes == {}


def test_facts_are_read_as_they_were_written(tmp_path):
    score = Interval(float("nan"), None, None, "no interval")
    known = Facts(
        Network.of(Net(), (1, 8, 8), SPEC), Sizes.of(data()), {"error": score}, {"error": [score, None]}
    )
    known.write(tmp_path)
    again = Facts.read(tmp_path)
    assert (again.network, again.data, again.classes["error"][1]) == (known.network, known.data, None)
    assert repr(again.metrics) == repr(known.metrics)
    assert json.loads((tmp_path / FILE).read_text())["data"]["examples"]["train"] == 80


@pytest.mark.parametrize("text", ["", "[]", '{"network": 3}', '{"data": {"layout": "x"}}', "{" * 10_000])
def test_damaged_facts_are_no_facts(tmp_path, text):
    assert Facts.read(tmp_path) == Facts()
    (tmp_path / FILE).write_text(text)
    assert Facts.read(tmp_path) == Facts()


def test_what_is_known_here_goes_before_what_another_knows():
    network = Network.of(nw.load("mlp", input=(1, 8, 8), classes=10), (1, 8, 8), "mlp")
    mine, other = Facts(network=network), Facts(data=Sizes.of(data()))
    assert mine.beside(other) == Facts(network=network, data=other.data)
    assert other.beside(mine) == mine.beside(other)
