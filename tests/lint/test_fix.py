"""Fixes are applied whole, and never two to one place."""

from netwright.lint.finding import Edit, Finding, Fix, Place
from netwright.lint.fix import applicable, apply, diff, most


def fixing(text, *edits, safe=True):
    return Finding("C", "n", "error", "m", Place("a.py", 1), fix=Fix(text, safe, edits))


def edit(line, start, end, text):
    return Edit(Place("a.py", line, start, line, end), text)


TEXT = "a = one\nb = two  # kept\n"


def test_edits_leave_everything_else_as_it_is():
    reported = [fixing("", edit(2, 5, 8, "2")), fixing("", edit(1, 5, 8, "1"))]
    assert apply(TEXT, reported).text == "a = 1\nb = 2  # kept\n"


def test_the_second_fix_of_one_place_waits():
    first, second = fixing("", edit(1, 5, 8, "1")), fixing("", edit(1, 7, 8, "x"), edit(2, 5, 8, "2"))
    result = apply(TEXT, [first, second])
    assert result.text == "a = 1\nb = two  # kept\n"
    assert result.findings == (first,)


def test_two_insertions_at_one_point_both_stand():
    reported = [fixing("", edit(2, 1, 1, "x = 1\n")), fixing("", edit(2, 1, 1, "y = 1\n"))]
    assert apply(TEXT, reported).text == "a = one\nx = 1\ny = 1\nb = two  # kept\n"


def test_a_fix_that_would_break_the_syntax_is_left_out():
    assert apply(TEXT, [fixing("", edit(1, 5, 8, "("))]).findings == ()


def test_one_edit_shared_by_two_findings_is_made_once():
    reported = [fixing("", edit(1, 5, 8, "1")), fixing("", edit(1, 5, 8, "1"))]
    assert apply(TEXT, reported).text.startswith("a = 1\n")
    assert len(apply(TEXT, reported).findings) == 2


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


def test_the_one_fix_that_breaks_the_syntax_does_not_hold_up_the_others():
    text = "".join(f"a{i} = one\n" for i in range(40))
    reported = [fixing("", Edit(Place("a.py", i + 1), "b" if i != 17 else "(")) for i in range(40)]
    result = apply(text, reported)
    assert result.findings == (*reported[:17], *reported[18:])
    assert result.text.count("ba") == 39


def test_a_fix_inside_another_s_stretch_waits_and_one_beside_it_does_not():
    text = "abcdefgh\n"
    wide, inner, before, after = (
        fixing("", edit(1, 3, 6, "X")),
        fixing("", edit(1, 4, 4, "y")),
        fixing("", edit(1, 3, 3, "<")),
        fixing("", edit(1, 6, 7, "z")),
    )
    result = apply(text, [wide, inner, before, after])
    assert result.findings == (wide, before, after)
    assert result.text == "ab<Xzgh\n"


def test_ten_thousand_fixes_need_one_look_at_the_syntax(monkeypatch):
    from netwright.lint import fix

    parsed = []
    real = fix.ast.parse
    monkeypatch.setattr(fix.ast, "parse", lambda text: parsed.append(text) or real(text))
    text = "a = 1\n" * 10_000
    reported = [fixing("", edit(line, 5, 6, "2")) for line in range(1, 10_001)]
    assert apply(text, reported).text == "a = 2\n" * 10_000
    assert len(parsed) == 1


def test_most_leaves_out_only_the_wrong_ones():
    reported = [fixing(str(i)) for i in range(10)]
    wrong = {"3", "4", "9"}
    kept = most(reported, lambda some: not any(finding.fix.text in wrong for finding in some))
    assert [finding.fix.text for finding in kept] == ["0", "1", "2", "5", "6", "7", "8"]
    assert most(reported, lambda some: False) == []
