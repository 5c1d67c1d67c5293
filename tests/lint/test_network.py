"""A network as the rules see it."""

import random
from dataclasses import replace

import pytest
import torch
from torch import nn

from netwright import check
from netwright.errors import UsageError
from netwright.lint.finding import Place
from netwright.lint.network import Network, relative
from netwright.trace.inputs import parse_inputs

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


def test_the_run_in_evaluation_mode_is_cached_and_other_runs_are_recorded(network):
    assert network.graph is network.graph
    assert not network.graph.training
    assert network.graph.inputs[0].shape == (2, 3, 8, 8)
    other = network.recorded((3, 9, 9), 3, training=True)
    assert other.training
    assert other.inputs[0].shape == (3, 3, 9, 9)


def test_a_constructor_is_the_call_of_the_layer_s_class(network):
    script, call = network.constructor("c.0")
    assert script.segment(call) == "nn.Conv2d(3, 4, 1)"
    assert network.constructor("c.1")[1].func.attr == "ReLU"


def test_the_place_of_an_op_is_the_whole_expression(network):
    called = network.graph.ops[0].where
    place = network.place(network.graph.ops[0])
    script, expression = network.expressions(called)[0]
    assert NET.splitlines()[place.line - 1][place.column - 1 : place.end_column - 1] == "self.a(x)"
    assert script.segment(expression) == "self.a(x)"
    assert network.place(network.graph.ops[0], "c.0") == network.built("c.0")
    assert network.place(network.graph.ops[0], "weight of no module") == place
    unknown = replace(network.graph.ops[0], where=None, module="c.0")
    assert network.place(unknown) == network.built("c.0")
    assert network.expressions(None) == []


def test_a_network_without_a_known_line_is_placed_by_its_name():
    network = Network.of(nn.Sequential(nn.Linear(3, 2)), (3,))
    assert network.title("") == "Sequential"
    assert network.title("0") == "0"
    assert network.constructor("0") is None
    assert str(network.built("0")).startswith("<Sequential>")


def test_scripts_are_read_once_and_what_is_not_text_is_none(network, tmp_path):
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    assert network.script("net.py") is network.script(str(tmp_path / "net.py"))
    assert network.script("binary.py") is None
    assert [script.path for script in network.scripts(["binary.py", "net.py"])] == ["net.py"]


@pytest.mark.parametrize(
    ("forward", "message"),
    [
        ("raise KeyError('x')", r"cannot be run on 3x8x8: KeyError: 'x'"),
        ("return 'text'", "cannot be run on 3x8x8|returns no tensor for 3x8x8"),
    ],
)
def test_what_gives_nothing_to_check_is_refused(network, tmp_path, forward, message):
    (tmp_path / "odd.py").write_text(NET.replace("return self.c(self.b(self.a(x)))", forward))
    with pytest.raises(UsageError, match=message):
        Network.of("odd.py:Net", (3, 8, 8))


def test_modules_and_outputs_are_known_by_path_and_key(network):
    assert list(network.modules) == ["", "a", "b", "c", "c.0", "c.1"]
    assert isinstance(network.modules["c.1"], nn.ReLU)
    assert network.returned == {network.graph.ops[-1].outputs[0].key}
    assert network.producer(network.graph.inputs[0]) is None


class Captioned(nn.Module):
    """An image and the words under it."""

    def __init__(self):
        super().__init__()
        self.see = nn.Conv2d(3, 8, 1, padding=1)
        self.read = nn.Embedding(50, 8)

    def forward(self, image, words):
        return self.see(image).mean((2, 3)) + self.read(words).mean(1)


@pytest.mark.parametrize(
    "given",
    [
        parse_inputs(["3x6x6", "5:int64"]),
        parse_inputs(["words=5:int64", "image=3x6x6"]),
        (torch.zeros(2, 3, 6, 6), torch.zeros(2, 5, dtype=torch.int64)),
        {"image": (3, 6, 6), "words": torch.zeros(2, 5, dtype=torch.int64)},
    ],
    ids=["in order", "by name", "tensors", "both"],
)
def test_every_rule_can_look_at_a_network_of_several_inputs(given):
    network = Network.of(Captioned(), given)
    assert network.input == ()
    assert [finding.code for finding in check(Captioned(), given)] == ["NW103"]


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        ((3, 6, 6), (3, 6, 6)),
        ([3, 6, 6], (3, 6, 6)),
        (parse_inputs(["3x6x6"]), (3, 6, 6)),
        (parse_inputs(["6:int64"]), ()),
    ],
)
def test_rules_that_try_other_sizes_know_the_shape_of_a_single_input(given, shape):
    assert Network(nn.Identity(), given, "net").input == shape


def test_a_network_that_cannot_be_run_is_refused_with_all_it_was_given():
    with pytest.raises(UsageError, match=r"cannot be run on 3x6x6 and 5: TypeError: .* positional argument"):
        Network.of(nn.Flatten(), [(3, 6, 6), (5,)])


def test_columns_are_counted_in_characters_even_after_non_ascii_text(tmp_path):
    """Python tells places in bytes: there the layer begins one further to the right for each accent."""
    text = "from torch import nn\ndef Net():\n    é = 'üüü'; return nn.Conv2d(3, 4, 1, padding=1)\n"
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    network = Network.of(f"{tmp_path}/net.py:Net", (3, 4, 4))
    script, call = network.constructor("")
    assert script.segment(call) == "nn.Conv2d(3, 4, 1, padding=1)"
    assert (network.built("").line, network.built("").column) == (3, text.splitlines()[2].index("nn.") + 1)


SCRIPTED = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.jit.{how}
    def forward(self, x):
        return self.inner(x)
"""


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@pytest.mark.parametrize("how", ["script(nn.ReLU())", "trace(nn.ReLU(), torch.zeros(1, 3))"])
def test_a_network_that_holds_a_scripted_module_is_refused_with_its_line(tmp_path, how):
    (tmp_path / "net.py").write_text(SCRIPTED.format(how=how))
    with pytest.raises(UsageError, match=r"`inner` is a ScriptModule, .*net\.py:6:"):
        Network.of(f"{tmp_path}/net.py:Net", (3,))


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_whole_scripted_network_is_refused():
    with pytest.raises(UsageError, match="the network is a ScriptModule"):
        check(torch.jit.script(nn.ReLU()), (3,))


OUTSIDE = torch.zeros(3, 5) > 0


def test_what_fails_without_data_is_reported_once_with_its_shapes(capfd):
    class Masked(nn.Linear):
        def forward(self, x):
            return super().forward(x).masked_fill(OUTSIDE, 0)

    [finding] = check(Masked(8, 8), (8,), select=["NW101"])
    assert "2x8 and 3x5" in finding.message
    assert capfd.readouterr().err == ""
