"""Conditions on the fields of runs."""

import re

import pytest

from netwright.errors import UsageError
from netwright.training.where import Condition

FIELDS = {"lr": 0.1, "epochs": 10, "optimizer": "sgd", "nesterov": True, "steps": None, "valid.error": 0.2}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("lr > 0.05", True),
        ("lr<0.05", False),
        ("lr >= 0.1", True),
        ("lr <= 1e-1", True),
        ("epochs == 10", True),
        ("epochs = 10.0", True),
        ("epochs != 10", False),
        ("optimizer = sgd", True),
        ("optimizer == 'sgd'", True),
        ('optimizer != "adamw"', True),
        ("nesterov = true", True),
        ("nesterov = 1", False),
        ("steps = null", True),
        ("steps > 3", False),
        ("optimizer > 3", False),
        ("valid.error < 0.25", True),
        ("lr = sgd", False),
        ("lr != sgd", True),
        ("momentum = 0.9", False),
    ],
)
def test_a_comparison_holds_as_in_python(text, holds):
    assert Condition.parse(text).holds(FIELDS) == holds


@pytest.mark.parametrize(
    "text",
    ["lr", "lr >", "> 3", "lr ~ 3", "lr > 0.1 and lr < 1", "__import__('os').system('x')", "optimizer > sgd"],
)
def test_what_is_no_comparison_is_refused(text):
    with pytest.raises(UsageError, match=r"`--where` \(="):
        Condition.parse(text).holds(FIELDS)


def test_code_is_a_text_like_any_other():
    condition = Condition.parse("optimizer = __import__('os').system('false')")
    assert condition.value == "__import__('os').system('false')"
    assert not condition.holds(FIELDS)


@pytest.mark.parametrize(
    ("field", "named"),
    [("error", "valid.error"), ("optimiser", "optimizer"), ("zzz", "epochs, lr, nesterov")],
)
def test_an_unknown_field_is_named_with_the_nearest(field, named):
    with pytest.raises(UsageError, match=re.escape(f"no run has a field `{field}`; there are {named}")):
        Condition.parse(f"{field} = 1").require(FIELDS)
