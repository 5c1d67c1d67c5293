"""The user's line that an error or a node comes from."""

from pathlib import Path

import pytest
import torch

import unexportable
from netwright.prediction.place import failing, line, parting, place


def at(code):
    lines = Path(unexportable.__file__).read_text("utf-8").splitlines()
    (number,) = [k for k, text in enumerate(lines, 1) if code in text]
    return f" at {unexportable.__file__}:{number} (`{lines[number - 1].strip()}`)"


def recorded(net, batch=2):
    return torch.export.export(net.eval(), (torch.zeros(batch, 3, 6, 6),)).graph


def test_the_innermost_frame_of_the_user_is_named():
    with pytest.raises(TypeError) as caught, torch.no_grad():
        unexportable.Named()(None)
    assert line(caught.value) == at('return {"map"')


def test_an_error_without_a_frame_has_no_place():
    assert line(ValueError("never raised")) == ""


def test_a_node_has_the_line_that_called_it():
    graph = recorded(unexportable.Classes())
    (node,) = [node for node in graph.nodes if "argmax" in str(node.target)]
    assert place(node) == at("argmax(1)")


def test_a_node_without_a_trace_has_no_place():
    graph = torch.fx.Graph()
    assert place(graph.placeholder("x")) == ""


@pytest.mark.parametrize(("net", "code"), [("Fixed", "reshape(len(x), -1)"), ("Loop", "for one in x")])
def test_recordings_of_two_batches_part_where_the_batch_is_a_number(net, code):
    module = getattr(unexportable, net)()
    assert parting(recorded(module, 2), recorded(module, 3)) == at(code)


def test_equal_recordings_do_not_part():
    assert parting(recorded(unexportable.Classes()), recorded(unexportable.Classes())) == ""


def test_a_number_read_from_a_shape_is_passed_over_where_there_is_another():
    class Net(torch.nn.Module):
        def forward(self, x):
            y = x.reshape(x.shape[0], -1)
            return y.reshape(len(x), 3, 36)

    assert "y.reshape(len(x), 3, 36)" in parting(recorded(Net(), 2), recorded(Net(), 3))


def test_the_node_that_was_translated_is_found_in_the_frames_of_the_cause():
    graph = torch.fx.Graph()

    def translate(node):
        raise ValueError("no such operation")

    def export(first):
        try:
            translate(first)
        except ValueError as error:
            raise RuntimeError("the export failed") from error

    with pytest.raises(RuntimeError) as caught:
        export(graph.placeholder("x"))
    assert failing(caught.value).name == "x"
    assert failing(ValueError("elsewhere")) is None
