"""NW703: a global network called in place of the parameter."""

from netwright.lint.fix import apply
from programs import findings, program, script

HEAD = "from torch import nn\nclass Net(nn.Module): ...\nnet = Net()\n"


def test_the_fix_calls_the_parameter_everywhere_in_the_function():
    bad = program("NW703", "bad")
    text = apply(bad.read_text(), findings(bad, select=["NW703"])).text
    assert "[model(x).argmax(1) for x in loader]" in text


def test_a_global_that_is_not_surely_a_network_says_nothing():
    assert script("net = make()\ndef f(model, x):\n    return net(x)\n", "NW703") == []


def test_a_name_bound_in_the_function_is_not_the_global():
    assert script(HEAD + "def f(model, x):\n    net = Net()\n    return net(x)\n", "NW703") == []


def test_nested_uses_of_the_parameter_count_as_reading_it():
    assert script(HEAD + "def f(model, x):\n    g = lambda: model\n    return net(x)\n", "NW703") == []
    assert script(HEAD + "def f(model, x):\n    return net(x)\n", "NW703") == [5]


def test_networks_of_layers_of_torch_and_of_torchvision_are_networks():
    function = "def f(model, x):\n    return net(x)\n"
    for made in ("nn.Sequential(nn.Linear(2, 2))", "nn.Linear(2, 2).to(device)", "models.resnet18()"):
        head = f"from torch import nn\nfrom torchvision import models\nnet = {made}\n"
        assert script(head + function, "NW703") == [5], made


def test_losses_and_activations_are_not_networks():
    for made in ("nn.CrossEntropyLoss()", "nn.ReLU()", "nn.Upsample(2)"):
        head = f"from torch import nn\nnet = {made}\n"
        assert script(head + "def f(model, x):\n    return net(x)\n", "NW703") == [], made
