"""NW302: activations in a row."""

import pytest
import torch
from torch import nn

from fixing import fixed, network, written
from netwright.lint.run import check


@pytest.mark.parametrize("first", [nn.ReLU(), nn.Sigmoid(), nn.Softmax(1)])
def test_a_rectifier_after_what_is_never_negative_really_is_the_identity(first):
    x = torch.randn(4, 8)
    assert torch.equal(first(x), first(x).relu())
    assert len(check(nn.Sequential(nn.Linear(8, 8), first, nn.ReLU()), (8,), select=["NW302"])) == 1


@pytest.mark.parametrize("pair", [(nn.Tanh(), nn.ReLU()), (nn.ReLU(), nn.Tanh()), (nn.ELU(), nn.ReLU())])
def test_other_pairs_say_nothing(pair):
    assert check(nn.Sequential(nn.Linear(8, 8), *pair), (8,), select=["NW302"]) == []


def test_dropout_between_them_does_not_hide_them():
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Dropout(), nn.ReLU())
    assert len(check(net, (8,), select=["NW302"])) == 1


LAYERS = "self.first, self.act = nn.Linear(8, 8), nn.ReLU()\nself.shared = nn.ReLU()"


@pytest.mark.parametrize(
    ("forward", "mended"),
    [
        ("F.relu(self.first(x).relu())", "self.first(x).relu()"),
        ("self.first(x).relu().relu()", "self.first(x).relu()"),
        ("torch.relu(torch.sigmoid(self.first(x)))", "torch.sigmoid(self.first(x))"),
        ("torch.sigmoid(torch.tanh(self.first(x) + x))", "torch.sigmoid((self.first(x) + x))"),
        ("self.shared(self.first(x)) + self.shared(self.act(x))", "self.shared(self.first(x)) + self.act(x)"),
    ],
)
def test_the_call_of_the_one_too_many_goes(tmp_path, forward, mended):
    text, outcome = fixed(tmp_path, written(LAYERS, f"return {forward}  # kept"), "NW302", "8")
    assert f"return {mended}  # kept\n" in text
    assert outcome.findings == ()


def test_a_layer_becomes_the_identity_and_a_checkpoint_still_loads(tmp_path):
    layers = "self.net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.ReLU(), nn.Linear(8, 2))"
    before = written(layers, "return self.net(x)")
    (tmp_path / "net.py").write_text(before)
    old, x = network(tmp_path, (8,)).net, torch.randn(4, 8)
    text, _ = fixed(tmp_path, before, "NW302", "8")
    assert "nn.ReLU(), nn.Identity(), nn.Linear(8, 2)" in text
    new = network(tmp_path, (8,)).net
    new.load_state_dict(old.state_dict())
    assert torch.equal(new(x), old(x))


@pytest.mark.parametrize("forward", ["step(self.first(step(x)).relu())", "step(step(self.first(x)))"])
def test_one_line_that_serves_several_calls_is_not_touched(tmp_path, forward):
    """`step` rectifies what is rectified in one of its calls; or is called on its own result."""
    net = written(LAYERS, f"step = lambda y: F.relu(y)\nreturn {forward}")
    text, outcome = fixed(tmp_path, net, "NW302", "8")
    assert text == net
    assert [finding.fix.kind for finding in outcome.findings] == ["manual"]


def test_softmax_along_two_dimensions_is_not_a_repetition():
    class Sinkhorn(nn.Module):
        def forward(self, x):
            return x.softmax(1).softmax(2)

    assert check(Sinkhorn(), (4, 4), select=["NW302"]) == []
