"""Calls are changed as the user wrote them."""

import pytest

from netwright.lint.network import Network
from netwright.lint.rewrite import namespace, parse, renamed, rewritten, with_argument, without_argument

NET = """from torch import nn
from torch.nn import ReLU


def conv(width):
    return nn.Conv2d(width, width, 3, padding=1)


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(conv(3), conv(3), nn.Conv2d(3, 4, 1), ReLU())
"""


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    return Network.of("net.py:Net", (3, 8, 8))


LONG = """nn.Conv2d(
    3,  # colours
    64,
    3,
    padding=1,  # keeps the map
)"""


def test_comments_and_line_breaks_stay():
    assert with_argument(LONG, "padding", "0", 4) == LONG.replace("padding=1", "padding=0")
    added = with_argument(LONG, "bias", "False")
    assert "# colours" in added
    assert "# keeps the map" in added
    assert "bias=False" in added
    parse(added)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f()", "f(bias=False)"),
        ("f(1)", "f(1, bias=False)"),
        ("f(1, bias=True)", "f(1, bias=False)"),
        ("f(1, 2, 3)", "f(1, 2, False)"),
        ("f(1,2)", "f(1,2, bias=False)"),
    ],
)
def test_an_argument_is_set_where_it_stands_else_added(call, expected):
    assert with_argument(call, "bias", "False", 2) == expected


def test_an_argument_is_taken_out():
    assert without_argument("f(1, op=2, b=3)", "op") == "f(1, b=3)"
    assert without_argument("f(1, op=2)", "op") == "f(1)"
    assert without_argument("f(1, 2)", "op", 1) == "f(1)"
    assert without_argument("f(1)", "op", 1) == "f(1)"
    assert without_argument("f(1, 2)", "a", 0) is None
    assert without_argument(None, "a") is None


def test_what_a_star_unpacks_is_unknown():
    """An argument that is written out can be set beside it; one that may be inside cannot."""
    assert with_argument("f(1, b=2, **more)", "b", "3") == "f(1, b=3, **more)"
    assert with_argument("f(1, **more)", "a", "3", 0) == "f(3, **more)"
    assert without_argument("f(1, b=2, **more)", "b") == "f(1, **more)"
    for call in ("f(*a)", "f(**a)", "f(*a, 1)"):
        assert with_argument(call, "b", "3", 1) is None
        assert without_argument(call, "b", 1) is None
    assert with_argument(None, "b", "3") is None


@pytest.mark.parametrize("text", ["x", "f("])
def test_what_cannot_be_rewritten_is_refused(text):
    with pytest.raises(ValueError):
        with_argument(text, "bias", "False")


@pytest.mark.parametrize(
    ("call", "name", "expected"),
    [
        ("nn.Tanh()", "ReLU", "nn.ReLU()"),
        ("torch.nn.Tanh()", "ReLU", "torch.nn.ReLU()"),
        ("torch.tanh(self.fc(x), )", "relu", "torch.relu(self.fc(x), )"),
        ("self.fc(x).tanh_()", "relu_", "self.fc(x).relu_()"),
        ("F.tanh(\n    x,  # squashed\n)", "relu", "F.relu(\n    x,  # squashed\n)"),
    ],
)
def test_a_call_goes_to_another_function_of_the_same_home(call, name, expected):
    assert renamed(call, name) == expected


@pytest.mark.parametrize("call", ["tanh(x)", "self.acts[0](x)", "tanh"])
def test_a_name_that_may_not_be_imported_is_not_written(call):
    with pytest.raises(ValueError, match=r"bare name|is not a call"):
        renamed(call, "relu")


def test_a_factory_s_call_is_rewritten_only_when_all_its_layers_agree(network):
    assert rewritten(network, "0", "nn.Conv2d(1, 1, 1)") is None
    assert rewritten(network, "0", "nn.Conv2d(1, 1, 1)", "1").kind == "unsafe"
    assert rewritten(network, "2", "nn.Conv2d(1, 1, 1)").edits[0].place.line == 11


def test_an_edit_goes_only_into_the_network_s_own_file(network, tmp_path):
    (tmp_path / "other.py").write_text("import net\n\n\nclass Net(net.Net):\n    pass\n")
    other = Network.of("other.py:Net", (3, 8, 8))
    fix = rewritten(other, "2", "nn.Conv2d(1, 1,  1)")
    assert (fix.text, fix.edits) == ("nn.Conv2d(1, 1, 1)", ())


def test_the_namespace_is_what_stands_before_a_class_of_torch(network):
    assert namespace(network.constructor("2")) == "nn"
    assert namespace(network.constructor("3")) == ""
    assert namespace(None) == ""
