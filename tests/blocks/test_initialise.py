"""Starting values by name and by pattern."""

import pytest
import torch
from torch import nn

from netwright.blocks.initialise import INITIALISERS, constant, he, initialise, normal, ones, uniform, zeros
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
        ({"hed.*": zeros}, r"the rule `hed.\*` matches no parameter; .*conv, linear.* names like 0.weight"),
        ({"conv": "he_normal"}, "no initialisation is called `he_normal`; there are normal, zeros"),
        ({"0.*": "kaiming_normal"}, r"`0.bias` \(64,\) cannot be filled so: .*fewer than 2 dim"),
        ({"linear": "dirac"}, r"`4.weight` \(32, 64\) cannot be filled so: .*narrow the rule"),
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
