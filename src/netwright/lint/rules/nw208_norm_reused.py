"""One batch normalisation at several places.

What. The same batch normalisation is called more than once in a forward pass.

Why. Its running averages are updated at each call, with the statistics of different places: in evaluation it
normalises all of them by a mixture that fits none (Ioffe & Szegedy 2015, section 3.1 assumes one distribution
per norm). Weights may be shared, statistics should not.

Guard. An info. Siamese networks and heads shared by pyramid levels do it on purpose.

Instead. One norm a place.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network


def look(network: "Network") -> Iterator[Remark]:
    """Every batch norm that is called twice."""
    for path, module in network.graph.modules.items():
        if module.calls > 1 and module.class_name.endswith(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")):
            yield Remark(
                network.built(path),
                f"{path} is called {module.calls} times in one pass: its statistics mix as many places.",
                module=path,
                evidence={"calls": module.calls},
                fix=Fix("one norm a place"),
            )


RULE = Rule("info", "manual", network=look)
