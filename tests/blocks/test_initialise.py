"""Starting values by name, by pattern and scaled by data."""

import pytest
import torch
from torch import nn

from netwright.blocks.initialise import (
    INITIALISERS,
    constant,
    he,
    initialise,
    normal,
    ones,
    scale_by_data,
    uniform,
    zeros,
)
from netwright.errors import UsageError


def net() -> nn.Module:
    torch.manual_seed(0)
    head = nn.Linear(64, 32)
    return nn.Sequential(
        *[nn.Conv2d(16, 64, 3), nn.BatchNorm2d(64), nn.Conv2d(64, 64, 3)], nn.Flatten(), head
    )


@pytest.mark.parametrize(
    ("name", "torchs"),
    [
        ("xavier_normal", nn.init.xavier_normal_),
        ("xavier_uniform", nn.init.xavier_uniform_),
        ("kaiming_normal", lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("kaiming_uniform", lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu")),
        ("kaiming_normal_out", lambda w: nn.init.kaiming_normal_(w, mode="fan_out")),
        ("orthogonal", nn.init.orthogonal_),
        ("dirac", nn.init.dirac_),
        ("normal", lambda w: nn.init.normal_(w, std=0.01)),
        ("zeros", nn.init.zeros_),
        ("ones", nn.init.ones_),
    ],
)
def test_each_name_is_torch_s(name: str, torchs):
    ours = net()
    torch.manual_seed(3)
    initialise(ours, {"0.weight": name})
    torch.manual_seed(3)
    expected = torchs(torch.empty(64, 16, 3, 3))
    torch.testing.assert_close(ours[0].weight.detach(), expected)
    assert name in INITIALISERS


def test_a_kind_means_the_weights_of_such_layers_and_nothing_else():
    ours, before = net(), net().state_dict()
    initialise(ours, {"conv": constant(2.0)})
    changed = {name for name, value in ours.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"0.weight", "2.weight"}


def test_linear_norm_and_bias_are_kinds_too():
    ours = initialise(net(), {"linear": normal(mean=5, std=0.01), "norm": constant(0.5), "bias": ones})
    assert ours[4].weight.mean().item() == pytest.approx(5, abs=0.01)
    assert ours[1].weight.unique().tolist() == [0.5]
    assert [ours[i].bias.unique().tolist() for i in (0, 1, 2, 4)] == [[1]] * 4


def test_a_later_rule_wins_and_a_pattern_takes_whole_layers():
    ours = initialise(net(), {"conv": constant(1.0), "2.*": zeros, "4.*": uniform(low=2, high=3)})
    assert ours[0].weight.min() == 1
    assert not ours[2].weight.any()
    assert not ours[2].bias.any()
    assert ours[4].bias.min() >= 2


def test_embeddings_are_a_kind():
    ours = initialise(nn.Embedding(5, 3), {"embedding": zeros})
    assert not ours.weight.any()


def test_a_frozen_or_meta_network_can_be_filled():
    with torch.device("meta"):
        assert initialise(nn.Linear(3, 2), {"linear": "kaiming_normal"}).weight.is_meta
    frozen = nn.Linear(3, 2).requires_grad_(False)
    assert initialise(frozen, {"linear": ones}).weight.sum() == 6


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            {"hed.*": zeros},
            r"the rule `hed.\*` matches no parameter; .*conv, linear.* names, such as 0.weight",
        ),
        ({"conv": "he_normal"}, "no initialiser is called `he_normal`; there are normal, zeros"),
        (
            {"0.*": "kaiming_normal"},
            r"`0.bias` of shape \(64,\) cannot be filled this way: .*fewer than 2 dim",
        ),
        (
            {"linear": "dirac"},
            r"`4.weight` of shape \(32, 64\) cannot be filled this way: .*restrict the rule",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_remedy(rules, message: str):
    with pytest.raises(UsageError, match=message):
        initialise(net(), rules)


def test_he_draws_for_rectifiers_by_fan_out_or_fan_in():
    weight = he(nn.Sequential(nn.Conv2d(32, 128, 3)))[0].weight
    assert weight.std().item() == pytest.approx((2 / (128 * 9)) ** 0.5, rel=0.02)
    inside = he(nn.Sequential(nn.Conv2d(32, 128, 3)), mode="fan_in")[0].weight
    assert inside.std().item() == pytest.approx((2 / (32 * 9)) ** 0.5, rel=0.02)


def test_without_norms_fan_in_keeps_activations_where_layers_narrow():
    """Four times fewer channels each time: by fan-out the variance grows fourfold a layer."""

    def growth(mode):
        torch.manual_seed(0)
        pairs = [(256, 64), (64, 256), (256, 64), (64, 256), (256, 64)]
        layers = he(nn.Sequential(*(nn.Conv2d(a, b, 1, bias=False) for a, b in pairs[::2])), mode)
        x = torch.randn(8, 256, 4, 4)
        return [(layer(x).square().mean() / x.square().mean()).item() for layer in layers]

    assert growth("fan_in") == pytest.approx([2] * 3, rel=0.1)
    assert growth("fan_out") == pytest.approx([8] * 3, rel=0.1)


def deep() -> nn.Module:
    torch.manual_seed(0)
    layers = [layer for _ in range(12) for layer in (nn.Linear(32, 32), nn.Tanh())]
    return initialise(nn.Sequential(*layers), {"linear": "normal"})


def outputs(net: nn.Sequential, x: torch.Tensor) -> list[float]:
    variances = []
    for layer in net:
        x = layer(x)
        if isinstance(layer, nn.Linear | nn.Conv2d):
            variances.append(x.var().item())
    return variances


def test_every_layer_s_output_has_variance_one():
    x = torch.randn(64, 32)
    assert max(outputs(deep(), x)) < 0.1
    assert outputs(scale_by_data(deep(), x), x) == pytest.approx([1.0] * 12, rel=1e-3)


def test_convolutions_and_biases_are_scaled_together():
    net, x = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3)), torch.randn(4, 3, 9, 9) * 50
    direction = net[0](x)
    scale_by_data(net, x)
    assert outputs(net, x) == pytest.approx([1.0, 1.0], rel=1e-3)
    torch.testing.assert_close(net[0](x), direction / direction.std(), atol=1e-4, rtol=1e-4)


def test_modes_statistics_and_hooks_are_left_as_they_were():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
    net[1].eval()
    scale_by_data(net, torch.randn(2, 3, 5, 5))
    assert [module.training for module in net.modules()] == [True, True, False, True]
    assert not net[1].running_mean.any()
    assert not net[0]._forward_hooks


def test_a_layer_called_twice_is_scaled_once():
    shared = nn.Linear(8, 8, bias=False)
    x = torch.randn(50, 8)
    before = shared.weight.clone()
    scale_by_data(nn.Sequential(shared, nn.ReLU(), shared), x)
    torch.testing.assert_close(shared.weight, before / (x @ before.T).std())


def test_a_silent_layer_is_named():
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    initialise(net[1], {"*": "zeros"})
    with pytest.raises(UsageError, match=r"output of Linear\(in_features=4, out_features=2.* does not vary"):
        scale_by_data(net, torch.randn(5, 3))
    assert not net[0]._forward_hooks
