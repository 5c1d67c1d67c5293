"""What decays, what is spared, and what a step does."""

import pytest
import torch
from torch import nn

from netwright.training.optimizer import build, penalty, split
from netwright.training.recipe import Recipe
from tiny import Net


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
    optimizer = build(net, Recipe(weight_decay=0.1, lr=0.5, momentum=0.0, nesterov=False))
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
    recipe = Recipe(lr=0.2, momentum=0.8, nesterov=nesterov, weight_decay=0.01)
    reference = torch.optim.SGD(theirs.parameters(), 0.2, 0.8, nesterov=nesterov, weight_decay=0.01)
    agree(mine, theirs, build(mine, recipe), reference)


def test_adamw_is_torch_s():
    mine, theirs = nn.Linear(3, 2, bias=False), nn.Linear(3, 2, bias=False)
    theirs.load_state_dict(mine.state_dict())
    recipe = Recipe(optimizer="adamw", lr=0.01, momentum=0.85, weight_decay=0.1)
    reference = torch.optim.AdamW(theirs.parameters(), 0.01, betas=(0.85, 0.999), weight_decay=0.1)
    agree(mine, theirs, build(mine, recipe), reference)


def agree(mine, theirs, ours, reference):
    x = torch.randn(5, 3)
    for _ in range(4):
        for net, optimizer in ((mine, ours), (theirs, reference)):
            optimizer.zero_grad()
            net(x).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(mine.weight, theirs.weight)


def test_the_gradient_of_the_penalty_is_l1_times_the_sign_plus_twice_l2_times_the_weight():
    w = torch.tensor([[1.0, -2.0], [3.0, -0.5]], requires_grad=True)
    penalty([w], l1=0.3, l2=0.1).backward()
    torch.testing.assert_close(w.grad, 0.3 * w.detach().sign() + 2 * 0.1 * w.detach())


def test_a_net_of_norms_alone_has_one_group():
    assert len(build(nn.BatchNorm2d(3), Recipe()).param_groups) == 1


def test_clipping_under_16_mixed_takes_the_optimiser_that_can_be_unscaled():
    assert build(Net(), Recipe(clip_grad_norm=1.0, precision="16-mixed")).defaults["fused"] is False
    assert build(Net(), Recipe(clip_grad_norm=1.0)).defaults["fused"] is True
