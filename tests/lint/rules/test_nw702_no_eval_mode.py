"""NW702: modes of training and evaluation."""

import pytest

from netwright.lint.run import check
from netwright.lint.session import Session
from programs import findings, program, script

HEAD = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        self.{layer}
    def forward(self, x):
        return self.a(x)
net = Net()
def score(model, loader):
    {before}
    n = 0
    for x, y in loader:
        n += (model(x).argmax(1) == y).sum()
    return n
"""


def judged(before="pass", layer="a = nn.Dropout()", after="score(net, data)"):
    return script(HEAD.format(before=before, layer=layer) + after + "\n", "NW702")


def test_an_evaluation_in_training_mode_is_found():
    assert judged() == [12]


def test_both_must_be_there():
    assert judged("model.eval()") == [12]
    assert judged(after="net.eval()\nwith torch.no_grad():\n    score(net, data)") == []
    assert judged(after="net.train(False)\nwith torch.inference_mode():\n    score(net, data)") == []


def test_without_modal_layers_only_the_graph_matters():
    linear = "a = nn.Linear(2, 2)"
    assert judged(layer=linear) == [12]
    assert judged(layer=linear, after="with torch.no_grad():\n    score(net, data)") == []


def test_a_function_nobody_calls_is_not_judged():
    assert judged(after="pass") == []


def test_severity_follows_what_is_certain():
    reported = findings(program("NW702", "bad"), select=["NW702"])
    assert sorted(finding.severity for finding in reported) == ["error", "warning"]


def test_the_fix_sets_both_modes_and_leaves_nothing_to_say(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(program("NW702", "bad").read_text())
    outcome = Session([str(file)], select=["NW702"]).fix(unsafe=False, write=True)
    assert outcome.findings == ()
    text = file.read_text()
    assert "    model.train()\n    for x, y in loader:" in text
    assert "@torch.no_grad()\ndef accuracy(model, loader):" in text
    assert "    model.eval()\n    for x, y in loader:" in text


def test_eval_without_a_way_back_is_an_error():
    text = program("NW702", "good").read_text().replace("    model.train()\n", "")
    line = text[: text.index("    for x, y in loader:")].count("\n") + 1
    assert script(text, "NW702") == [line]


IMPORTED = """import torch
from model import Net
net = Net()
def psnr(loader):
    total = 0
    with torch.no_grad():
        for x, y in loader:
            total += torch.nn.functional.mse_loss(net(x), y).item()
    return total
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
def train(loader):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
for _ in range(3):
    train(data)
    psnr(data)
"""


@pytest.mark.parametrize(("layer", "lines"), [("Conv2d(3, 3, 3)", []), ("BatchNorm2d(3)", [7, 12])])
def test_a_network_of_another_file_is_judged_by_its_class(tmp_path, layer, lines):
    """An upscaling network without norms and dropout needs no mode, wherever its class stands."""
    net = (
        f"from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        self.a = nn.{layer}\n"
    )
    (tmp_path / "model.py").write_text(net)
    (tmp_path / "train.py").write_text(IMPORTED)
    reported = check(str(tmp_path / "train.py"), select=["NW702"])
    assert [finding.line for finding in reported] == lines


FIT = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        self.a = nn.Dropout()
def fit(model, train, valid):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(3):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()
        model.eval()
        right = 0
        with torch.no_grad():
            for x, y in valid:
                right += (model(x).argmax(1) == y).sum()
fit(Net(), a, b)
"""
WITHOUT_GRADIENTS = """        with torch.no_grad():
            for x, y in valid:
                right += (model(x).argmax(1) == y).sum()
"""
WITH_GRADIENTS = """        for x, y in valid:
            right += (model(x).argmax(1) == y).sum()
"""


def test_a_validation_in_the_function_of_its_training_is_judged():
    assert script(FIT, "NW702") == []
    assert script(FIT.replace("        model.eval()\n", ""), "NW702") == [16]
    assert script(FIT.replace(WITHOUT_GRADIENTS, WITH_GRADIENTS), "NW702") == [16]
    assert script(FIT.replace("        model.train()\n", ""), "NW702") == [9]
    early = FIT.replace("        model.train()\n", "").replace(
        "    for epoch", "    model.train()\n    for epoch"
    )
    assert script(early, "NW702") == [10]


def test_there_the_fix_puts_no_grad_around_the_loop(tmp_path):
    """A decorator would take the gradients from the training."""
    file = tmp_path / "a.py"
    file.write_text(FIT.replace(WITHOUT_GRADIENTS, WITH_GRADIENTS))
    Session([str(file)], select=["NW702"]).fix(unsafe=False, write=True)
    assert file.read_text() == FIT


def test_a_loop_whose_sum_is_differentiated_is_no_validation():
    text = FIT.replace("        model.eval()\n", "").replace("right", "loss_sum")
    assert script(text + "", "NW702") == [16]
    assert script(text.replace("loss(model(x), y).backward()", "loss_sum.backward()"), "NW702") == []


def beside(tmp_path, text, where="from quiet import inference\n", decorator="@inference"):
    (tmp_path / "quiet.py").write_text(text)
    loop = where + HEAD.format(layer="a = nn.Dropout()", before="pass") + "score(net, data)\n"
    (tmp_path / "a.py").write_text(loop.replace("def score", f"{decorator}\ndef score"))
    return [one.evidence["missing"] for one in check(str(tmp_path / "a.py"), select=["NW702"])]


