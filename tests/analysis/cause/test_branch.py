"""The family is in the table; `tests/analysis/test_explain.py` compares its explanations with real errors."""

import netwright.analysis.cause.branch as family
from netwright.analysis.cause.explanation import EXPLAINS
from netwright.analysis.explain import FAMILIES


def test_the_family_is_entered():
    entered = {function.__module__ for functions in EXPLAINS.values() for function in functions}
    assert family in FAMILIES
    assert family.__name__ in entered
