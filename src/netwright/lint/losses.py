"""The outputs of networks in a script (logits or probabilities), and the losses that they are given."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from netwright.lint.flow import flow
from netwright.lint.modules import classes_of
from netwright.lint.script import FUNCTIONS, Script

KINDS = {
    "CrossEntropyLoss": "cross_entropy",
    "cross_entropy": "cross_entropy",
    "NLLLoss": "nll",
    "nll_loss": "nll",
    "BCEWithLogitsLoss": "bce_with_logits",
    "binary_cross_entropy_with_logits": "bce_with_logits",
    "BCELoss": "bce",
    "binary_cross_entropy": "bce",
}
OUTPUTS = {
    "softmax": "softmax",
    "Softmax": "softmax",
    "log_softmax": "log_softmax",
    "LogSoftmax": "log_softmax",
    "sigmoid": "sigmoid",
    "Sigmoid": "sigmoid",
    "Linear": "logits",
    "linear": "logits",
}


@dataclass(frozen=True, eq=False)
class Use:
    """A call of a loss: the kind of loss, the call that made it, and the output that it is given."""

    kind: str
    made: ast.Call
    output: ast.expr


def uses(script: Script) -> Iterator[Use]:
    """Yield every call of a torch loss whose kind is certain."""
    for call in script.nodes(ast.Call):
        if not call.args or isinstance(call.args[0], ast.Starred):
            continue
        kind = KINDS.get(_torch(script, call).rpartition(".")[2])
        if kind and ".functional." in _torch(script, call):
            yield Use(kind, call, call.args[0])
            continue
        makers = flow(script).origins(call.func) or []
        kinds = {KINDS.get(_torch(script, maker).rpartition(".")[2]) for maker in makers}
        if len(kinds) == 1 and None not in kinds and isinstance(makers[0], ast.Call):
            yield Use(str(kinds.pop()), makers[0], call.args[0])


def _torch(script: Script, node: ast.AST) -> str:
    home = script.called(node)
    return home if home.startswith("torch.nn.") else ""


def networks(script: Script, output: ast.expr) -> list[ast.ClassDef]:
    """Return the classes of the networks whose result an expression certainly is."""
    call = flow(script).value(output)
    return (classes_of(script, call.func) or []) if isinstance(call, ast.Call) else []


def returned(script: Script, network: ast.ClassDef) -> tuple[str, ast.Call] | None:
    """Return the kind of output of a class's `forward` and the call that makes it, if they are certain."""
    forward = next(
        (node for node in network.body if isinstance(node, FUNCTIONS) and node.name == "forward"), None
    )
    returns = [node for node in ast.walk(forward) if isinstance(node, ast.Return)] if forward else []
    if len(returns) != 1 or returns[0].value is None:
        return None
    return classify(script, returns[0].value, network)


def classify(
    script: Script, node: ast.expr, network: ast.ClassDef | None = None
) -> tuple[str, ast.Call] | None:
    """Return the kind of an expression (logits, softmax, sigmoid …) and the call that made it."""
    call = flow(script).value(node)
    if not isinstance(call, ast.Call):
        return None
    name = script.called(call)
    if name.startswith("torch."):
        return _kind(name, call)
    match call.func:
        case ast.Attribute(value=ast.Name(id="self"), attr=layer) if network is not None:
            return _layer(script, network, layer, call)
        case ast.Attribute(attr="softmax" | "log_softmax" | "sigmoid" as method, value=inner) if (
            not script.dotted(inner)
        ):
            return OUTPUTS[method], call
        case ast.Call():
            return _kind(_torch(script, call.func), call)
    return None


def _kind(name: str, call: ast.Call) -> tuple[str, ast.Call] | None:
    kind = OUTPUTS.get(name.rpartition(".")[2])
    return (kind, call) if kind else None


def _layer(script: Script, network: ast.ClassDef, name: str, call: ast.Call) -> tuple[str, ast.Call] | None:
    """Return the kind of output of the layer `self.name`; of an `nn.Sequential`, that of its last layer."""
    made = [
        node.value
        for node in ast.walk(network)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == name and ast.unparse(target.value) == "self"
    ]
    layer = made[0] if len(made) == 1 else None
    while isinstance(layer, ast.Call) and script.called(layer) == "torch.nn.Sequential" and layer.args:
        layer = layer.args[-1]
    kind = OUTPUTS.get(_torch(script, layer).rpartition(".")[2]) if layer is not None else None
    return (kind, call) if kind else None
