"""A failing forward pass is explained: the layer, its lines, both shapes, their origins, the fix."""

import re
from inspect import getsourcelines

import pytest
import torch
from torch import nn

from netwright.analysis.explain import explain
from netwright.trace.inputs import Input
from netwright.trace.record import record


class Net(nn.Module):
    def __init__(self, *layers, forward=None):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.way = forward

    def forward(self, *inputs):
        if self.way is not None:
            return self.way(self.layers, *inputs)
        x = inputs[0]
        for layer in self.layers:
            x = layer(x)
        return x


class Silent(nn.Module):
    def forward(self, x):
        x + 1


class Optional(nn.Module):
    def forward(self, x, y=None):
        return x


CASES = {
    "channels": (
        Net(nn.Conv2d(12, 14, 3), nn.Conv2d(12, 14, 3)),
        (12, 16, 16),
        r"`layers.1` \(Conv2d\) expects 12 channels and gets 14 from `layers.0`",
        "nn.Conv2d(14, 14, 3)",
    ),
    "channels of a transposed convolution": (
        Net(nn.Conv2d(3, 6, 3), nn.ConvTranspose2d(8, 4, 2, 2)),
        (3, 8, 8),
        r"expects 8 channels and gets 6",
        "nn.ConvTranspose2d(6, 4, 2, stride=2)",
    ),
    "features after flatten": (
        Net(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(512, 10)),
        (3, 16, 16),
        r"expects 512 features and gets 1568: 1x1568 from `layers.1` \(Flatten",
        "nn.Linear(1568, 10)",
    ),
    "flatten forgotten": (
        Net(nn.Conv2d(3, 8, 3), nn.Linear(8 * 36, 10, bias=False)),
        (3, 8, 8),
        r"expects 288 features and gets 6",
        "x.flatten(1)",
    ),
    "kernel too large": (
        Net(nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 8, 5)),
        (3, 8, 8),
        r"kernel of 5x5, larger than its padded input of 3x3",
        "smaller kernel",
    ),
    "pool too large": (
        Net(nn.MaxPool2d(4), nn.MaxPool2d(3)),
        (3, 8, 8),
        r"kernel of 3x3, larger than its padded input of 2x2",
        "smaller kernel",
    ),
    "add": (
        Net(nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 1), forward=lambda m, x: m[0](x) + m[1](x)),
        (3, 8, 8),
        r"1x8x6x6 and 1x8x8x8 cannot be combined(.|\n)*both come from the input, 1x3x8x8",
        "padding",
    ),
    "add of other channels": (
        Net(nn.Conv2d(3, 8, 1), forward=lambda m, x: x + m[0](x)),
        (3, 8, 8),
        r"1x3x8x8 and 1x8x8x8 cannot be combined",
        "1x1 convolution",
    ),
    "concat": (
        Net(nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 1), forward=lambda m, x: torch.cat([m[0](x), m[1](x)], 1)),
        (3, 8, 8),
        r"cannot be concatenated(.|\n)*one branch:(.|\n)*layers.0(.|\n)*the other:(.|\n)*layers.1",
        "padding",
    ),
    "rank": (
        Net(nn.Flatten(), nn.Conv2d(3, 8, 3)),
        (3, 8, 8),
        r"needs 4 dimensions .* and gets 2: 1x192 from `layers.0`",
        "do not flatten",
    ),
    "rank of a norm": (
        Net(nn.Flatten(), nn.BatchNorm2d(3)),
        (3, 8, 8),
        r"needs 4D and gets 2 dimensions",
        "do not flatten",
    ),
    "view": (
        Net(forward=lambda m, x: x.view(-1, 500)),
        (3, 8, 8),
        r"1x3x8x8 from the input cannot be viewed as \(-1, 500\)(.|\n)*192 numbers",
        "x.flatten(1)",
    ),
    "folded batch": (
        Net(forward=lambda m, x, y: torch.cat([x.view(-1, 64), y], 1)),
        [(3, 8, 8), (5,)],
        r"3x64 and 1x5 cannot be concatenated",
        "merged the batch with another axis",
    ),
    "folded batch before a linear layer": (
        Net(nn.Linear(60, 2), forward=lambda m, x: m[0](x.view(-1, 64))),
        (3, 8, 8),
        r"expects 60 features and gets 64",
        "x.flatten(1) instead of the view, then nn.Linear(192, 2)",
    ),
    "groups": (
        Net(nn.Conv2d(4, 8, 3, groups=2), nn.Conv2d(6, 9, 3, groups=3)),
        (4, 8, 8),
        r"has 3 groups, which do not divide its 8 input and 9 output channels",
        "groups=1",
    ),
    "groups of a norm": (
        Net(nn.Conv2d(3, 10, 3), nn.GroupNorm(4, 12)),
        (3, 8, 8),
        r"has 4 groups, which do not divide the 10 channels",
        "nn.GroupNorm(2, 10)",
    ),
    "integers into a convolution": (
        Net(nn.Conv2d(3, 8, 3)),
        Input((3, 8, 8), torch.int64),
        r"computes in float32 and gets int64 from the input",
        "x.float()",
    ),
    "integers into a linear layer": (
        Net(nn.Linear(3, 8)),
        Input((3,), torch.int64),
        r"computes in float32 and gets int64",
        "x.float()",
    ),
    "floats into a look-up": (
        Net(nn.Embedding(8, 8)),
        (5,),
        r"expects integer indices and gets float32",
        "--input 5:int64",
    ),
    "norm of other channels": (
        Net(nn.Conv2d(3, 8, 1), nn.BatchNorm2d(6)),
        (3, 8, 8),
        r"expects 6 channels and gets 8",
        "nn.BatchNorm2d(8)",
    ),
    "missing input": (
        nn.Bilinear(3, 3, 3),
        (3,),
        r"needs another input: 'input2'",
        "--input",
    ),
    "missing input inside": (
        Net(nn.Bilinear(3, 3, 3)),
        (3,),
        r"needs another input: 'input2'",
        "pass it",
    ),
    "too many inputs": (
        nn.Bilinear(3, 3, 3),
        [(3,), (3,), (3,)],
        r"Bilinear takes 2 inputs and is given 3",
        "--input 2 times",
    ),
    "too many inputs inside": (
        Net(nn.Linear(3, 3), forward=lambda m, x: m[0](x, x)),
        (3,),
        r"`layers.0` \(Linear\) takes 1 input and is given 2(.|\n)*called at",
        "inputs that its `forward` takes",
    ),
    "too many inputs for one with a default": (
        Optional(),
        [(3,), (3,), (3,)],
        r"Optional takes 2 inputs and is given 3",
        "--input 2 times",
    ),
    "channels forgotten": (
        Net(nn.Conv2d(3, 8, 3)),
        (16, 16),
        r"needs 4 dimensions .* and gets 3: 1x16x16 from the input",
        "--input 3x16x16",
    ),
    "literal device": (
        Net(nn.Linear(3, 3), forward=lambda m, x: m[0](x) + torch.zeros(3, device="cuda")),
        (3,),
        r"mixes devices(.|\n)*1x3 on cpu from `layers.0`(.|\n)*3 on cuda from `zeros` at .*test_explain",
        "device=x.device",
    ),
    "output is None": (Silent(), (3,), r"Silent returned None", "return"),
    "layer returns None": (
        Net(Silent(), nn.Linear(3, 3)),
        (3,),
        r"`layers.0` \(Silent\) returned None(.|\n)*its result was used",
        "return",
    ),
    "None added": (
        Net(Silent(), forward=lambda m, x: x + m[0](x)),
        (3,),
        r"`layers.0` \(Silent\) returned None",
        "return",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_cause_and_the_fix_are_named(name):
    net, shape, what, fix = CASES[name]
    text = str(explain(record(net, shape)))
    assert re.search(what, text), text
    assert fix in text.splitlines()[-1]


@pytest.mark.parametrize("name", [n for n in CASES if not n.startswith(("output", "folded batch before"))])
def test_torch_itself_fails_on_the_same_networks(name):
    net, shape = CASES[name][:2]
    shapes = shape if isinstance(shape, list) else [shape]
    given = [
        torch.zeros(1, *s.shape, dtype=s.dtype) if isinstance(s, Input) else torch.rand(1, *s) for s in shapes
    ]
    with pytest.raises((RuntimeError, TypeError, ValueError, AssertionError)):
        net(*given)


@pytest.mark.parametrize(
    "net", [Net(nn.Conv2d(3, 8, 3)), Net(nn.Linear(8, 8)), nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())]
)
def test_a_network_that_runs_has_nothing_to_explain(net):
    assert explain(record(net, (3, 8, 8))) is None


def test_the_building_and_the_calling_line_are_named():
    class Wrong(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(5, 2)

        def forward(self, x):
            return self.head(x)

    lines, start = getsourcelines(Wrong)
    text = str(explain(record(Wrong(), (4,))))
    for written in ("nn.Linear(5, 2)", "self.head(x)"):
        number = next(start + i for i, line in enumerate(lines) if written in line)
        assert re.search(rf"test_explain.py:{number}:\d+", text)


def test_devices_that_mix_are_named():
    class Mixed(nn.Module):
        def forward(self, x):
            y = x + torch.ones(3, device="cpu")
            return y + torch.ones(3, device="meta")

    graph = record(Mixed(), torch.zeros(1, 3))
    text = str(explain(graph))
    assert "mixes devices" in text
    assert "device=x.device" in text


def test_an_unknown_failure_is_explained_in_torchs_words():
    text = str(explain(record(Net(forward=lambda m, x: x @ x), (3, 4))))
    assert "raised RuntimeError of `matmul`" in text
    assert "it was given 1x3x4 from the input" in text
