"""Which arguments torch takes; torch itself, called or inspected, is the judge."""

import inspect
import re
from functools import reduce

import pytest
import torch
from torch import nn

from netwright.lint.signatures import forms


def classes(home, name):
    return [f"{name}.{kind}" for kind in dir(home) if inspect.isclass(getattr(home, kind))]


PYTHON = [
    *classes(nn, "torch.nn"),
    *classes(torch.optim, "torch.optim"),
    *classes(torch.optim.lr_scheduler, "torch.optim.lr_scheduler"),
    *classes(torch.utils.data, "torch.utils.data"),
]


def value(name):
    return reduce(getattr, name.split(".")[1:], torch)


def outline(signature):
    return [
        (parameter.name, parameter.kind, parameter.default is parameter.empty)
        for parameter in signature.parameters.values()
    ]


ANYTHING = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


def test_the_arguments_of_constructors_are_those_that_python_reports():
    known = {name: forms(name) for name in PYTHON if forms(name)}
    assert len(known) > 0.8 * len(PYTHON)
    for name in known:
        actual = inspect.signature(value(name))
        if {parameter.kind for parameter in actual.parameters.values()} != ANYTHING:
            assert outline(known[name].signatures[0]) == outline(actual), name


@pytest.mark.parametrize("name", ["torch.nn.Sigmoid", "torch.nn.Tanh", "torch.nn.MaxPool2d"])
def test_a_class_without_a_constructor_takes_what_its_base_takes(name):
    kind = value(name)
    assert "__init__" not in vars(kind)
    required = forms(name).refusal(0, [])
    if required:
        with pytest.raises(TypeError):
            kind()
    with pytest.raises(TypeError):
        kind(nothing=1)
    assert forms(name).refusal(0, ["nothing"])


FLAT = torch.ones(4)


@pytest.mark.parametrize(
    ("name", "arguments", "keywords"),
    [
        ("torch.cat", ([FLAT],), {"axis": 0}),
        ("torch.cat", (), {"tensors": [FLAT], "dim": 0}),
        ("torch.sum", (), {"x": FLAT, "axis": 0, "keepdims": True}),
        ("torch.zeros", (2, 3), {"dtype": None}),
        ("torch.arange", (3,), {"layout": torch.strided}),
        ("torch.numel", (), {"input": FLAT}),
        ("torch.where", (FLAT > 0, FLAT, FLAT), {}),
        ("torch.nn.functional.avg_pool1d", (FLAT[None], 2), {"stride": 2}),
        ("torch.nn.functional.max_pool1d", (FLAT[None], 2), {"return_indices": True}),
        ("torch.nn.functional.dropout", (FLAT, 0.5, False), {}),
        ("torch.nn.LSTM", (2, 3), {"batch_first": True, "proj_size": 1}),
        ("torch.nn.Sequential", (nn.ReLU(), nn.ReLU()), {}),
        ("torch.einsum", ("i,i", FLAT, FLAT), {}),
    ],
)
def test_what_torch_takes_is_not_refused(name, arguments, keywords):
    value(name)(*arguments, **keywords)
    assert forms(name).refusal(len(arguments), list(keywords)) == ""
    assert all(map(forms(name).takes, keywords))


@pytest.mark.parametrize(
    ("name", "arguments", "keywords"),
    [
        ("torch.cat", (), {"dim": 0}),
        ("torch.cat", ([FLAT],), {"dims": 0}),
        ("torch.softmax", (FLAT,), {}),
        ("torch.nn.functional.softmax", (FLAT,), {"axis": 0}),
        ("torch.permute", (FLAT[None], 1, 0), {}),
        ("torch.zeros", (2, 3), {"memory_format": torch.contiguous_format}),
        ("torch.nn.Linear", (3,), {}),
        ("torch.nn.Linear", (3, 4), {"in_features": 3}),
        ("torch.nn.ReLU", (True, False), {}),
        ("torch.nn.LSTM", (2, 3), {"batchfirst": True}),
        ("torch.nn.functional.conv1d", (FLAT[None],), {}),
        ("torch.nn.functional.max_pool1d", (FLAT[None],), {"kernel": 2}),
        ("torch.optim.lr_scheduler.ReduceLROnPlateau", (torch.optim.SGD([FLAT]),), {"verbose": True}),
    ],
)
def test_what_torch_refuses_is_refused(name, arguments, keywords):
    with pytest.raises(TypeError):
        value(name)(*arguments, **keywords)
    assert forms(name).refusal(len(arguments), list(keywords))


def test_the_documented_arguments_of_functions_are_taken():
    """A few names in torch's documentation are not those of the arguments, which torch refuses as well."""
    documented = missing = 0
    for name in dir(torch):
        known = forms(f"torch.{name}")
        if known is None or not known.builtin:
            continue
        said = re.search(rf"^{name}\(([^()]*)\)\s*->", str(value(f"torch.{name}").__doc__), re.M)
        if said is None or name.startswith("_"):
            continue
        words = re.findall(r"(?:^|, )(\w+)", said[1])
        documented += len(words)
        missing += sum(not known.takes(word) for word in words)
    assert documented > 800
    assert missing < 0.03 * documented


def test_hidden_arguments_may_be_anything_that_is_missing():
    linear = forms("torch.nn.Linear")
    assert linear.refusal(0, ["bias"])
    assert linear.refusal(0, ["bias"], hidden=True) == ""
    assert linear.refusal(7, [], hidden=True)


@pytest.mark.parametrize(
    "name",
    [
        "torch.no_grad",
        "torch.nn.Parameter",
        "torch.device",
        "torch.sparse_coo_tensor",
        "torch._conj",
    ],
)
def test_what_may_take_other_arguments_is_unknown(name):
    """A `__new__`, a metaclass, C without a stub, a stub that leaves out forms, and a private name."""
    assert forms(name) is None
