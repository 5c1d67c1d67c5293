"""NW204: backward from a tensor without history."""

import torch
from torch import nn

from netwright.lint.run import check
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


class Cut(nn.Module):
    def __init__(self, both: bool = False):
        super().__init__()
        self.first, self.second, self.both = nn.Linear(4, 4), nn.Linear(4, 2), both

    def forward(self, x):
        y = self.first(x).relu()
        return self.second(y.detach()) + (y.mean() if self.both else 0)


def test_a_layer_cut_off_in_the_network_gets_no_gradient_and_is_named():
    net = Cut()
    net(torch.rand(2, 4)).sum().backward()
    assert net.first.weight.grad is None
    [finding] = check(net, (4,), select=["NW204"])
    assert finding.evidence["parameters"] == ["first.weight"]


def test_a_second_path_without_a_cut_is_enough():
    assert check(Cut(both=True), (4,), select=["NW204"]) == []
