"""Parameters and MACs equal the published figures, and torch's own counter on the same networks."""

import copy

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from netwright.analysis import macs
from netwright.errors import ShapeError
from netwright.trace.record import record
from reference import UNet, ViT, densenet121, googlenet, resnet

COURSE = nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1),
    nn.Tanh(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 8, 3, padding=1),
    nn.Tanh(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(512, 32),
    nn.Tanh(),
    nn.Linear(32, 10),
)
TRICK = nn.Sequential(nn.Conv2d(64, 18, 1, bias=False), nn.Conv2d(18, 128, 5, padding=2, bias=False))
PUBLISHED = [
    ("resnet18", lambda: resnet([2, 2, 2, 2], False), (3, 224, 224), 11_689_512, 1.814e9),
    ("resnet50", lambda: resnet([3, 4, 6, 3], True), (3, 224, 224), 25_557_032, 4.089e9),
    ("resnet152", lambda: resnet([3, 8, 36, 3], True), (3, 224, 224), 60_192_808, 11.514e9),
    ("resnet50 early", lambda: resnet([3, 4, 6, 3], True, True), (3, 224, 224), 25_557_032, 3.858e9),
    ("resnet152 early", lambda: resnet([3, 8, 36, 3], True, True), (3, 224, 224), 60_192_808, 11.282e9),
    ("densenet121", densenet121, (3, 224, 224), 7_978_856, 2.834e9),
    ("googlenet", googlenet, (3, 224, 224), 6_998_552, 1.583e9),
    ("unet", UNet, (1, 572, 572), 31_030_658, 150.428e9),
    ("course", lambda: copy.deepcopy(COURSE).to("meta"), (3, 32, 32), 18_354, 753_984),
    (
        "5x5",
        lambda: nn.Conv2d(64, 128, 5, padding=2, bias=False),
        (64, 112, 112),
        204_800,
        2_569_011_200,
    ),
    ("5x5 after 1x1", lambda: TRICK, (64, 112, 112), 58_752, 736_985_088),
]


@pytest.mark.parametrize(("build", "shape", "params", "expected"), [case[1:] for case in PUBLISHED])
def test_counts_equal_the_published_ones(build, shape, params, expected):
    with torch.device("meta"):
        net = build()
    assert sum(p.elements for p in record(net, shape).parameters.values()) == params
    counted = macs.macs(net, shape)
    assert counted == expected or round(counted, -6) == expected
    with FlopCounterMode(display=False) as counter:
        net(torch.empty(1, *shape, device="meta"))
    assert counted == counter.get_total_flops() // 2


@pytest.mark.parametrize("written", [False, True])
def test_a_vision_transformer_counts_its_attention_however_it_is_written(written):
    with torch.device("meta"):
        net = ViT(written)
    tokens, width = 197, 768
    block = tokens * width * 12 * width + 2 * tokens**2 * width
    assert macs.macs(net, (3, 224, 224)) == 196 * width * 3 * 256 + 12 * block + width * 1000
    assert macs.backward(record(net, (3, 224, 224))) == 2 * (12 * block + width * 1000) + 196 * width * 768


def test_registered_networks_count_as_published():
    from netwright import load

    expected = {20: 40.551, 32: 68.863, 44: 97.174, 56: 125.486, 110: 252.888}
    counted = {depth: macs.macs(load(f"resnet{depth}"), (3, 32, 32)) for depth in expected}
    assert {depth: round(count / 1e6, 3) for depth, count in counted.items()} == expected


@pytest.mark.parametrize("batch", [1, 3, 32])
def test_counts_are_those_of_one_example_whatever_the_batch(batch):
    graph = record(COURSE, (3, 32, 32), batch=batch)
    assert (macs.forward(graph), macs.backward(graph)) == (753_984, 2 * 753_984 - 1024 * 16 * 27)


def test_operations_without_a_rule_are_listed_once():
    class Net(nn.Module):
        def forward(self, x):
            return torch.fft.fft(torch.fft.fft(x)).real

    assert macs.uncounted(record(Net(), (8,))) == ("aten._fft_r2c", "aten._fft_c2c")


def test_a_network_that_cannot_read_its_input_has_no_total():
    with pytest.raises(ShapeError, match=r"cannot read an input of 64: "):
        macs.macs(nn.Linear(63, 10), (64,))
