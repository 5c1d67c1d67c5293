"""Muon for matrices, AdamW for the rest."""

import pytest
import torch
from torch import nn

from netwright.training.muon import Muon, hidden, matrix
from netwright.training.optimizer import Settings, groups
from tiny import Net

SETTINGS = Settings(lr=0.02, weight_decay=0.1, momentum=0.9)


def muon(net, settings=SETTINGS) -> Muon:
    return Muon(net, groups(net, settings.weight_decay), settings)


def with_gradients(net, seed: int):
    draw = torch.Generator().manual_seed(seed)
    for parameter in net.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=draw)


def test_a_matrix_moves_as_torch_s_muon_moves_it_and_the_rest_as_adamw():
    mine = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))
    theirs = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))
    theirs.load_state_dict(mine.state_dict())
    rest = [p for p in theirs.parameters() if p is not theirs[0].weight]
    decays = [{"params": [p], "weight_decay": 0.1 if p is theirs[2].weight else 0.0} for p in rest]
    references = [
        torch.optim.Muon([theirs[0].weight], 0.02, 0.1, 0.9, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(decays, 0.02, betas=(0.9, 0.999)),
    ]
    ours = muon(mine)
    for step in range(3):
        for net in (mine, theirs):
            with_gradients(net, step)
        ours.step()
        for optimizer in references:
            optimizer.step()
    for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_a_convolution_moves_as_its_matrix_does(memory_format):
    net = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.Conv2d(8, 2, 1)).to(memory_format=memory_format)
    weight = net[0].weight
    flat = nn.Parameter(weight.detach().flatten(1).clone())
    reference = torch.optim.Muon([flat], 0.02, 0.1, 0.9, adjust_lr_fn="match_rms_adamw")
    ours = muon(net)
    for step in range(3):
        with_gradients(net, step)
        flat.grad = weight.grad.flatten(1).clone()
        ours.step()
        reference.step()
    # bfloat16 sums in another order of the columns, so the last bits differ
    torch.testing.assert_close(weight.detach().flatten(1), flat.detach(), atol=2e-3, rtol=0)


def test_what_is_not_a_hidden_weight_is_left_to_adamw():
    net = nn.Sequential(
        nn.Embedding(5, 4), nn.MultiheadAttention(4, 2), nn.GRU(4, 4), nn.LayerNorm(4), nn.Linear(4, 3)
    )
    names = {id(parameter): name for name, parameter in net.named_parameters()}
    assert {names[id(weight)] for weight in hidden(net)} == {
        "1.in_proj_weight", "1.out_proj.weight", "2.weight_ih_l0", "2.weight_hh_l0",
    }  # fmt: skip
    assert hidden(Net())[0].shape == (4, 1, 3, 3)


def test_a_head_tied_to_the_embedding_is_left_to_adamw():
    net = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 4), nn.Linear(4, 5))
    net[2].weight = net[0].weight
    assert [weight is net[1].weight for weight in hidden(net)] == [True]


def test_every_parameter_is_in_one_group_and_norms_and_biases_do_not_decay():
    net = Net()
    optimizer = muon(net)
    grouped = [p for group in optimizer.param_groups for p in group["params"]]
    assert {id(p) for p in grouped} == {id(p) for p in net.parameters()}
    assert len(grouped) == len(list(net.parameters()))
    decayed = {id(p) for g in optimizer.param_groups if g["weight_decay"] for p in g["params"]}
    assert decayed == {id(net.conv.weight), id(net.head.weight)}


def test_the_learning_rate_of_the_groups_is_the_one_that_counts():
    net = Net()
    before = [parameter.clone() for parameter in net.parameters()]
    optimizer = muon(net)
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    with_gradients(net, 0)
    optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))


def test_the_view_shares_the_memory_of_the_weight():
    for weight in (torch.zeros(4, 3, 2, 2), torch.zeros(4, 3, 2, 2).to(memory_format=torch.channels_last)):
        matrix(weight)[1] = 1
        assert weight[1].min() == 1
        assert weight.sum() == 12
