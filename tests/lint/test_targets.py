"""The targets of losses."""

import ast

import pytest
import torch

from netwright.lint.script import Script
from netwright.lint.targets import compared, follow, judged, soft

HEAD = "import torch\nfrom torch.nn import functional as F\nfrom torchvision import datasets\n"
NAMES = {"float": torch.float32, "int64": torch.int64, "int32": torch.int32, "bool": torch.bool}


def target(text):
    script = Script.parse(f"{HEAD}{text}")
    return follow(script, script.tree.body[-1].value)


@pytest.mark.parametrize(
    "text",
    [
        "torch.zeros(3)",
        "torch.randint(3, (4,))",
        "torch.randint(3, (4,)).float()",
        "torch.ones(3, dtype=torch.bool)",
        "torch.tensor([1, 2], dtype=torch.int32)",
        "torch.rand(3).type(torch.LongTensor)",
        "torch.rand(3).to('cpu').long().view(-1)",
        "torch.rand(3) > 0",
        "torch.rand(3, 4).argmax(1)",
        "torch.FloatTensor([1, 2]) + 1",
        "torch.rand(3).double().to('cpu', torch.int32)",
    ],
)
def test_types_are_those_of_torch(text):
    made = eval(text, {"torch": torch})
    assert NAMES[target(text).type] == (torch.float32 if made.is_floating_point() else made.dtype)


def test_what_is_not_certain_has_no_type():
    for text in ("y", "y.to(x.dtype)", "f(y)", "torch.tensor(y)", "torch.zeros(3, dtype=kind)", "y.sort()"):
        assert target(text).type == ""


def test_one_hot_one_dimension_and_shifts_are_seen():
    assert target("F.one_hot(y, 3).float()").one_hot
    assert target("y.float().view(-1)").flat
    assert not target("y.flatten().view(-1, 3)").flat
    assert target("torch.zeros(len(x), 3)").flat is False
    assert (target("y - 1").shift, target("y.view(-1) + 2").shift, target("y + x").shift) == (-1, 2, 0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("_, pred = out.max(1)\n(pred == y).sum()", True),
        ("pred = out.argmax(1, keepdim=True)\npred.eq(y.view_as(pred))", True),
        ("torch.eq(out.data.max(1)[1], y)", True),
        ("(out.argmax(1) == y - 1).sum()", False),
        ("(out.argmax(1) == y.argmax(1)).sum()", False),
        ("(out > 0) == y", False),
        ("datasets.CIFAR10('data')", True),
        ("datasets.CIFAR10('data')\nF.one_hot(y)", False),
        ("datasets.VOCSegmentation('data')", False),
        ("datasets.CIFAR10('data', target_transform=f)", False),
    ],
)
def test_targets_are_classes_where_the_file_shows_it(text, shown):
    script = Script.parse(HEAD + text)
    assert compared(script, "y", script.tree) is shown


def test_names_say_that_targets_are_soft():
    script = Script.parse("x == y")
    assert soft(script, "soft_targets", script.tree)
    assert not soft(script, "y", script.tree)
    assert [ast.unparse(other) for _, other in judged(script, "y")] == ["x"]
