"""One graph of torch operations, and the user's line where there is none."""

import re
from pathlib import Path

import pytest
import torch

import unexportable
from netwright.errors import ExportError
from netwright.prediction.program import program
from netwright.prediction.subject import subject
from tiny import Net

LINES = (Path(unexportable.__file__)).read_text().splitlines()


def at(code: str) -> str:
    """The pattern of the place of the line with this code."""
    (number,) = [k for k, text in enumerate(LINES, 1) if code in text]
    return rf" at .*unexportable\.py:{number} \(`{re.escape(LINES[number - 1].strip())}`\)"


@pytest.mark.parametrize(
    ("net", "code", "reason"),
    [
        ("Decides", "if y.sum() > 0", "reads a value as a number{}, by a condition"),
        ("Scaled", "float(y.max())", "reads a value as a number{}, by a condition"),
        ("Fixed", "reshape(len(x), -1)", r"fixes the batch{}; .* x\.shape\[0\] instead of len\(x\)"),
        ("Loop", "for one in x", "fixes the batch{}; a graph has no loop over examples"),
        ("Arrays", "numpy()", "cannot be written as one graph{}: RuntimeError"),
    ],
)
def test_what_a_graph_cannot_hold_is_refused_at_its_line(net, code, reason):
    with pytest.raises(ExportError, match=reason.format(at(code))):
        program(subject(getattr(unexportable, net)(), (3, 6, 6)))


@pytest.mark.parametrize("net", [unexportable.Square, unexportable.Written, unexportable.Masked])
def test_autograd_functions_writing_in_place_and_masks_of_attention_are_recorded(net):
    torch.manual_seed(0)
    given = subject(net(), (3, 6, 6))
    made = program(given)
    assert made.other is not None
    for shape in ((1, 3, 6, 6), (4, 3, 8, 7)):
        x = given.random(shape[0], shape[2:])
        torch.testing.assert_close(made.graph.module()(x.clone()), given.net(x.clone()))


def test_batch_and_size_are_free_where_the_network_allows_it():
    given = subject(unexportable.Resized(), (3, 6, 6))
    made = program(given)
    assert (made.input, made.other, made.limits) == (("batch", 3, "size0", "size1"), (7, 8), "")
    for shape in ((1, 3, 6, 6), (5, 3, 9, 14)):
        x = torch.randn(shape)
        torch.testing.assert_close(made.graph.module()(x), given.net(x))


def test_the_size_is_fixed_where_the_network_takes_one_only_and_the_reason_is_given():
    given = subject(Net(), (1, 8, 8))
    made = program(given)
    assert (made.input, made.other) == (("batch", 1, 8, 8), None)
    assert re.search(r"does not read 1x9x10 at .*tiny\.py:\d+ .*: RuntimeError: mat1 and mat2", made.limits)
    x = torch.randn(3, 1, 8, 8)
    torch.testing.assert_close(made.graph.module()(x), given.net(x))


def test_one_axis_alone_can_be_free():
    made = program(subject(unexportable.Columns(), (3, 6, 6)))
    assert made.input == ("batch", 3, 6, "size1")
    assert made.other == (6, 7)
    assert "does not read 3x7x8" in made.limits


def test_a_size_that_the_code_reads_as_a_number_is_fixed_at_its_line():
    made = program(subject(unexportable.Warped(), (3, 6, 6)))
    assert (made.input, made.other) == (("batch", 3, 6, 6), None)
    assert re.search("the graph has size0 and size1 as a number" + at("affine_grid"), made.limits)


def test_a_condition_on_the_size_limits_it():
    made = program(subject(unexportable.Cropped(), (3, 6, 6)))
    assert made.input == ("batch", 3, "size0", "size1")
    assert made.limits == "size1 is at most 16"


def test_the_size_is_fixed_on_demand_for_the_given_reason():
    made = program(subject(unexportable.Resized(), (3, 6, 6)), fixed="as asked for")
    assert (made.input, made.other, made.limits) == (("batch", 3, 6, 6), None, "as asked for")


def test_torch_says_nothing_on_the_way(capfd):
    with pytest.raises(ExportError):
        program(subject(unexportable.Decides(), (3, 6, 6)))
    assert capfd.readouterr() == ("", "")
