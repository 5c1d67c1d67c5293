"""NW712: methods of `nn.Module` that PyTorch cannot call any more."""

import inspect

import pytest
from torch import nn

from netwright.lint.rules.nw712_override_mismatch import CALLS
from programs import findings, program, script

HEAD = "from functools import partial\nfrom torch import nn\nclass Net(nn.Module):\n"


@pytest.mark.parametrize("name", CALLS)
def test_torch_s_own_method_takes_the_calls_of_the_rule(name):
    signature = inspect.signature(getattr(nn.Module(), name))
    for call in CALLS[name]:
        eval(f"bind{call}", {"bind": signature.bind, "state": {}, "function": print, "device": "cpu"})


def test_pytorch_really_makes_the_calls_that_fail():
    class Net(nn.Module):
        def train(self, x, y):
            return self

        def state_dict(self):
            return {}

    with pytest.raises(TypeError, match="'y'"):
        Net().eval()
    with pytest.raises(TypeError, match="'y'"):
        nn.Sequential(Net()).train()
    with pytest.raises(TypeError, match="destination"):
        nn.Sequential(Net()).state_dict()


def test_messages_name_the_class_the_call_and_the_reason():
    found = {finding.line: finding.message for finding in findings(program("NW712", "bad"))}
    assert found[13] == (
        "`Net.train` cannot be called as `train()`: missing a required argument: 'x'; "
        "it takes the place of `nn.Module.train`, which PyTorch calls."
    )
    assert "`Silent.train` cannot be called as `train(False)`: too many positional arguments" in found[28]
    assert "`Net.children` is a property, which cannot be called" in found[20]


def test_decorators_that_may_change_the_signature_are_not_judged():
    assert script(HEAD + "    @wrapped\n    def train(self, x):\n        pass\n", "NW712") == []
    assert script(HEAD + "    def train(self, x, *, y):\n        pass\n", "NW712") == [4]


def test_values_that_can_be_called_are_fine():
    body = "    train = partial(fit)\n    def __init__(self, apply):\n        self.apply = apply\n"
    assert script(HEAD + body, "NW712") == []
    assert script(HEAD + "    parameters = None\n", "NW712") == [4]
