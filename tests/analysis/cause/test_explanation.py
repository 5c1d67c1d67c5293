"""An explanation prints line by line, and the table has each function under the names that raise."""

from netwright.analysis.cause.explanation import EXPLAINS, Explanation, explains


def test_an_explanation_reads_line_by_line():
    assert (
        str(Explanation("It broke.", ("here", "there"), "mend it"))
        == "It broke.\n  here\n  there\nfix: mend it"
    )
    assert str(Explanation("It broke.", ())) == "It broke."


def test_a_function_is_entered_under_every_name():
    @explains("one_test", "other_test")
    def nothing(graph, failure):
        return None

    assert EXPLAINS.pop("one_test") == EXPLAINS.pop("other_test") == [nothing]
