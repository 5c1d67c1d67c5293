"""Dropout that is active in evaluation mode.

What. `F.dropout(x)` runs in evaluation mode with its default `training=True`.

Why. The function does not know of modes: `net.eval()` changes nothing, every prediction is drawn anew,
accuracy is lower and not reproducible (PyTorch documentation, `torch.nn.functional.dropout`: `training` is
True by default).

Guard. Monte-Carlo dropout writes `training=True` in the call, which counts as meant. Only dropout is judged:
models that sample draw noise on purpose.

Instead.

    x = F.dropout(x, 0.5, training=self.training)
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, Script
from netwright.trace.families import ALPHA_DROPOUTS, DROPOUTS

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

RANDOM = DROPOUTS | ALPHA_DROPOUTS
TRAINING = 2


def look(network: "Network") -> Iterator[Remark]:
    """Every dropout of the evaluation run that drops."""
    for op in network.graph.ops:
        if (
            op.name not in RANDOM
            or op.arguments.get("training") is not True
            or not op.arguments.get("p", 0.5)
        ):
            continue
        found = _call(network, op)
        if found is not None and _meant(found[1]):
            continue
        yield Remark(
            network.place(op),
            f"{op.name} (p = {op.arguments.get('p', 0.5)}) still drops in evaluation mode.",
            module=op.module,
            evidence={"p": op.arguments.get("p", 0.5)},
            fix=_fix(network, found),
        )


def _call(network: "Network", op: "Op") -> tuple[Script, ast.Call] | None:
    script = network.script(op.where.file) if op.where else None
    for node in script.starting(op.where.line) if script and op.where else ():
        if isinstance(node, ast.Call) and script and script.called(node).rpartition(".")[2] == op.name:
            return script, node
    return None


def _meant(call: ast.Call) -> bool:
    return len(call.args) > TRAINING or any(word.arg == "training" for word in call.keywords)


def _fix(network: "Network", found: tuple[Script, ast.Call] | None) -> Fix:
    from netwright.lint.rewrite import replaced, with_argument

    if found is None:
        return Fix("pass training=self.training")
    script, call = found
    method = script.scope(call)
    if not isinstance(method, FUNCTIONS) or not method.args.args or method.args.args[0].arg != "self":
        return Fix("pass training=self.training")
    text = with_argument(script.segment(call), "training", "self.training", TRAINING)
    return replaced(network, script, call, text, safe=True)


RULE = Rule("error", "safe", network=look)
