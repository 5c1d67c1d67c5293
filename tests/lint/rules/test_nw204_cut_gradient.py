"""NW204: backward from a tensor without history."""

import torch
from torch import nn

from programs import script

HEAD = "import torch\nfrom torch.autograd import Variable\n"


def test_a_tensor_made_anew_really_gives_no_parameter_a_gradient():
    net = nn.Linear(2, 1)
    loss = torch.tensor(net(torch.ones(1, 2)).sum().item(), requires_grad=True)
    loss.backward()
    assert net.weight.grad is None


def test_a_loss_that_is_only_sometimes_cut_is_not_reported():
    text = "loss = f(x)\nif a:\n    loss = torch.tensor(loss)\nloss.backward()\n"
    assert script(HEAD + text, "NW204") == []


def test_a_literal_leaf_may_be_optimised():
    assert script(HEAD + "torch.tensor([1.0], requires_grad=True).backward()\n", "NW204") == []


def test_a_variable_keeps_its_history_but_its_data_do_not():
    assert script(HEAD + "l = f(x)\nVariable(l, requires_grad=True).backward()\n", "NW204") == []
    assert script(HEAD + "l = f(x)\nVariable(l.data, requires_grad=True).backward()\n", "NW204") == [4]
