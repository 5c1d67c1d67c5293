"""A residual block never adds its input.

What. The name of a class says that it is residual (`ResBlock`, `ResidualUnit` …), or a block has a layer
called `shortcut`, `skip` or `downsample`, but its input never rejoins its output: nothing is added or
concatenated in the block or right after it.

Why. Without the sum it is a plain block, and a deep network of plain blocks trains worse than a shallow one
(He et al. 2015, Fig. 6: 56 plain layers are worse than 20). It is easy to forget the `+ x`, and everything
still runs without it.

Guard. The sum may stand in the caller, as in pre-activation stages and FracTAL units. A block that merges in
any way is not reported.

Instead.

    return self.act(self.branch(x) + self.shortcut(x))
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import MERGING, WRITES

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

NAMED = re.compile(
    r"^_?(Pre)?(Act)?Res(idual)?_?(Net|Conv)?_?(Block|Unit|Layer|Module)\w*$|^Residual$", re.IGNORECASE
)
SHORTCUT = re.compile(r"^(shortcut|skip(_?(conv|proj|connection))?|downsample|identity_?conv)$")
"""The name of a layer on the shortcut of a block; such a block must have a branch beside it."""
BLOCK = re.compile(r"(Block|Bottleneck|Unit)\w*$")
ADDING = MERGING | WRITES | {"addmm", "baddbmm", "einsum"}
"""Other matrix products are not among them, because a block may multiply and still lack its sum."""


def look(network: "Network") -> Iterator[Remark]:
    """Report every block with weights whose name says residual and that never merges."""
    from netwright.lint.graphs import inside

    silent, adding = {}, set()
    for path, module in network.graph.modules.items():
        if path and (NAMED.match(module.class_name) or _has_shortcut(network, path)):
            ops = list(inside(network.graph, path))
            if any(op.name in ADDING for op in ops) or (ops and _merged_after(network, ops[-1])):
                adding.add(module.class_name)
            elif any(op.macs for op in ops):
                silent[path] = module
    for path, module in silent.items():
        if module.class_name in adding:
            continue
        yield Remark(
            network.built(path),
            f"{path} is a {module.class_name}, but its input never rejoins its output: nothing is added.",
            module=path,
            evidence={"class": module.class_name},
            fix=Fix("add the block's input to its output"),
        )


def _has_shortcut(network: "Network", path: str) -> bool:
    """Return True for a block with a layer on its shortcut."""
    children = dict(network.modules[path].named_children()) if path in network.modules else {}
    block = BLOCK.search(network.graph.modules[path].class_name)
    return bool(block) and any(SHORTCUT.match(name) for name in children)


def _merged_after(network: "Network", last: "Op", depth: int = 3) -> bool:
    """Return True when the caller merges the result of the block, also after a norm or activation."""
    if not depth:
        return False
    users = [user for tensor in last.outputs for user in network.consumers.get(tensor.key, [])]
    merged = any(user.name in ADDING for user in users)
    return merged or any(not user.macs and _merged_after(network, user, depth - 1) for user in users)


RULE = Rule("warning", "manual", network=look)
