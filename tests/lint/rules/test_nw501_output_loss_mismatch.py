"""NW501: outputs that are not what the loss expects."""

import math

import pytest
import torch
from torch.nn import functional as F

from netwright.lint.fix import apply
from netwright.lint.run import check
from programs import findings, program, script

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"


def test_the_page_s_floor_of_the_doubled_softmax_is_right():
    certain = F.one_hot(torch.tensor([0]), 10).float()
    floor = F.cross_entropy(certain, torch.tensor([0])).item()
    assert floor == pytest.approx(math.log(1 + 9 / math.e), abs=1e-6)


def test_fixes_return_the_logits_or_change_the_loss():
    fixes = [finding.fix for finding in findings(program("NW501", "bad"), select=["NW501"])]
    texts = ["self.fc(x)", "x", "nn.CrossEntropyLoss, which takes logits", "logits(x)"]
    assert [fix.text for fix in fixes] == texts
    assert {fix.kind for fix in fixes} == {"unsafe"}


def test_the_fixed_program_is_silent(tmp_path):
    bad, fixed = program("NW501", "bad"), tmp_path / "fixed.py"
    fixed.write_text(apply(bad.read_text(), findings(bad, select=["NW501"])).text)
    assert findings(fixed, select=["NW501"]) == []


def test_a_softmax_that_ends_a_container_is_named_where_it_stands(tmp_path):
    body = "    def __init__(self):\n        self.seq = nn.Sequential(nn.Linear(2, 2), nn.Softmax(1))\n"
    text = HEAD + f"class Net(nn.Module):\n{body}    def forward(self, x):\n        return self.seq(x)\n"
    text += "F.cross_entropy(Net()(x), y)\n"
    assert script(text, "NW501") == [6]
    file = tmp_path / "net.py"
    file.write_text(text)
    fixed = apply(text, findings(file, select=["NW501"])).text
    assert fixed == text.replace(", nn.Softmax(1)", "")


def test_a_recorded_softmax_of_a_container_is_named_where_it_stands(tmp_path):
    body = "    def __init__(self):\n        super().__init__()\n"
    body += "        self.seq = nn.Sequential(nn.Linear(2, 2), nn.Softmax(1))\n"
    text = HEAD + f"class Net(nn.Module):\n{body}    def forward(self, x):\n        return self.seq(x)\n"
    (tmp_path / "net.py").write_text(text + "def loss(x, y):\n    return F.cross_entropy(Net()(x), y)\n")
    assert [one.line for one in check(f"{tmp_path / 'net.py'}:Net", (2,), select=["NW501"])] == [7]


def test_log_probabilities_into_cross_entropy_are_right():
    """log_softmax of log-probabilities changes nothing."""
    assert script(HEAD + "F.cross_entropy(F.log_softmax(z, 1), y)\n", "NW501") == []
    z = torch.randn(4, 3).log_softmax(1)
    assert torch.allclose(z, z.log_softmax(1), atol=1e-6)


NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.last = nn.Conv2d(3, 1, 1)
    def scores(self, x):
        return torch.sigmoid(self.fc(x))
    def forward(self, x):
        return {result}
