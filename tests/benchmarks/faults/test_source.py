"""Edits of a program, and the lines of a fault after them."""

import ast

import pytest
from faults.source import Source, argument, last_name

TEXT = """# check: Net 3x8x8
# check: Reader(width=2) 16:tokens 4
def train(loader):
    with torch.no_grad():
        first(1)
        second(2)
    for batch in loader:
        third(batch, size=3)
"""


@pytest.fixture
def source() -> Source:
    return Source("program", TEXT)


def test_the_networks_are_declared_in_comments(source):
    assert source.targets == [("Net", "3x8x8"), ("Reader(width=2)", "16:tokens 4")]


def test_calls_are_found_by_their_last_name_in_the_order_of_the_text(source):
    found = source.calls("third", "first")
    assert [source.segment(call) for call in found] == ["first(1)", "third(batch, size=3)"]


def test_a_removed_statement_moves_the_lines_after_it(source):
    [first], [third] = source.calls("first"), source.calls("third")
    mutant = source.mutant(source.remove(source.statement(first)), third)
    assert "first" not in mutant.text
    assert mutant.spans == ((5, 5), (7, 7))
    assert mutant.text.split("\n")[6].strip() == source.segment(third)


def test_the_only_statement_of_a_block_becomes_pass(source):
    [third] = source.calls("third")
    assert (
        "for batch in loader:\n        pass\n" in source.mutant(source.remove(source.statement(third))).text
    )


def test_a_block_is_dedented_without_its_header(source):
    [block] = source.nodes(ast.With)
    mutant = source.mutant(source.dedent(block), *source.nodes(ast.For))
    assert "def train(loader):\n    first(1)\n    second(2)\n    for" in mutant.text
    assert mutant.spans[-1] == (6, 6)


def test_lines_are_inserted_at_the_indentation_of_a_statement(source):
    [second] = source.calls("second")
    statement = source.statement(second)
    before, after = (write(statement, "a\n    b") for write in (source.before, source.after))
    assert source.mutant(before).text.split("\n")[5:8] == ["        a", "            b", "        second(2)"]
    assert source.mutant(after).text.split("\n")[5:8] == ["        second(2)", "        a", "            b"]


def test_of_a_loop_only_the_header_is_a_place(source):
    [loop], [second] = source.nodes(ast.For), source.calls("second")
    assert source.mutant(source.replace(second, "other()"), loop).spans == ((6, 6), (7, 7))


def test_a_report_one_line_beside_the_fault_is_right_and_two_lines_is_not(source):
    [third] = source.calls("third")
    mutant = source.mutant(source.replace(third, "fourth()"))
    assert [line for line in range(1, 12) if mutant.covers(line)] == [7, 8, 9]


def test_arguments_by_keyword_and_position():
    call = ast.parse("nn.Conv2d(3, 8, stride=2)").body[0].value
    assert last_name(call.func) == "Conv2d"
    assert [argument(call, "stride", 3).value, argument(call, "out", 1).value] == [2, 8]
    assert argument(call, "padding", 4) is None
