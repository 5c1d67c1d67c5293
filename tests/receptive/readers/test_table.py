"""The table of readers, and what a reader is given."""

from pathlib import Path

import pytest
from torch import nn

import netwright.receptive.readers
from netwright.receptive.readers.table import Reaches, reader, readers
from netwright.receptive.sets.reach import source
from netwright.trace.record import record


def test_a_file_in_the_package_is_all_that_a_family_of_readers_needs():
    (folder,) = netwright.receptive.readers.__path__
    files = {path.stem for path in Path(folder).glob("*.py")} - {"__init__", "table"}
    assert {readers()[name].__module__.rpartition(".")[2] for name in readers()} == files


def test_an_operation_has_one_reader():
    assert "conv2d" in readers()
    with pytest.raises(ValueError, match="`conv2d` has two readers"):
        reader("conv2d")(lambda op, reaches: source((1,), 0))


def test_a_tensor_that_no_operation_made_reads_nothing():
    graph = record(nn.Conv1d(2, 2, 3), (2, 8))
    (op,) = graph.ops
    reaches = Reaches(8, {graph.inputs[0].key: source((1, 2, 8), 2)})
    x, weight, bias = reaches.all(op)
    assert (len(x.terms), len(weight.terms), len(bias.terms)) == (1, 0, 0)
    assert weight.shape == (2, 2, 3)
    assert weight.length == 8
