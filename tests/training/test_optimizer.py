"""What decays, what is spared, and what a step does."""

from functools import partial

import pytest
import torch
from torch import nn

from netwright.errors import RecipeError
from netwright.plugins import Plugin
from netwright.training import optimizer
from netwright.training.job import settings
from netwright.training.optimizer import OPTIMIZERS, chosen, split
from netwright.training.recipe import Recipe
from tiny import Net


def build(net, **options):
    recipe = Recipe(**options)
    return chosen(recipe.optimizer)(net, settings(recipe))


def test_norms_and_biases_are_spared():
    net = Net()
    decayed, spared = split(net)
    assert {id(p) for p in decayed} == {id(net.conv.weight), id(net.head.weight)}
    expected = {id(p) for p in (net.conv.bias, net.head.bias, net.norm.weight, net.norm.bias)}
    assert {id(p) for p in spared} == expected


def test_a_layer_norm_over_a_map_is_spared_though_it_has_axes():
    assert split(nn.LayerNorm((4, 8, 8)))[0] == []


def test_a_shared_weight_is_there_once():
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    decayed, spared = split(nn.Sequential(first, second))
    assert len(decayed) == 1
    assert len(spared) == 2


def test_decay_shrinks_weights_and_leaves_the_spared_alone():
    net = Net()
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    optimizer = build(net, weight_decay=0.1, lr=0.5, momentum=0.0, nesterov=False)
    for parameter in net.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for name, parameter in net.named_parameters():
        decayed = name in ("conv.weight", "head.weight")
        torch.testing.assert_close(parameter.detach(), before[name] * (0.95 if decayed else 1.0))


@pytest.mark.parametrize("nesterov", [True, False])
def test_sgd_is_torch_s(nesterov):
    mine, theirs = nn.Linear(3, 2, bias=False), nn.Linear(3, 2, bias=False)
    theirs.load_state_dict(mine.state_dict())
    ours = build(mine, lr=0.2, momentum=0.8, nesterov=nesterov, weight_decay=0.01)
    reference = torch.optim.SGD(theirs.parameters(), 0.2, 0.8, nesterov=nesterov, weight_decay=0.01)
    agree(mine, theirs, ours, reference)


def test_adamw_is_torch_s():
    mine, theirs = nn.Linear(3, 2, bias=False), nn.Linear(3, 2, bias=False)
    theirs.load_state_dict(mine.state_dict())
    ours = build(mine, optimizer="adamw", lr=0.01, momentum=0.85, weight_decay=0.1)
    reference = torch.optim.AdamW(theirs.parameters(), 0.01, betas=(0.85, 0.999), weight_decay=0.1)
    agree(mine, theirs, ours, reference)


def agree(mine, theirs, ours, reference):
    x = torch.randn(5, 3)
    for _ in range(4):
        for net, each in ((mine, ours), (theirs, reference)):
            each.zero_grad()
            net(x).square().sum().backward()
            each.step()
    torch.testing.assert_close(mine.weight, theirs.weight)


def test_a_net_of_norms_alone_has_one_group():
    assert len(build(nn.BatchNorm2d(3)).param_groups) == 1


def test_clipping_under_16_mixed_takes_the_optimizer_that_can_be_unscaled():
    assert build(Net(), clip_grad_norm=1.0, precision="16-mixed").defaults["fused"] is False
    assert build(Net(), clip_grad_norm=1.0).defaults["fused"] is True


@pytest.mark.parametrize("kind", [torch.optim.Adagrad, partial(torch.optim.Adam, amsgrad=True)])
def test_any_optimizer_of_torch_can_be_given_and_gets_the_rate_and_the_decay(kind):
    built = build(Net(), optimizer=kind, lr=0.02, weight_decay=0.3)
    assert [(group["lr"], group["weight_decay"]) for group in built.param_groups] == [
        (0.02, 0.3),
        (0.02, 0.0),
    ]


@pytest.mark.parametrize(
    ("factory", "said"),
    [(torch.optim.LBFGS, "`LBFGS` cannot be built"), (lambda groups, lr: groups, "returned a list")],
)
def test_an_optimizer_that_cannot_be_used_is_refused(factory, said):
    with pytest.raises(RecipeError, match=said):
        build(Net(), optimizer=factory)


def test_an_optimizer_of_an_installed_package_has_a_name(monkeypatch):
    added = Plugin("theirs", "their-package 1.2", torch.optim.RMSprop)
    monkeypatch.setattr(optimizer, "plugins", lambda group: (added,) if group == "optimizers" else ())
    assert isinstance(build(Net(), optimizer="theirs"), torch.optim.RMSprop)
    with pytest.raises(RecipeError, match="sgd, adamw, muon, theirs"):
        Recipe(optimizer="lion")


def test_the_help_of_the_recipe_names_every_optimizer():
    assert all(name in Recipe.model_fields["optimizer"].description for name in OPTIMIZERS)
