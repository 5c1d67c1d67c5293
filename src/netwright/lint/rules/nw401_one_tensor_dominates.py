"""One weight holds most of the network's parameters.

What. The weight of one linear layer that reads a flattened map holds more than half of all parameters.

Why. A flatten before a wide layer connects every unit to every position. Most weights of AlexNet and VGG are
in such a layer (VGG-16: 102,760,448 of 138 M in one layer), and global average pooling does without them at
no loss (Lin, Chen & Yan 2014, "Network in Network"; He et al. 2015).

Guard. The finding is an info. The network must have at least 10,000 parameters, and the map more than one
position.

Instead.

    nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network

FLATTENING = {"flatten", "view", "reshape"}
LEAST = 10_000


def look(network: "Network") -> Iterator[Remark]:
    """Report the linear layer that reads a flattened map and holds over half of all parameters."""
    from netwright.lint.graphs import holder, maker, weight

    total = sum(parameter.elements for parameter in network.graph.parameters.values())
    for op in network.graph.ops:
        held = weight(op) if op.name == "linear" else None
        if held is None or 2 * held.elements <= total or total < LEAST:
            continue
        before = maker(network, op.inputs[0])
        map_shape = before.inputs[0].shape if before is not None and before.name in FLATTENING else ()
        if len(map_shape) > 2 and max(map_shape[2:]) > 1:
            path = holder(network, op)
            yield Remark(
                network.place(op, path),
                f"{network.title(path)} holds {held.elements:,} of {total:,} parameters: "
                f"it reads a flattened map of {show(map_shape[1:])}.",
                module=path,
                evidence={"parameters": held.elements, "total": total},
                fix=Fix("use global average pooling before it"),
            )


RULE = Rule("info", "manual", network=look)
