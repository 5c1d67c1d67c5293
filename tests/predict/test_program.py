"""One graph of torch operations, and the user's line where there is none."""

from pathlib import Path

import pytest
import torch

import unexportable
from netwright.errors import ExportError
from netwright.predict.program import program
from netwright.predict.subject import subject
from tiny import Net

LINES = (Path(unexportable.__file__)).read_text().splitlines()


def at(code: str) -> int:
    (number,) = [k for k, text in enumerate(LINES, 1) if code in text]
    return number


def test_a_decision_by_a_value_is_refused_at_its_line():
    where = rf"decides by a value at .*unexportable\.py:{at('if y.sum() > 0')} \(`if y\.sum\(\) > 0:`\)"
    with pytest.raises(ExportError, match=where):
        program(subject(unexportable.Decides(), (3, 6, 6)))


def test_a_fixed_batch_is_refused_at_the_line_that_fixes_it():
    where = rf"fixes the batch at .*unexportable\.py:{at('reshape(len(x), -1)')} .* must write x\.shape\[0\]"
    with pytest.raises(ExportError, match=where):
        program(subject(unexportable.Fixed(), (3, 6, 6)))


def test_batch_and_size_are_free_where_the_network_allows_it():
    given = subject(unexportable.Resized(), (3, 6, 6))
    graph, other = program(given)
    assert other == (7, 7)
    for shape in ((1, 3, 6, 6), (5, 3, 9, 14)):
        x = torch.randn(shape)
        torch.testing.assert_close(graph.module()(x), given.net(x))


def test_the_size_is_fixed_where_the_network_takes_one_only():
    given = subject(Net(), (1, 8, 8))
    graph, other = program(given)
    assert other is None
    x = torch.randn(3, 1, 8, 8)
    torch.testing.assert_close(graph.module()(x), given.net(x))


def test_torch_says_nothing_on_the_way(capfd):
    with pytest.raises(ExportError):
        program(subject(unexportable.Decides(), (3, 6, 6)))
    assert capfd.readouterr() == ("", "")
