"""NW309: sigmoids and tanhs between hidden layers."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from fixing import fixed, network, written
from netwright.lint.run import check


def reported(net, shape=(64,)):
    return check(net, shape, select=["NW309"])


def stack(activations, act=nn.Tanh, between=None, width=64):
    layers = []
    for _ in range(activations):
        layers += [nn.Linear(width, width), *([between()] if between else []), act()]
    return nn.Sequential(*layers, nn.Linear(width, 10))


@pytest.mark.parametrize(("act", "most"), [(torch.sigmoid, 0.25), (torch.tanh, 1.0)])
def test_the_slopes_really_are_at_most_a_quarter_and_one(act, most):
    x = torch.linspace(-4, 4, 1001, requires_grad=True)
    act(x).sum().backward()
    assert x.grad.max().item() == pytest.approx(most, abs=1e-4)
    assert x.grad.min().item() < 0.02


def test_sigmoids_really_shrink_the_gradient_by_more_than_four_at_each():
    torch.manual_seed(0)
    norms = []
    for count in (1, 2, 3, 4):
        net = stack(count, nn.Sigmoid)
        net(torch.randn(32, 64)).square().sum().backward()
        norms.append(net[0].weight.grad.norm().item())
    assert all(after < before / 4 for before, after in pairwise(norms))


@pytest.mark.parametrize("act", [nn.Tanh, nn.Sigmoid])
@pytest.mark.parametrize("count", [4, 5, 8])
def test_five_in_a_row_are_found_and_four_are_not(act, count):
    messages = {finding.message for finding in reported(stack(count, act))}
    assert messages == ({f"{act.__name__.lower()} follows hidden layers, {count} times in a row without "
                         "a norm or a skip."} if count > 4 else set())  # fmt: skip


@pytest.mark.parametrize("spec", ["lenet5", "convnet", "mlp"])
def test_the_old_classics_are_silent(spec):
    assert check(spec, select=["NW309"]) == []


def test_pooling_and_dropout_between_do_not_hide_it():
    parts = [nn.Sequential(nn.Conv1d(4, 4, 3, padding=1), nn.MaxPool1d(2), nn.Tanh(), nn.Dropout())] * 3
    last = [nn.Sequential(nn.Conv1d(4, 4, 3, padding=1), nn.Tanh()) for _ in range(3)]
    assert reported(nn.Sequential(*parts, *last, nn.Conv1d(4, 2, 1)), (4, 64))


@pytest.mark.parametrize("norm", [lambda: nn.BatchNorm1d(64), lambda: nn.LayerNorm(64)])
def test_a_norm_before_them_keeps_them_steep(norm):
    assert reported(stack(8, nn.Sigmoid, norm)) == []


def test_a_skip_leads_the_gradient_around():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(8))

        def forward(self, x):
            for layer in self.layers:
                x = x + layer(x).tanh()
            return x

    assert reported(Residual()) == []


def test_gates_and_the_output_are_not_hidden_activations():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(8))

        def forward(self, x):
            for layer in self.layers:
                x = x * layer(x).sigmoid()
            return x

    assert reported(Gated()) == []
    assert reported(nn.Sequential(*stack(4)[:-1], nn.Linear(64, 10), nn.Tanh())) == []


@pytest.mark.parametrize(("coordinates", "count"), [(2, 0), (4, 0), (5, 5)])
def test_networks_of_coordinates_need_smooth_derivatives(coordinates, count):
    net = nn.Sequential(nn.Linear(coordinates, 64), nn.Tanh(), *stack(4))
    assert sum(finding.evidence["activations"] for finding in reported(net, (coordinates,))[:1]) == count


LAYERS = """
self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(5))
self.act, self.head = nn.Tanh(), nn.Linear(8, 2)
"""
LOOP = "for layer in self.layers:\n    x = {}  # kept\nreturn self.head({})"


@pytest.mark.parametrize(
    ("inner", "mended"),
    [
        ("torch.tanh(layer(x))", "torch.relu(layer(x))"),
        ("torch.sigmoid(input=layer(x))", "torch.relu(input=layer(x))"),
        ("F.tanh(layer(x))", "F.relu(layer(x))"),
        ("layer(x).sigmoid_()", "layer(x).relu_()"),
    ],
)
def test_a_function_or_method_becomes_a_rectifier(tmp_path, inner, mended):
    text, outcome = fixed(tmp_path, written(LAYERS, LOOP.format(inner, "x")), "NW309", "8")
    assert f"x = {mended}  # kept" in text
    assert outcome.findings == ()


def test_layers_become_rectifiers_and_the_shapes_stay(tmp_path):
    layers = """
parts = []
for _ in range(5):
    parts += [nn.Linear(8, 8), nn.Sigmoid()]
self.net = nn.Sequential(*parts, nn.Linear(8, 2))
"""
    text, outcome = fixed(tmp_path, written(layers, "return self.net(x)"), "NW309", "8")
    assert "[nn.Linear(8, 8), nn.ReLU()]" in text
    assert outcome.findings == ()
    assert [tensor.shape for tensor in network(tmp_path, (8,)).graph.outputs] == [(2, 2)]


def test_a_layer_that_also_ends_the_network_is_not_touched(tmp_path):
    """One `self.act` serves the hidden layers and the output, whose range it sets."""
    before = written(
        LAYERS, LOOP.format("self.act(layer(x))", "x").replace("return ", "return self.act(") + ")"
    )
    text, outcome = fixed(tmp_path, before, "NW309", "8")
    assert text == before
    assert {finding.fix.kind for finding in outcome.findings} == {"manual"}
