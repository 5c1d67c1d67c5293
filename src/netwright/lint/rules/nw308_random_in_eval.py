"""A dropout is active in evaluation mode.

What. `F.dropout(x)` runs in evaluation mode with its default `training=True`.

Why. The function does not know the mode of the network, so `net.eval()` changes nothing. Every prediction is
drawn anew, and accuracy is lower and not reproducible (PyTorch documentation, `torch.nn.functional.dropout`:
`training` is True by default).

Guard. A call that passes `training=True`, as Monte-Carlo dropout does, is taken as intended. Only dropout is
judged, because models that sample draw noise on purpose, and only where the source calls the function: a
layer that is not part of the network keeps a mode of its own.

Instead.

    x = F.dropout(x, 0.5, training=self.training)
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.modules import module_classes
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, Script
from netwright.trace.families import ALPHA_DROPOUTS, DROPOUTS

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

RANDOM = DROPOUTS | ALPHA_DROPOUTS
TRAINING = 2


def look(network: "Network") -> Iterator[Remark]:
    """Report every dropout that is active in the evaluation run."""
    for op in network.graph.ops:
        if (
            op.name not in RANDOM
            or op.arguments.get("training") is not True
            or not op.arguments.get("p", 0.5)
        ):
            continue
        located = _call(network, op)
        if located is None or _meant(located[1]):
            continue
        yield Remark(
            network.place(op),
            f"{op.name} (p = {op.arguments.get('p', 0.5)}) is still active in evaluation mode.",
            module=op.module,
            evidence={"p": op.arguments.get("p", 0.5)},
            fix=_fix(network, *located),
        )


def _call(network: "Network", op: "Op") -> tuple[Script, ast.Call] | None:
    script = network.script(op.where.file) if op.where else None
    for node in script.starting(op.where.line) if script and op.where else ():
        if isinstance(node, ast.Call) and script and script.called(node).rpartition(".")[2] == op.name:
            return script, node
    return None


def _meant(call: ast.Call) -> bool:
    return len(call.args) > TRAINING or any(word.arg == "training" for word in call.keywords)


def _fix(network: "Network", script: Script, call: ast.Call) -> Fix:
    from netwright.lint.rewrite import replaced, with_argument

    method = script.scope(call)
    if not _of_module(script, method):
        return Fix("pass training=self.training")
    text = with_argument(script.segment(call), "training", "self.training", TRAINING)
    return replaced(network, script, call, text, safe=True) if text else Fix("pass training=self.training")


def _of_module(script: Script, method: ast.AST) -> bool:
    """Return True for a method of a class that certainly is a module, so that `self.training` exists."""
    owner = script.parents.get(method)
    named = isinstance(method, FUNCTIONS) and bool(method.args.args) and method.args.args[0].arg == "self"
    return named and isinstance(owner, ast.ClassDef) and module_classes(script).get(owner.name) is owner


RULE = Rule("error", "safe", network=look)
