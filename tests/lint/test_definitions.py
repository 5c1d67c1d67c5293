"""Where torch defines a name; torch, imported, is the judge."""

import ast
import inspect
from functools import reduce

import pytest
import torch

from netwright.lint.definitions import definition

PYTHON = [
    "torch.nn.Linear",
    "torch.nn.functional.cross_entropy",
    "torch.nn.init.kaiming_normal_",
    "torch.optim.AdamW",
    "torch.optim.lr_scheduler.StepLR",
    "torch.utils.data.DataLoader",
    "torch.stft",
    "torch.save",
]


def value(name):
    return reduce(getattr, name.split(".")[1:], torch)


@pytest.mark.parametrize("name", PYTHON)
def test_the_line_of_a_definition_is_the_one_that_torch_reports(name):
    lines, first = inspect.getsourcelines(value(name))
    node = definition(name).nodes[-1]
    start = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
    assert (start, node.end_lineno) == (first, first + len(lines) - 1)


@pytest.mark.parametrize("name", ["torch.cat", "torch.nn.functional.conv2d", "torch.nn.functional.gelu"])
def test_functions_that_are_written_in_c_are_found_in_the_stubs(name):
    with pytest.raises(ValueError, match="no signature found"):
        inspect.signature(value(name))
    defined = definition(name)
    assert defined.stub
    assert all(isinstance(node, ast.FunctionDef) for node in defined.nodes)


def test_every_overload_is_given():
    assert len(definition("torch.max").nodes) > 2
    assert len(definition("torch.nn.functional.max_pool2d").nodes) > 1


@pytest.mark.parametrize(
    "name",
    [
        "torch.nothing_here",
        "torch.nn.nothing.Here",
        "torch.device",
        "torch.float32",
        "torch.Tensor.view",
        "torch.nn.functional.has_torch_function",
        "numpy.concatenate",
    ],
)
def test_what_is_not_defined_in_python_or_a_stub_is_unknown(name):
    assert definition(name) is None
