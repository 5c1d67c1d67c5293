"""NW602: activations that die or explode at initialisation."""

import json

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from netwright.lint.run import check
from programs import findings, program


def he(weight):
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def stack(layers, fill=None, act=nn.ReLU, width=64, between=None, seed=0):
    torch.manual_seed(seed)
    parts = []
    for _ in range(layers - 1):
        layer = nn.Linear(width, width)
        parts += [layer, *([between()] if between else []), act()]
        if fill:
            fill(layer.weight)
    return nn.Sequential(*parts, nn.Linear(width, 10))


def reported(net, shape=(64,)):
    return check(net, shape, select=["NW602"])


def test_torch_s_default_really_is_a_third_of_one_over_fan_in():
    torch.manual_seed(0)
    assert nn.Linear(1000, 1000).weight.var().item() == pytest.approx(1 / 3000, rel=0.01)


def test_a_rectified_stack_left_at_the_default_loses_a_factor_of_six_a_layer():
    [finding] = reported(stack(12, width=256), (256,))
    inner = torch.tensor(finding.evidence["ratios"][:-1])
    assert len(finding.evidence["layers"]) == 12
    assert 1 / 9 < inner.log().mean().exp().item() < 1 / 5
    assert finding.evidence["change"] == pytest.approx(
        torch.tensor(finding.evidence["ratios"]).prod().item(), rel=1e-3
    )


def first_step(seed, fill):
    """The variance of the logits over the digits, and the norm of the first layer's gradient."""
    from sklearn.datasets import load_digits

    data = load_digits()
    x = torch.tensor(data.images, dtype=torch.float32).flatten(1)
    net = stack(10, fill, seed=seed)
    logits = net((x - x.mean()) / x.std())
    F.cross_entropy(logits, torch.tensor(data.target)).backward()
    return torch.stack([logits.var(0).mean(), net[0].weight.grad.norm()]).detach()


def test_ten_layers_left_at_the_default_see_and_learn_nothing_of_the_digits():
    """Against He's initialisation, the variance is 1e-7 and the gradient 1e-3, on any processor."""
    ratios = [first_step(seed, None) / first_step(seed, he) for seed in range(5)]
    variance, gradient = torch.stack(ratios).median(0).values
    assert variance < 1e-5
    assert gradient < 1e-2


@pytest.mark.parametrize("layers", [4, 6])
def test_a_few_layers_are_silent(layers):
    assert reported(stack(layers)) == []


@pytest.mark.parametrize("between", [None, lambda: nn.BatchNorm1d(64), lambda: nn.LayerNorm(64)])
def test_he_s_initialisation_or_a_norm_is_silent(between):
    assert reported(stack(30, he if between is None else None, between=between)) == []


def test_unit_deviation_explodes():
    [finding] = reported(stack(6, nn.init.normal_))
    assert finding.evidence["change"] > 1e5
    assert "grows by" in finding.message


def test_beyond_the_squares_of_single_precision_the_figures_stay_finite():
    [finding] = reported(stack(20, nn.init.normal_, width=256), (256,))
    assert 1e30 < finding.evidence["change"] < float("inf")
    assert "inf" not in finding.message
    json.dumps(finding.evidence, allow_nan=False)


def test_layers_that_are_dead_at_once_fall_to_zero():
    net = stack(5, he)
    nn.init.constant_(net[4].bias, -1e4)
    nn.init.zeros_(net[6].bias)
    [finding] = reported(net)
    assert "falls to 0." in finding.message
    assert finding.evidence["change"] == 0
    json.dumps(finding.evidence, allow_nan=False)


def test_sigmoids_die_sooner():
    assert len(reported(stack(5, act=nn.Sigmoid))) == 1


class Residual(nn.Module):
    def __init__(self, fill, layers=12):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(layers))
        self.head = nn.Linear(64, 10)
        for layer in self.layers:
            fill(layer.weight)

    def forward(self, x):
        for layer in self.layers:
            x = x + layer(x)
        return self.head(x)


def test_a_residual_sum_without_norms_explodes_and_with_zero_branches_does_not():
    def large(weight):
        nn.init.normal_(weight, std=0.3)

    [finding] = reported(Residual(large))
    assert finding.evidence["change"] > 1e5
    assert reported(Residual(nn.init.zeros_)) == []


def test_a_head_that_starts_at_zero_is_meant():
    net = stack(4)
    nn.init.zeros_(net[-1].weight)
    assert reported(net) == []


def test_averaging_and_gates_end_a_row():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(12))

        def forward(self, x):
            for layer in self.layers:
                x = x * layer(x).sigmoid()
            return x

    assert reported(Gated()) == []
    parts = [nn.Sequential(nn.Conv1d(4, 4, 3, padding=1), nn.ReLU(), nn.AvgPool1d(2)) for _ in range(6)]
    assert reported(nn.Sequential(*parts), (4, 512)) == []


def test_the_row_is_named_layer_by_layer():
    [finding] = findings(program("NW602", "bad"), select=["NW602"])
    assert finding.evidence["layers"] == ["first", *(f"hidden.{i}" for i in range(10)), "head"]
    assert len(finding.evidence["variances"]) == len(finding.evidence["ratios"]) + 1
    assert "from first to head, 12 layers without a norm" in finding.message
