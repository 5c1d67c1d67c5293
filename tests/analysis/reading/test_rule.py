"""The table of rules and what a rule is given."""

import pytest
from torch import nn

from netwright.analysis.reading import walk
from netwright.analysis.reading.rule import RULES, Reader, rule
from netwright.arithmetic.receptive import source
from netwright.trace.record import record


def test_every_table_fills_the_rules():
    assert {RULES[name].__module__ for name in RULES} == {table.__name__ for table in walk.TABLES}


def test_an_operation_has_one_rule():
    with pytest.raises(ValueError, match="`conv2d` has two rules"):
        rule("conv2d")(lambda op, reader: source((1,), 0))


def test_a_tensor_nobody_wrote_reads_nothing():
    graph = record(nn.Conv1d(2, 2, 3), (2, 8))
    (op,) = graph.ops
    reader = Reader(8, {graph.inputs[0].key: source((1, 2, 8), 2)})
    x, weight, bias = reader.all(op)
    assert (len(x.terms), len(weight.terms), len(bias.terms)) == (1, 0, 0)
    assert weight.shape == (2, 2, 3)
    assert weight.extent == 8
