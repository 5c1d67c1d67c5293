"""The table and the lists of what is not found."""

from dataclasses import replace

import pytest
from faults.verdict import Verdict, misses, summary, table

FOUND = Verdict(
    "no_eval", "NW702", "mnist", 50, (52,), True, True, (), True, True, 0.25, "without: model.eval()"
)
ELSEWHERE = replace(FOUND, program="cifar", reported=(9,), at_line=False, fixed=False, restored=False)
MISSED = replace(ELSEWHERE, program="vae", reported=(), found=False, others=("NW705",))
PLANNED = replace(MISSED, operator="planned", code="NW999", others=())
UNKNOWN = replace(PLANNED, operator="huge_rate", code=None)


def test_a_row_counts_the_mutants_of_an_operator():
    row = table([FOUND, FOUND, ELSEWHERE, MISSED]).splitlines()[1]
    assert row.split() == ["no_eval", "NW702", "4", "3", "2", "1", "2", "2", "1.0"]


def test_a_star_marks_a_rule_that_does_not_exist_and_a_dash_that_none_is_planned():
    assert [row.split()[1] for row in table([FOUND, PLANNED, UNKNOWN]).splitlines()[1:]] == [
        "NW702", "NW999*", "-",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "mutants of existing rules: 1 of 3 found at the right line",
        "operators of existing rules: 0 of 1 reach 95% at the right line",
        "operators below 95%: no_eval 33%",
        "operators whose rule does not exist yet: planned",
        "operators that no rule is planned for: huge_rate",
        "operators of which nothing at all is found: planned, huge_rate",
        "programs of which nothing at all is found: none",
    ],
)
def test_the_summary_says_what_is_not_covered(line: str):
    assert line in list(summary([FOUND, ELSEWHERE, MISSED, PLANNED, UNKNOWN]))


def test_a_miss_names_the_program_the_line_and_what_was_reported_instead():
    assert list(misses([FOUND, ELSEWHERE, MISSED, PLANNED, UNKNOWN])) == [
        "NW702 no_eval: cifar:50 at 9: without: model.eval()",
        "NW702 no_eval: vae:50 not found (NW705): without: model.eval()",
    ]
