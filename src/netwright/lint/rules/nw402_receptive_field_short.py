"""Every output of a dense prediction sees less than a third of its image.

What. The outputs of a network that labels positions (segmentation, heat maps) have a largest receptive field
that is shorter than a third of the input along every axis. The field is computed exactly from the recorded
run, without norms. An output counts as labels if a last convolution makes it, with fewer channels than that
convolution takes, and possibly resizes it. Other maps are features, and a block or a backbone may be local.

Why. An output cannot depend on what it does not see: two places that look alike within the field get the same
label, whatever surrounds them. For networks on photographs, accuracy rises with the logarithm of the field's
size (Araujo, Norris & Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks"), and the part
of the field that a unit really uses is a Gaussian that fills only a fraction of it (Luo et al. 2016).

Guard. The finding is an info. Attention, global pooling and a flatten before a linear layer see the whole
input, so a network with one of them on the way to any output is not reported. This includes classifiers,
whose features may be local on purpose (bags of local features). Also not reported are signals along one axis,
which may be endless; networks that return as many channels as they take (denoising and super-resolution are
local tasks); a single channel on a coarser grid (patch discriminators); and networks without any padding,
whose input is a tile with its margin (U-Net as published). The limit is a third because a padded U-Net of
four levels works with 204 of 512 positions.

Instead. Downsample and return with skip connections, use dilation, or add a branch that pools the whole map.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import CONVOLUTIONS, TRANSPOSED

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Graph, Op, TensorInfo

SHARE = 3
AFTER = {"interpolate", "upsample", "softmax", "log_softmax", "sigmoid"}


def look(network: "Network") -> Iterator[Remark]:
    """Report the dense output with the largest receptive field, if even that is too small."""
    from netwright.lint.graphs import holder

    graph = network.graph
    if graph.failure or len(network.input) < 3 or len(graph.inputs) != 1 or not _padded(graph):
        return
    heads = [_head(network, tensor) for tensor in graph.outputs]
    if not heads or None in heads or not all(_labels(graph.inputs[0], tensor) for tensor in graph.outputs):
        return
    fields = _fields(graph)
    sizes = network.input[1:]
    if not fields or any(
        SHARE * seen >= size for field in fields for seen, size in zip(field, sizes, strict=True)
    ):
        return
    field, op = max(zip(fields, filter(None, heads), strict=True), key=lambda pair: pair[0])
    path = holder(network, op)
    yield Remark(
        network.place(op, path),
        f"every output of {network.title(path)} sees at most {show(field)} of the {show(sizes)} input.",
        module=path,
        evidence={"field": list(field), "input": list(sizes)},
        fix=Fix("use more downsampling with skips, dilation, or a branch that pools the whole map"),
    )


def _labels(given: "TensorInfo", made: "TensorInfo") -> bool:
    """Return True for labels: other channels than the input has, and not one score on a coarser grid."""
    if len(made.shape) != len(given.shape) or any(size < 2 for size in made.shape[2:]):
        return False
    coarser = any(2 * after <= before for after, before in zip(made.shape[2:], given.shape[2:], strict=True))
    return made.shape[1] != given.shape[1] and not (coarser and made.shape[1] == 1)


def _padded(graph: "Graph") -> bool:
    """Return True when any layer pads its input."""
    windows = (op for op in graph.ops if op.name in CONVOLUTIONS | TRANSPOSED)
    return any(any(map(any, op.arguments["padding"])) for op in windows) or any(
        op.name == "pad" for op in graph.ops
    )


def _fields(graph: "Graph") -> list[tuple[int, ...]]:
    """Return the largest field of each output along each axis, or nothing if one is unknown or unlimited."""
    from netwright.receptive.fields import fields

    largest, known = [], fields(graph)
    for tensor in graph.outputs:
        [field] = known[tensor.key].inputs
        sizes = [extent.size for extent in field.extents if extent.kind in {"uniform", "non-uniform"}]
        if len(sizes) != len(tensor.shape) - 2 or None in sizes:
            return []
        largest.append(tuple(size for size in sizes if size is not None))
    return largest


def _head(network: "Network", tensor: "TensorInfo") -> "Op | None":
    """Return the convolution that turns features into the labels; None if another op makes them."""
    from netwright.lint.graphs import maker

    op = maker(network, tensor)
    while op is not None and op.name in AFTER and op.inputs:
        op = maker(network, op.inputs[0])
    if op is None or op.name not in CONVOLUTIONS | TRANSPOSED or op.arguments.get("groups", 1) > 1:
        return None
    return op if op.outputs[0].shape[1] < op.inputs[0].shape[1] else None


RULE = Rule("info", "manual", network=look)
