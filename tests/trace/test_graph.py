"""A graph is data: it compares, prints and measures itself without torch tensors."""

from dataclasses import FrozenInstanceError

import pytest
import torch
from torch.nn import functional as F

from netwright import load
from netwright.trace.graph import Line, Module, Parameter, TensorInfo
from netwright.trace.inputs import tensors
from netwright.trace.record import record


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
    module = Module("net.0", "Conv2d", find_line=lambda: asked.append(1) or Line("net.py", 3))
    assert not asked
    assert module.built == module.built == Line("net.py", 3)
    assert asked == [1]
    assert Module("", "Net").built is None


NETS = {
    "shortcuts": ("resnet20", (3, 32, 32)),
    "pre-activation": ("preresnet110", (3, 32, 32)),
    "dense": ("densenet_bc100", (3, 32, 32)),
    "series": ("series_resnet", (1, 128)),
    "cropped skips": ("unet", (1, 188, 188)),
    "branches": ("googlenet", (3, 64, 64)),
    "up and down": ("hourglass1", (3, 64, 64)),
    "attention": ("vit_cifar", (3, 32, 32)),
    "transposed": ("decoder", (1024, 1, 1)),
}


@pytest.mark.parametrize("name", NETS)
def test_a_network_can_be_run_again_from_its_graph_alone(name):
    """Every op, its arguments and what flows between them are there: the outputs are those of the network."""
    spec, shape = NETS[name]
    torch.manual_seed(0)
    net, x = load(spec).eval(), torch.randn(1, *shape)
    with torch.no_grad():
        expected = tensors(net(x))
        outputs = replay(record(net, shape), net, x)
    assert len(outputs) == len(expected)
    for one, other in zip(outputs, expected, strict=True):
        torch.testing.assert_close(one, other)


def replay(graph, net, x):
    """The outputs of a network from its recorded ops, their arguments, and nothing of its code."""
    own = dict(net.named_parameters()) | dict(net.named_buffers())
    values = {graph.inputs[0].key: x}

    def value(item):
        if isinstance(item, TensorInfo):
            return values[item.key] if item.key in values else own[item.parameter]
        if isinstance(item, tuple):
            return tuple(value(part) for part in item)
        return (
            slice(value(item.start), value(item.stop), value(item.step)) if isinstance(item, slice) else item
        )

    for op in graph.ops:
        results = run(op.name, {name: value(item) for name, item in op.arguments.items()})
        for info, tensor in zip(
            op.outputs, results if isinstance(results, tuple | list) else (results,), strict=True
        ):
            assert info.shape == tuple(tensor.shape), op
            values[info.key] = tensor
    return [values[info.key] for info in graph.outputs]


def run(name, given):
    """Call the function of torch with the arguments that the graph's documentation promises."""
    if name == "getitem":
        return given["self"][given["index"]]
    if name in {"view", "expand", "permute", "reshape", "repeat"}:
        tensor, sizes, *_ = given.values()
        return getattr(tensor, name)(sizes)
    if isinstance(given.get("padding"), tuple):
        given["padding"] = tuple(before for before, _ in given["padding"])
    if name == "interpolate":
        given["scale_factor"] = None
    if name.startswith(("avg_pool", "adaptive_avg_pool")):
        given.pop("dilation", None)
    given.pop("inplace", None)
    function = getattr(F, name, None) or getattr(torch, name, None) or getattr(torch.Tensor, name)
    positional = [given.pop(key) for key in ("self", "input", "other") if key in given]
    return function(*positional, **given)