def test_an_imported_decorator_is_read_in_the_file_beside(tmp_path):
    quiet = "import torch\ndef inference(f):\n    return torch.no_grad()(f)\n"
    both = "import torch\ndef inference(f):\n    net.eval()\n    return torch.inference_mode()(f)\n"
    neither = "def inference(f):\n    return f\n"
    assert beside(tmp_path, quiet) == [["model.eval()"]]
    assert beside(tmp_path, both) == []
    assert beside(tmp_path, neither) == [["model.eval()", "torch.no_grad()"]]


@pytest.mark.parametrize(
    ("where", "decorator"),
    [
        ("from elsewhere import inference\n", "@inference"),
        ("import elsewhere\n", "@elsewhere.inference()"),
        ("from quiet import other\n", "@other"),
    ],
)
def test_a_decorator_that_cannot_be_read_may_set_the_mode(where, decorator, tmp_path):
    assert beside(tmp_path, "def inference(f):\n    return f\n", where, decorator) == []


def test_a_loop_that_hands_the_model_to_another_file_may_need_gradients():
    """An attack on the network differentiates through it."""
    attack = HEAD.replace("        n +=", "        x = attack(model, x, y)\n        n +=")
    text = attack.format(layer="a = nn.Linear(2, 2)", before="pass")
    assert script(text + "score(net, data)\n", "NW702") == []


def test_the_message_does_not_speak_of_layers_that_were_not_seen(tmp_path):
    text = HEAD.format(layer="a = nn.Dropout()", before="pass") + "score({}, data)\n"
    for name, words, kind in (
        ("net", "its dropout is active", "safe"),
        ("make()", "if it has batch norms", "unsafe"),
    ):
        (tmp_path / "a.py").write_text("from made import make\n" + text.format(name))
        reported = check(str(tmp_path / "a.py"), select=["NW702"])
        assert [(words in one.message, one.fix.kind) for one in reported] == [(True, kind)]


def test_a_function_that_goes_on_to_compute_gradients_is_not_decorated(tmp_path):
    """What it calls after the loop would stand under `no_grad`."""
    text = HEAD.format(layer="a = nn.Linear(2, 2)", before="pass").replace(
        "return n", "return saliency(model), n"
    )
    text += "def saliency(model):\n    model(1).backward()\nscore(net, data)\n"
    (tmp_path / "a.py").write_text(text)
    Session([str(tmp_path / "a.py")], select=["NW702"]).fix(unsafe=False, write=True)
    fixed = (tmp_path / "a.py").read_text()
    assert "    with torch.no_grad():\n        for x, y in loader:\n            n +=" in fixed
    assert "@torch.no_grad()" not in fixed


def test_a_train_of_somebody_else_sets_no_mode():
    text = program("NW702", "good").read_text().replace("    model.train()\n", "")
    trainer = "class Trainer:\n    def train(self, loader): ...\n"
    loop = "for _ in range(3):\n    Trainer().train(data)\n    train(net, data)"
    assert script(text.replace("for _ in range(3):\n    train(net, data)", trainer + loop), "NW702") != []


def test_the_eval_of_another_network_does_not_change_the_mode_of_this_one():
    """A teacher is often put into evaluation mode in each epoch."""
    early = FIT.replace("        model.train()\n", "").replace(
        "    optimizer =", "    model.train()\n    optimizer ="
    )
    other = early.replace("        model.eval()\n", "        teacher.eval()\n")
    lines = [6, 7, 8, 9, 10]
    assert set(script(early, "NW702")) & set(lines)
    known = other.replace("fit(Net(), a, b)", "teacher = nn.Dropout()\nfit(Net(), a, b)")
    assert not set(script(known, "NW702")) & set(lines)


def test_a_network_that_calls_its_part_in_a_loop_measures_nothing():
    text = """from torch import nn
class Head(nn.Module):
    def __init__(self):
        self.a = nn.Dropout()
class Net(Foreign):
    def __init__(self):
        self.head = Head()
    def forward(self, x):
        losses = []
        for part in x:
            losses.append(self.head(part).max())
        return losses
Net().forward(x)
"""
    assert script(text, "NW702") == []
    assert script(text.replace("head(", "model(").replace("head =", "model ="), "NW702") == [10]


MARKED = """import torch
from torch import nn
from marks import evaluation
net = nn.Sequential(nn.Linear(4, 2), nn.Dropout())
optimizer = torch.optim.SGD(net.parameters(), 0.1)
def train(loader):
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
@evaluation
def validate(loader):
    total = 0.0
    for x, y in loader:
        total += nn.functional.cross_entropy(net(x), y).item()
    return total
for epoch in range(3):
    train(a)
    validate(b)
"""


def test_a_decorator_of_unknown_origin_may_set_the_mode_and_reset_it(tmp_path):
    assert script(MARKED, "NW702") == []
    file = tmp_path / "train.py"
    file.write_text(MARKED)
    (tmp_path / "marks.py").write_text("def evaluation(function):\n    return function\n")
    assert {finding.line for finding in check(str(file), select=["NW702"])} == {7, 14}
