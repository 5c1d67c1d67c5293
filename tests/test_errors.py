"""The exception tree."""

import re

import netwright.errors
from netwright.errors import DivergenceError, NetwrightError, UsageError


def tree(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(tree(child) for child in kind.__subclasses__()))


def test_the_docstring_draws_every_error_and_no_other():
    drawn = set(re.findall(r"^[│├└─ ]*(\w+Error)\b", netwright.errors.__doc__, flags=re.MULTILINE))
    assert drawn == {kind.__name__ for kind in tree(NetwrightError)}


def test_wrong_use_exits_with_2_and_a_failed_training_with_1():
    assert {kind.exit_code for kind in tree(UsageError)} == {2}
    assert DivergenceError.exit_code == 1
