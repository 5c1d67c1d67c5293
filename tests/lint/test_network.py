"""A network as the rules see it."""

import random

import pytest
import torch
from torch import nn

from netwright.errors import UsageError
from netwright.lint.finding import Place
from netwright.lint.network import Network, relative

DRAWN = """import random
import numpy
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)
        nn.init.constant_(self.layer.bias, random.random() + numpy.random.rand())

    def forward(self, x):
        return self.layer(x)
"""
NET = """from torch import nn


def conv(width):
    return nn.Conv2d(width, width, 3, padding=1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = conv(3), conv(3)
        self.c = nn.Sequential(
            nn.Conv2d(3, 4, 1),
            nn.ReLU(),
        )

    def forward(self, x):
        return self.c(self.b(self.a(x)))
"""


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    return Network.of("net.py:Net", (3, 8, 8))


def test_a_layer_is_placed_where_it_was_built(network):
    assert network.built("c.0") == Place("net.py", 13, 13, 13, 31)
    assert network.built("a").line == 5


def test_layers_of_one_factory_are_siblings(network):
    assert network.siblings("a") == ["a", "b"]
    assert network.siblings("c.0") == ["c.0"]


def test_a_factory_s_call_is_rewritten_only_when_all_its_layers_agree(network):
    assert network.rewritten("a", "nn.Conv2d(1, 1, 1)") is None
    assert network.rewritten("a", "nn.Conv2d(1, 1, 1)", "b").kind == "unsafe"
    assert network.rewritten("c.0", "nn.Conv2d(1, 1, 1)").edits[0].place.line == 13


def test_producers_and_consumers_are_inverse(network):
    for op in network.graph.ops:
        for tensor in op.outputs:
            assert network.producer(tensor) is op
            assert all(tensor.key in {t.key for t in user.inputs} for user in network.consumers[tensor.key])


def test_lines_of_its_layers_are_mentioned(network):
    assert network.mentions("net.py", 13)
    assert not network.mentions("net.py", 2)


def test_a_module_object_is_recorded_without_a_home():
    network = Network.of(nn.Linear(3, 2), (3,))
    assert network.home is None
    assert network.graph.outputs[0].shape == (2, 2)
    assert network.built("").file == "<Linear>"
    with pytest.raises(UsageError, match="`Linear` needs `--input`"):
        Network.of(nn.Linear(3, 2), None)


def test_paths_inside_the_working_folder_are_shown_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert relative(str(tmp_path / "a" / "b.py")) == "a/b.py"
    assert relative("/elsewhere/b.py") == "/elsewhere/b.py"


def test_weights_are_drawn_alike_every_time_and_random_states_stay(tmp_path):
    """Rules that look at numbers say the same tomorrow, and a script that checks draws what it drew."""
    (tmp_path / "drawn.py").write_text(DRAWN)
    spec, before = f"{tmp_path / 'drawn.py'}:Net", (torch.get_rng_state(), random.getstate())
    first, second = (Network.of(spec, (3,)).net.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
