"""One weight holds most of the network.

What. More than half of all parameters are the weight of one linear layer that reads a flattened map.

Why. A flatten into a wide layer ties every unit to every position: most of AlexNet's and VGG's weights are
there (VGG-16: 102,760,448 of 138 M in one layer), and global average pooling does without them at no loss
(Lin, Chen & Yan 2014, "Network in Network"; He et al. 2015).

Guard. An info, from 10,000 parameters on, and only behind a map of more than one position.

Instead.

    nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network

FLATTENING = {"flatten", "view", "reshape"}
LEAST = 10_000


def look(network: "Network") -> Iterator[Remark]:
    """The linear layer that reads a flattened map and holds over half of all parameters."""
    from netwright.lint.graphs import holder, maker, weight

    total = sum(parameter.elements for parameter in network.graph.parameters.values())
    for op in network.graph.ops:
        found = weight(op) if op.name == "linear" else None
        if found is None or 2 * found.elements <= total or total < LEAST:
            continue
        before = maker(network, op.inputs[0])
        map_shape = before.inputs[0].shape if before is not None and before.name in FLATTENING else ()
        if len(map_shape) > 2 and max(map_shape[2:]) > 1:
            path = holder(network, op)
            yield Remark(
                network.place(op, path),
                f"{network.title(path)} holds {found.elements:,} of {total:,} parameters: "
                f"it reads a flattened map of {'x'.join(str(size) for size in map_shape[1:])}.",
                module=path,
                evidence={"parameters": found.elements, "total": total},
                fix=Fix("global average pooling before it"),
            )


RULE = Rule("info", "manual", network=look)
