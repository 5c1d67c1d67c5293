"""NW706: names that torch does not have."""

import pytest

from netwright.lint.catalogue import rules
from netwright.lint.rules.nw706_unknown_torch_name import nearest
from netwright.lint.run import check, examine
from netwright.lint.script import Script
from programs import findings, program, script


def test_the_nearest_real_name_is_given():
    messages = [finding.message for finding in findings(program("NW706", "bad"), select=["NW706"])]
    near = ["ReduceLROnPlateau", "BatchNorm1d", "AdamW", "zeros_like", "cross_entropy"]
    assert all(f".{name}`?" in message for name, message in zip(near, messages, strict=True))


def test_attributes_are_fixed_safely():
    fixes = [finding.fix for finding in findings(program("NW706", "bad"), select=["NW706"])]
    assert [fix.kind for fix in fixes] == ["manual", "safe", "safe", "unsafe", "unsafe"]
    assert fixes[1].text == "nn.BatchNorm1d"


def fix(line):
    """The fix of the only wrong name in a line."""
    text = f"import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n{line}\n"
    return next(one.fix for one in examine(Script.parse(text), {"NW706": rules()["NW706"]}))


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("nn.Batchnorm2D(3)", "safe", "nn.BatchNorm2d"),
        ("F.log_Softmax(x)", "safe", "F.log_softmax"),
        ("nn.BatchNorm(3)", "manual", "torch.nn.BatchNorm1d or torch.nn.BatchNorm2d or torch.nn.BatchNorm3d"),
        ("nn.Conv(3, 3, 1)", "manual", "torch.nn.Conv1d or torch.nn.Conv2d or torch.nn.Conv3d"),
        ("nn.Conv_2d(3, 3, 1)", "unsafe", "nn.Conv2d"),
        ("nn.BatchNrom2d(3)", "unsafe", "nn.BatchNorm2d"),
        ("torch.zeroes(3)", "unsafe", "torch.zeros"),
    ],
)
def test_only_a_difference_of_case_with_one_candidate_is_safe(line, kind, text):
    assert (fix(line).kind, fix(line).text) == (kind, text)


@pytest.mark.parametrize("line", ["nn.max_pool(x)", "nn.relu(x)", "torch.Float32"])
def test_a_function_does_not_become_a_class_nor_the_reverse(line):
    assert fix(line) is None or fix(line).kind == "manual"


def test_a_package_that_is_named_torch_is_not_torch(tmp_path):
    package = tmp_path / "torch" / "parts"
    package.mkdir(parents=True)
    (package / "layer.py").write_text("import torch\ntorch.our_own_name()\n")
    assert len(check(str(package / "layer.py"), select=["NW706"])) == 1
    (tmp_path / "torch" / "__init__.py").write_text("")
    assert check(str(package / "layer.py"), select=["NW706"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "torch.nowhere = 1",
        "x = torch.compile2 if hasattr(torch, 'compile2') else None",
        "if torch.__version__ > '9':\n    torch.future_thing()",
        "try:\n    torch.future_thing()\nexcept AttributeError: ...",
        "torch.Tensor.nothing_here",
        "torch.ops.mine.op()",
        "x = torch.npu.device_count()",
        "if npu_available:\n    torch.version.cann",
        "torch._C._of_another_build()",
        "torch.classes.mine.CPUHashMap",
        "if hasattr(torch, 'old'):\n    with torch.old.scaled(x) as y:\n        pass",
        "def f():\n    assert hasattr(torch, 'old')\n    x = 1\n    return torch.old(x)",
        "with contextlib.suppress(AttributeError):\n    torch.old()",
    ],
)
def test_what_may_be_missing_on_purpose_says_nothing(text):
    assert script("import torch\n" + text + "\n", "NW706") == []


def test_a_context_or_an_assertion_of_something_else_excuses_nothing():
    assert script("import torch\nwith open(x) as file:\n    torch.old(file)\n", "NW706") == [3]
    assert script("import torch\nassert x\ntorch.old()\nassert hasattr(torch, 'old')\n", "NW706") == [3]


def test_something_quite_different_has_no_nearest():
    assert nearest("qqqqq", ["Linear", "Conv2d"]) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("from torch.nn import Conv2D", "`torch.nn` has no `Conv2D`; did you mean `torch.nn.Conv2d`?"),
        ("from torch.optim import Sgd", "`torch.optim` has no `Sgd`; did you mean `torch.optim.SGD`?"),
        ("import torch.nn.functional as F\nF.Relu(x)", "`torch.nn.functional` has no `Relu`; did you mean"),
        ("import torch as t\nt.zeroes(3)", "`torch` has no `zeroes`; did you mean `torch.zeros`?"),
        (
            "import torch\ntorch.nn.init.qqqqq(w)",
            "`torch.nn.init` has no `qqqqq`",
        ),
    ],
)
def test_a_wrong_name_is_found_through_every_kind_of_import(line, message):
    reported = examine(Script.parse(line + "\n"), {"NW706": rules()["NW706"]})
    assert [finding.message[: len(message)] for finding in reported] == [message]


@pytest.mark.parametrize(
    "line",
    [
        "import torch\ntorch.nn.Linear(2, 2).weight.nothing",
        "import torch\nx = torch.float32.nothing",
        "from .torch import anything",
        "from torchmetrics import Nothing",
        "import torch\ntorch = build()\ntorch.nothing()",
        "from torch.nn import *",
        "import torch.distributed.fsdp\ntorch.distributed.fsdp.FullyShardedDataParallel",
    ],
)
def test_what_is_not_a_name_of_a_module_of_torch_is_not_judged(line):
    assert script(line + "\n", "NW706") == []
