"""A graph is data: it compares, prints and measures itself without torch tensors."""

from dataclasses import FrozenInstanceError

import pytest

from netwright.trace.graph import Line, Module, Parameter, TensorInfo


def test_a_line_reads_as_editors_understand_it():
    assert str(Line("net.py", 14, 9)) == "net.py:14:9"
    assert str(Line("net.py", 14)) == "net.py:14"


def test_bytes_are_elements_times_their_size():
    info = TensorInfo(key=0, shape=(2, 3, 4), dtype="float16", itemsize=2, storage=0)
    assert (info.elements, info.bytes) == (24, 48)
    assert TensorInfo(key=1, shape=(), dtype="float32", itemsize=4, storage=1).bytes == 4


def test_a_recorded_value_cannot_be_altered():
    with pytest.raises(FrozenInstanceError):
        Parameter("weight", (2, 2), 4, trainable=True).name = "other"


def test_the_line_that_built_a_module_is_looked_up_once_and_only_when_asked_for():
    asked = []
    module = Module("net.0", "Conv2d", owner=lambda: asked.append(1) or Line("net.py", 3))
    assert not asked
    assert module.built == module.built == Line("net.py", 3)
    assert asked == [1]
    assert Module("", "Net").built is None
