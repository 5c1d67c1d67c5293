"""The outputs of networks in a script (logits or probabilities), and the losses that they are given."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from netwright.lint.bindings import inside
from netwright.lint.flow import argument, flow
from netwright.lint.modules import constructors, lineage, module_classes, own_class
from netwright.lint.script import FUNCTIONS, Function, Script

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
    "logsigmoid": "log_sigmoid",
    "LogSigmoid": "log_sigmoid",
    **dict.fromkeys(
        ("Linear", "linear", "Conv1d", "Conv2d", "Conv3d", "conv1d", "conv2d", "conv3d"), "logits"
    ),
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm"), "logits"),
}
RESHAPING = {"view", "reshape", "squeeze", "unsqueeze", "flatten", "contiguous", "permute", "transpose"}
RESHAPING |= {"to", "cuda", "cpu", "float", "double", "half", "type_as", "view_as", "clone", "t", "movedim"}
"""Methods and functions that keep the values of a tensor."""
KEEPING = {"torch.nn.Flatten", "torch.nn.Unflatten", "torch.nn.Identity"}
DEEPEST = 10

Output = tuple[str, ast.Call]
"""A kind of output, and the call that makes it or the constructor of the layer that does."""


@dataclass(frozen=True, eq=False)
class Use:
    """A call of a loss: the kind of loss, the call that made it, and the output that it is given."""

    kind: str
    made: ast.Call
    output: ast.expr


def uses(script: Script) -> Iterator[Use]:
    """Yield every call of a torch loss whose kind is certain."""
    for call in script.nodes(ast.Call):
        output = argument(call, "input", 0)
        if output is None:
            continue
        kind = KINDS.get(_torch(script, call).rpartition(".")[2])
        if kind and ".functional." in _torch(script, call):
            yield Use(kind, call, output)
            continue
        makers = constructors(script, call.func) or []
        kinds = {KINDS.get(_torch(script, maker).rpartition(".")[2]) for maker in makers}
        if len(kinds) == 1 and None not in kinds:
            yield Use(str(kinds.pop()), makers[0], output)


def _torch(script: Script, node: ast.AST) -> str:
    home = script.called(node)
    return home if home.startswith("torch.nn.") else ""


def outputs(script: Script, node: ast.expr) -> list[list[Output]]:
    """Return what an expression certainly is: its own kind, or what each network may return that makes it."""
    made = (_of_call(script, call, place) for call, place in _sources(script, node))
    return [kinds for network in made for kinds in network if kinds]


def networks(script: Script, node: ast.expr) -> list[ast.ClassDef]:
    """Return the classes of the networks whose result an expression certainly is."""
    known = module_classes(script)
    built = [made for call, _ in _sources(script, node) for made in constructors(script, call.func) or []]
    names = [made.func.id for made in built if isinstance(made.func, ast.Name)]
    own = [cls.name for call, _ in _sources(script, node) if (cls := own_class(script, call))]
    return [known[name] for name in dict.fromkeys(names + own) if name in known]


def _sources(script: Script, node: ast.AST, depth: int = 0) -> list[tuple[ast.Call, int | None]]:
    """Return the calls that an expression is the result of, each with the place in it where it is a tuple.

    Views are looked through, and parameters are followed to the calls of their function.
    """
    node, follower = _reshaped(script, node), flow(script)
    match node:
        case ast.Subscript(value=ast.Call() as call, slice=ast.Constant(value=int(place))):
            return [(call, place)]
        case ast.Subscript(value=ast.Name() as name, slice=ast.Constant(value=int(place))):
            whole = follower.value(name)
            return [(whole, place)] if isinstance(whole, ast.Call) and not _is_view(script, whole) else []
        case ast.Call():
            return [(node, None)]
        case ast.Name() if unpacked := follower.element(node):
            return [unpacked]
        case ast.Name() if depth < DEEPEST:
            value = follower.value(node)
            values = _given(script, node) if value is None else [value]
            return [
                source for part in values if part is not node for source in _sources(script, part, depth + 1)
            ]
    return []


def _given(script: Script, name: ast.Name) -> list[ast.AST]:
    """Return what the calls of a function give for the parameter that a name is."""
    home = flow(script).home(name)
    bound = flow(script).bound(home).get(name.id, []) if home is not None else []
    only = bound[0] if len(bound) == 1 else None
    return flow(script).arguments(only) or [] if isinstance(only, ast.arg) else []


def _reshaped(script: Script, node: ast.AST) -> ast.AST:
    """Return the tensor of which an expression is a view or a copy."""
    while isinstance(node, ast.Call) and _is_view(script, node):
        node = node.args[0] if script.called(node) else node.func.value  # type: ignore[attr-defined]  # a method
    return node


def _is_view(script: Script, call: ast.Call) -> bool:
    home = script.called(call)
    if home:
        return home.startswith("torch.") and home.removeprefix("torch.") in RESHAPING and bool(call.args)
    return isinstance(call.func, ast.Attribute) and call.func.attr in RESHAPING


def _of_call(script: Script, call: ast.Call, place: int | None) -> list[list[Output]]:
    direct = classify(script, call) if place is None else None
    if direct is not None:
        return [[direct]]
    own = own_class(script, call)
    if own is not None:
        return [returned(script, own, place)]
    return [_of_network(script, built, place) for built in constructors(script, call.func) or []]


def _of_network(script: Script, built: ast.Call, place: int | None) -> list[Output]:
    """Return the kind of output of a network by its constructor, at a place of the tuple that it returns."""
    if _torch(script, built):
        output = _of_layer(script, built) if place is None else None
        return [output] if output else []
    name = built.func.id if isinstance(built.func, ast.Name) else ""
    network = module_classes(script).get(name)
    return returned(script, network, place) if network is not None else []


def returned(script: Script, network: ast.ClassDef, place: int | None = None) -> list[Output]:
    """Return the kind of output of each `return` of a class's `forward`; nothing if one is not certain."""
    return _of_method(script, network, "forward", place, 0)


