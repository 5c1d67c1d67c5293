"""One batch normalisation is used at several places.

What. The same batch normalisation is called more than once in a forward pass.

Why. Each call updates its running averages with the statistics of a different place. In evaluation it
normalises all places by a mixture that fits none of them (Ioffe & Szegedy 2015, section 3.1, assume one
distribution for each norm). Weights may be shared, but statistics should not be.

Guard. The finding is an info. Siamese networks and heads that the levels of a pyramid share do this on
purpose.

Instead. Use one norm for each place.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network


def look(network: "Network") -> Iterator[Remark]:
    """Report every batch norm that is called more than once."""
    for path, module in network.graph.modules.items():
        if module.calls > 1 and module.class_name.endswith(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")):
            yield Remark(
                network.built(path),
                f"{path} is called {module.calls} times in one pass and mixes the statistics of all places.",
                module=path,
                evidence={"calls": module.calls},
                fix=Fix("use one norm for each place"),
            )


RULE = Rule("info", "manual", network=look)
