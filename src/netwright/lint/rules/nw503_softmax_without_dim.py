"""A softmax does not say along which dimension it runs.

What. `F.softmax`, `F.log_softmax`, `F.softmin` or one of their layers is used without `dim`.

Why. PyTorch then chooses the dimension by the rank of the tensor: 0 for one and three dimensions, 1 for all
others (`torch.nn.functional._get_softmax_dim`, deprecated since PyTorch 0.4 with a warning). Scores of shape
(batch, words, classes) are therefore normalised over the examples of the batch, so that every prediction
depends on which other examples stand beside it. On a dimension of size 1 the result is constant.

Guard. None is needed: whoever reads the line cannot know the dimension, and naming it costs nothing. It is an
error where the network is recorded and the dimension has a size of 1, and a warning otherwise.

Instead.

    x = F.log_softmax(x, dim=1)
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, hides
from netwright.lint.rule import Rule
from netwright.lint.script import Script

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

FUNCTIONS = {f"torch.nn.functional.{name}": 1 for name in ("softmax", "log_softmax", "softmin")}
LAYERS = {f"torch.nn.{name}": 0 for name in ("Softmax", "LogSoftmax", "Softmin")}
POSITIONS = FUNCTIONS | LAYERS
"""What chooses a dimension by itself, and the position of the argument `dim`."""


def look(script: Script) -> Iterator[Remark]:
    """Report every softmax in a source file that is not given a dimension."""
    for call in script.nodes(ast.Call):
        if _implicit(script, call):
            name = script.called(call).rpartition(".")[2]
            yield Remark(
                script.at(call),
                f"`{name}` without `dim` chooses it by the rank of its input: 0 for 1 and 3 axes, else 1.",
                evidence={"function": name},
                fix=_fix(script, call, 1, editable=True),
            )


def recorded(network: "Network") -> Iterator[Remark]:
    """Report every softmax of a recorded network that was not given a dimension."""
    from netwright.lint.graphs import softmax_dim

    for op in network.graph.ops:
        dim = softmax_dim(op)
        if dim is None or op.arguments.get("dim") is not None:
            continue
        shape = op.outputs[0].shape
        located = _call(network, op)
        across = ", the batch" if dim == 0 and shape[0] == network.graph.batch else ""
        yield Remark(
            located[0].at(located[1]) if located else network.place(op),
            f"{op.name} without `dim` runs over dimension {dim} of {len(shape)}{across}, whose size is "
            f"{shape[dim]}.",
            module=op.module,
            evidence={"shape": list(shape), "dim": dim},
            fix=_fix(*located, -1 if dim == 0 else dim, editable=located[0].path == network.home)
            if located
            else Fix("pass dim"),
            severity="error" if shape[dim] == 1 else "warning",
        )


def _implicit(script: Script, call: ast.Call) -> bool:
    position = POSITIONS.get(script.called(call))
    if position is None or hides(call) or len(call.args) > position:
        return False
    dim = argument(call, "dim", position)
    return dim is None or (isinstance(dim, ast.Constant) and dim.value is None)


def _call(network: "Network", op: "Op") -> tuple[Script, ast.Call] | None:
    """Return the call that lacks the dimension: the constructor of the layer, or the call of the function."""
    constructor = network.constructor(op.module)
    if constructor is not None and _implicit(*constructor):
        return constructor
    for script, node in network.expressions(op.where):
        if isinstance(node, ast.Call) and _implicit(script, node):
            return script, node
    return None


def _fix(script: Script, call: ast.Call, dim: int, *, editable: bool) -> Fix:
    """Return the fix that names a dimension: the one that is chosen now, unless that is the batch."""
    from netwright.lint.rewrite import with_argument

    text = with_argument(script.segment(call), "dim", str(dim))
    if text is None:
        return Fix("pass dim")
    return Fix(" ".join(text.split()), edits=(script.replace(call, text),) if editable else ())


RULE = Rule("warning", "unsafe", script=look, network=recorded)
