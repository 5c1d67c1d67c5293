"""NW711: optimizers that change nothing of what is trained."""

import pytest
import torch
from torch import nn

from netwright.lint.run import check
from programs import findings, program, script

HEAD = "import copy\nimport torch\nfrom torch import nn\n"
STEP = "loss(net(x)).backward()\noptimizer.step()\n"
MADE = "optimizer = torch.optim.SGD(net.parameters(), 0.1)\n"
NET = "net = nn.Linear(2, 2)\n"
FREEZE = "for p in net.parameters():\n    p.requires_grad = False\n"


def step(net, optimizer):
    net.zero_grad()
    before = net.weight.clone()
    loss = net(torch.ones(1, 2)).sum()
    if loss.requires_grad:
        loss.backward()
    optimizer.step()
    return torch.equal(before, net.weight)


def test_torch_says_nothing_where_nothing_is_learnt():
    net = nn.Linear(2, 2)
    old = torch.optim.SGD(net.parameters(), 0.1)
    assert not step(net, old)
    assert step(nn.Linear(2, 2), old)
    assert step(net, torch.optim.SGD([p.data for p in net.parameters()], 0.1))
    net.requires_grad_(False)
    assert step(net, torch.optim.SGD(net.parameters(), 0.1))


def test_a_moved_network_keeps_its_parameters_and_adagrad_has_its_state_already():
    net = nn.Linear(2, 2)
    weight = net.weight
    assert net.to(torch.float64).weight is weight
    assert not torch.optim.SGD(net.parameters(), 0.1).state
    assert torch.optim.Adagrad(net.parameters(), 0.1).state[weight]["sum"].shape == (2, 2)


def test_messages_name_what_was_frozen_or_replaced_and_where():
    messages = [finding.message for finding in findings(program("NW711", "bad"), select=["NW711"])]
    assert messages[0].endswith("the parameters of `net`, which line 16 freezes: it changes nothing.")
    assert messages[2] == "`optimizer` keeps the old parameters of `net.fc`, which line 32 replaces."


@pytest.mark.parametrize(
    "between",
    [
        "net[1].requires_grad_(True)\n",
        "for p in net[1].parameters():\n    p.requires_grad = True\n",
        "net = nn.Sequential(net, nn.Linear(2, 2))\n",
        "net.head = nn.Linear(2, 2)\n",
        "add_adapters(net)\n",
    ],
)
def test_what_may_give_a_frozen_network_parameters_that_learn_is_believed(between):
    assert script(HEAD + NET + FREEZE + between + MADE + STEP, "NW711") == []
    assert script(HEAD + NET + FREEZE + "net = net.to(device)\n" + MADE + STEP, "NW711") == [8]


def test_a_network_that_is_frozen_after_its_training_is_right():
    assert script(HEAD + NET + MADE + STEP + FREEZE + "optimizer.state_dict()\n", "NW711") == []
    assert script(HEAD + NET + MADE + "net.requires_grad_(False)\n" + STEP, "NW711") == [5]
    condition = "if features:\n    net.requires_grad_(False)\n"
    assert script(HEAD + NET + MADE + condition + STEP, "NW711") == []


def test_a_copy_is_new_and_a_wrapper_is_not():
    assert script(HEAD + NET + MADE + "net = copy.deepcopy(net)\n" + STEP, "NW711") == [5]
    assert script(HEAD + NET + MADE + "net = torch.compile(net)\n" + STEP, "NW711") == []
    again = "net = nn.Linear(2, 3)\n" + MADE
    assert script(HEAD + NET + MADE + again + STEP, "NW711") == []


def test_layers_that_the_constructor_adds_after_the_optimizer_are_not_in_it():
    text = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.optimizer = torch.optim.SGD(self.parameters(), 0.1)\n"
    text += "        self.fc = nn.Linear(2, 2)\n"
    use = "    def fit(self, x):\n        self(x).sum().backward()\n        self.optimizer.step()\n"
    assert script(HEAD + text + use, "NW711") == [7]
    without_weights = text.replace("nn.Linear(2, 2)", "nn.Identity()")
    assert script(HEAD + without_weights + use, "NW711") == []


def test_parameters_that_are_given_later_count():
    later = "net.head = nn.Linear(2, 2)\noptimizer.add_param_group({'params': net.head.parameters()})\n"
    assert script(HEAD + NET + MADE + later + STEP, "NW711") == []


def test_tensors_that_ask_for_a_gradient_are_not_idle():
    assert script(HEAD + "o = torch.optim.SGD([torch.zeros(3)], 0.1)\n", "NW711") == [4]
    assert script(HEAD + "o = torch.optim.SGD([torch.zeros(3, requires_grad=True)], 0.1)\n", "NW711") == []
    assert script(HEAD + "o = torch.optim.SGD(net.state_dict().values(), 0.1)\n", "NW711") == [4]
    grads = "o = torch.optim.SGD([p.data for p in net.parameters()], 0.1)\np.grad = g\n"
    assert script(HEAD + grads, "NW711") == []


def test_a_move_is_loud_for_adagrad_only(tmp_path):
    for name, severity in (("Adagrad", "error"), ("Adam", "info")):
        file = tmp_path / f"{name.lower()}.py"
        file.write_text(HEAD + NET + MADE.replace("SGD", name) + "net = net.cuda()\n" + STEP)
        (finding,) = check(str(file), select=["NW711"])
        assert finding.severity == severity