def _of_method(
    script: Script, network: ast.ClassDef, name: str, place: int | None, depth: int
) -> list[Output]:
    method = next((node for node in network.body if isinstance(node, FUNCTIONS) and node.name == name), None)
    returns = [node for node in inside(method) if isinstance(node, ast.Return)] if method else []
    results = [_result(node.value, place) for node in returns]
    if depth > DEEPEST:
        return []
    judged = [classify(script, node, network, depth + 1) if node is not None else None for node in results]
    return [output for output in judged if output] if None not in judged else []


def _result(value: ast.expr | None, place: int | None) -> ast.expr | None:
    """Return what a `return` gives at a place of its tuple."""
    if place is None:
        return value
    elements = value.elts if isinstance(value, ast.Tuple) else []
    return elements[place] if -len(elements) <= place < len(elements) else None


def classify(
    script: Script, node: ast.AST, network: ast.ClassDef | None = None, depth: int = 0
) -> Output | None:
    """Return the kind of an expression (logits, softmax, sigmoid …) and the call that made it."""
    call = _made(script, node)
    if call is None:
        return None
    name = script.called(call)
    if name.startswith("torch."):
        return _kind(name, call)
    match call.func:
        case ast.Attribute(value=ast.Name(id="self"), attr=layer) if network is not None:
            results = _of_method(script, network, layer, None, depth)
            return _layer(script, network, layer, call) or (results[0] if len(results) == 1 else None)
        case ast.Attribute(attr="softmax" | "log_softmax" | "sigmoid" as method, value=inner) if (
            not script.dotted(inner)
        ):
            return OUTPUTS[method], call
        case ast.Call() as built:
            output = _of_layer(script, built)
            return (output[0], call if output[1] is built else output[1]) if output else None
    return None


def _made(script: Script, node: ast.AST) -> ast.Call | None:
    """Return the call whose result an expression is, looking through assignments and views."""
    for _ in range(DEEPEST):
        value = flow(script).value(_reshaped(script, node))
        if value is None or value is node:
            break
        node = value
    return node if isinstance(node, ast.Call) else None


def _kind(name: str, call: ast.Call) -> Output | None:
    kind = OUTPUTS.get(name.rpartition(".")[2])
    return (kind, call) if kind else None


def _layer(script: Script, network: ast.ClassDef, name: str, call: ast.Call) -> Output | None:
    """Return the kind of output of the layer `self.name`, and its call or the last layer of a container."""
    made = [
        value
        for part in lineage(script, network)
        for method in ast.walk(part)
        if isinstance(method, FUNCTIONS)
        for value in _assigned(method, name)
    ]
    output = _of_layer(script, made[0]) if len(made) == 1 else None
    return (output[0], call if output[1] is made[0] else output[1]) if output else None


def _assigned(method: Function, name: str) -> Iterator[ast.expr]:
    for node in inside(method):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if ast.unparse(target) == f"self.{name}":
                        yield value


def _of_layer(script: Script, layer: ast.AST) -> Output | None:
    """Return the kind of output of a layer by its constructor; of a container, that of its last layer."""
    while isinstance(layer, ast.Call) and _torch(script, layer) == "torch.nn.Sequential" and layer.args:
        kept = [part for part in layer.args if script.called(part) not in KEEPING]
        if not kept:
            return None
        layer = kept[-1]
    return _kind(_torch(script, layer), layer) if isinstance(layer, ast.Call) else None
