"""Fixes are applied whole, and never two to one place."""

from netwright.lint.finding import Edit, Finding, Fix, Place
from netwright.lint.fix import applicable, apply, diff


def fixing(text, *edits, safe=True):
    return Finding("C", "n", "error", "m", Place("a.py", 1), fix=Fix(text, safe, edits))


def edit(line, start, end, text):
    return Edit(Place("a.py", line, start, line, end), text)


TEXT = "a = one\nb = two  # kept\n"


def test_edits_leave_everything_else_as_it_is():
    found = [fixing("", edit(2, 5, 8, "2")), fixing("", edit(1, 5, 8, "1"))]
    assert apply(TEXT, found).text == "a = 1\nb = 2  # kept\n"


def test_the_second_fix_of_one_place_waits():
    first, second = fixing("", edit(1, 5, 8, "1")), fixing("", edit(1, 7, 8, "x"), edit(2, 5, 8, "2"))
    result = apply(TEXT, [first, second])
    assert result.text == "a = 1\nb = two  # kept\n"
    assert result.findings == (first,)


def test_two_insertions_at_one_point_both_stand():
    found = [fixing("", edit(2, 1, 1, "x = 1\n")), fixing("", edit(2, 1, 1, "y = 1\n"))]
    assert apply(TEXT, found).text == "a = one\nx = 1\ny = 1\nb = two  # kept\n"


def test_a_fix_that_would_break_the_syntax_is_left_out():
    assert apply(TEXT, [fixing("", edit(1, 5, 8, "("))]).findings == ()


def test_one_edit_shared_by_two_findings_is_made_once():
    found = [fixing("", edit(1, 5, 8, "1")), fixing("", edit(1, 5, 8, "1"))]
    assert apply(TEXT, found).text.startswith("a = 1\n")
    assert len(apply(TEXT, found).findings) == 2


def test_only_safe_fixes_apply_unless_asked():
    safe, unsafe, manual = (
        fixing("", edit(1, 1, 2, "c")),
        fixing("", edit(1, 1, 2, "c"), safe=False),
        fixing(""),
    )
    assert applicable([safe, unsafe, manual], unsafe=False) == [safe]
    assert applicable([safe, unsafe, manual], unsafe=True) == [safe, unsafe]


def test_the_difference_is_a_unified_diff():
    assert diff("a\n", "b\n", "x.py") == "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
    assert diff("a", "b\n", "x.py").count("\\ No newline at end of file") == 1