"""


def judged(result, use):
    """The lines of the network and of its use, counted without the imports and the other one."""
    return [line - 3 for line in script(HEAD + NET.format(result=result) + use + "\n", "NW501")]


@pytest.mark.parametrize(
    ("result", "use", "line"),
    [
        ("self.fc(x).softmax(1), x", "out, rest = Net()(x)\nF.cross_entropy(out, y)", 9),
        ("self.fc(x).softmax(1), x", "F.cross_entropy(Net()(x)[0], y)", 9),
        ("x, self.fc(x).softmax(1)", "out = Net()(x)\nF.cross_entropy(out[1], y)", 9),
        ("self.fc(x).softmax(1)", "F.cross_entropy(Net()(x).view(-1, 3), y)", 9),
        ("self.fc(x).softmax(1)", "F.cross_entropy(torch.flatten(Net()(x), 1), y)", 9),
        ("self.fc(x).softmax(1).squeeze(1)", "out = Net()(x)\nF.cross_entropy(input=out, target=y)", 9),
        ("self.fc(x).softmax(1)", "loss = nn.CrossEntropyLoss().cuda()\nloss(Net()(x), y)", 9),
        ("self.fc(x).softmax(1)", "net = Net()\nnet = net.to(d)\nnn.CrossEntropyLoss().to(d)(net(x), y)", 9),
        ("self.fc(x).softmax(1)", "net = nn.DataParallel(Net())\nF.cross_entropy(net(x), y)", 9),
        ("self.fc(x).log_softmax(1)", "F.binary_cross_entropy(Net()(x), y)", 9),
        ("self.scores(x)", "F.cross_entropy(Net()(x), y)", 7),
        ("self.last(x)", "F.binary_cross_entropy(Net()(x).squeeze(1), y)", 10),
        ("self.fc(x)", "net = nn.Sequential(nn.Linear(4, 3), nn.Flatten())\nF.nll_loss(net(x), y)", 11),
        ("self.fc(x)", "def f(out, y):\n    return F.nll_loss(out, y)\nout, z = Net()(x), 1\nf(out, y)", 11),
    ],
)
def test_outputs_are_followed_through_tuples_views_and_moves(result, use, line):
    assert judged(result, use) == [line]


@pytest.mark.parametrize(
    ("result", "use"),
    [
        ("self.fc(x), self.fc(x).softmax(1)", "out, shown = Net()(x)\nF.cross_entropy(out, y)"),
        ("self.fc(x).softmax(1), x", "out, *rest = Net()(x)\nF.cross_entropy(out, y)"),
        ("(self.fc(x).softmax(1), x) if x else x", "F.cross_entropy(Net()(x)[0], y)"),
        ("self.fc(x).softmax(1)", "F.cross_entropy(Net()(x).log(), y)"),
        ("self.fc(x).log_softmax(1)", "F.nll_loss(Net()(x).flatten(0, 1), y)"),
        ("self.scores(x)", "F.binary_cross_entropy(Net()(x), y)"),
        ("self.other(x)", "F.cross_entropy(Net()(x), y)"),
    ],
)
def test_what_fits_or_is_not_certain_says_nothing(result, use):
    assert judged(result, use) == []


def test_a_trainer_that_holds_the_network_and_the_loss_is_followed():
    trainer = """class Trainer:
    def __init__(self, net, device):
        self.net = net.to(device)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    def step(self, x, y):
        return self.criterion(self.net(x), y)
trainer = Trainer(Net(), "cpu")
"""
    assert judged("self.fc(x).softmax(1)", trainer) == [9]
    assert judged("self.fc(x).softmax(1)", trainer + "trainer.net = nn.Linear(2, 2)") == []


def test_both_results_of_a_forward_must_be_wrong():
    branch = "self.fc(x)\n        return self.fc(x).softmax(1)"
    assert judged(branch, "F.cross_entropy(Net()(x), y)") == []
    assert judged(branch, "F.nll_loss(Net()(x), y)") == [11]


def test_a_sigmoid_into_the_cross_entropy_bounds_the_loss():
    best = torch.sigmoid(torch.tensor([[100.0, -100.0, -100.0]]))
    floor = F.cross_entropy(best, torch.tensor([0])).item()
    assert floor == pytest.approx(math.log(1 + 2 / math.e), abs=1e-6)


SELF = (
    HEAD
    + """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
    def forward(self, x):
        return self.fc(x)
    def fit(self, x, y):
        return F.nll_loss(self(x), y)
"""
)


def test_a_network_that_others_derive_from_may_return_something_else():
    assert script(SELF, "NW501") == [11]
    heir = "class Log(Net):\n    def forward(self, x):\n        return F.log_softmax(self.fc(x), 1)\n"
    assert script(SELF + heir, "NW501") == []
    assert script(SELF + heir.replace("forward", "extra"), "NW501") == [11]


@pytest.mark.parametrize(
    ("heads", "lines"),
    [
        ("[nn.Linear(4, 2), nn.Linear(4, 3)]", [6, 6]),
        ("nn.ModuleList([nn.Linear(4, 2)])", [6]),
        ("[nn.Sequential(nn.Linear(4, 2), nn.LogSoftmax(1))]", []),
        ("[nn.Linear(4, 2), own()]", [6]),
        ("make()", []),
    ],
)
def test_every_head_of_a_list_goes_into_the_loss_of_a_loop(heads, lines):
    assert (
        script(f"{HEAD}heads = {heads}\nfor head in heads:\n    F.nll_loss(head(x), y)\n", "NW501") == lines
    )
