"""How many outputs a network of a script has, and which tensors have a single dimension."""

import ast

from netwright.lint.flow import argument, flow
from netwright.lint.losses import uses
from netwright.lint.modules import constructors, module_classes
from netwright.lint.script import FUNCTIONS, Script
from netwright.lint.targets import LABELLED

ELEMENTWISE = {
    "sigmoid",
    "tanh",
    "relu",
    "exp",
    "abs",
    "round",
    "softmax",
    "log_softmax",
    "logsigmoid",
    "clamp",
}
ELEMENTWISE |= {
    "to",
    "cuda",
    "cpu",
    "float",
    "double",
    "half",
    "long",
    "int",
    "bool",
    "detach",
    "clone",
    "data",
}
ELEMENTWISE |= {"contiguous", "dropout", "requires_grad_", "gt", "ge", "lt", "le"}
"""Methods and functions that keep the shape of their tensor."""
KEEPING = {"Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Softplus", "Dropout", "Identity", "Softmax", "LogSoftmax"}
"""Layers that keep the shape of their input."""
CLASSES = {"cross_entropy", "nll"}
RESHAPES = {"unsqueeze", "view", "reshape", "view_as", "expand", "keepdim"}
DEEPEST = 20


def width(script: Script, node: ast.AST, network: ast.ClassDef | None = None, depth: int = 0) -> int | None:
    """Return the size of the last dimension of a tensor; None if a linear layer does not certainly fix it.

    >>> script = Script.parse("from torch import nn\\nnn.Linear(8, 1)(x).sigmoid() > 0.5")
    >>> width(script, script.tree.body[1].value)
    1
    """
    value = flow(script).value(node)
    if value is None or depth > DEEPEST:
        return None
    inner = _inner(script, value)
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=layer)) if network is not None:
            return _of_layer(script, _stored(network, layer), value, network, depth)
        case _ if inner is not None:
            return width(script, inner, network, depth + 1)
        case ast.Call(func=ast.Call() as layer):
            return _of_layer(script, layer, value, network, depth)
        case ast.Call() if not script.called(value):
            return _of_networks(script, value, depth)
    return None


def makers(script: Script, node: ast.AST, depth: int = 0) -> set[str]:
    """Return the classes of the networks whose result a tensor certainly is, in the shape that they gave it.

    >>> script = Script.parse("net = Net()\\nnet(x).sigmoid() > 0.5")
    >>> makers(script, script.tree.body[1].value)
    {'Net'}
    """
    value = flow(script).value(node)
    inner = _inner(script, value) if value is not None else None
    if inner is not None and depth < DEEPEST:
        return makers(script, inner, depth + 1)
    if not isinstance(value, ast.Call) or script.called(value):
        return set()
    built = constructors(script, value.func) or []
    return {made.func.id for made in built if isinstance(made.func, ast.Name)}


def _inner(script: Script, value: ast.AST) -> ast.expr | None:
    """Return the tensor that an operation changes element by element, so that it keeps its shape."""
    match value:
        case ast.Compare(left=left, comparators=[ast.Constant()]):
            return left
        case ast.Call(args=[first, *_]) if script.called(value):
            home, _, name = script.called(value).rpartition(".")
            return first if name in ELEMENTWISE and home.startswith("torch") else None
        case ast.Call(func=ast.Attribute(attr=method, value=inner)) if method in ELEMENTWISE:
            return None if script.called(value) else inner
    return None


def _of_networks(script: Script, call: ast.Call, depth: int) -> int | None:
    """Return the width that all networks have which an expression may call."""
    known, widths = module_classes(script), set()
    for made in constructors(script, call.func) or []:
        name = made.func.id if isinstance(made.func, ast.Name) else ""
        if script.called(made):
            widths.add(_of_layer(script, made, call, None, depth))
        else:
            widths.add(_returned(script, known[name], depth) if name in known else None)
    return widths.pop() if len(widths) == 1 else None


def _returned(script: Script, network: ast.ClassDef, depth: int) -> int | None:
    forward = next(
        (node for node in network.body if isinstance(node, FUNCTIONS) and node.name == "forward"), None
    )
    returns = [node for node in ast.walk(forward) if isinstance(node, ast.Return)] if forward else []
    if len(returns) != 1 or returns[0].value is None:
        return None
    return width(script, returns[0].value, network, depth + 1)


def _stored(network: ast.ClassDef, name: str) -> ast.AST | None:
    """Return what a class stores in `self.name`, if it does so once."""
    stored = [
        node.value
        for node in ast.walk(network)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == f"self.{name}"
    ]
    return stored[0] if len(stored) == 1 else None


def _of_layer(
    script: Script, layer: ast.AST | None, call: ast.Call, network: ast.ClassDef | None, depth: int
) -> int | None:
    """Return the width that a layer gives to its output."""
    name = script.called(layer).removeprefix("torch.nn.") if layer is not None else ""
    while isinstance(layer, ast.Call) and name == "Sequential" and layer.args:
        kept = [part for part in layer.args if script.called(part).rpartition(".")[2] not in KEEPING]
        layer = kept[-1] if kept else None
        name = script.called(layer).removeprefix("torch.nn.") if layer is not None else ""
    if isinstance(layer, ast.Call) and name == "Linear":
        size = flow(script).literal(argument(layer, "out_features", 1))
        return size if isinstance(size, int) else None
    return width(script, call.args[0], network, depth + 1) if name in KEEPING and call.args else None


def shifted(node: ast.expr) -> ast.expr:
    """Return the tensor to which constants are added, or by which it is multiplied; they keep its shape.

    >>> ast.unparse(shifted(ast.parse("labels + 1 - 2", mode="eval").body))
    'labels'
    """
    while isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
        node = node.left
    return node


def flat(script: Script, node: ast.expr) -> bool:
    """Return True for a tensor that certainly has no second dimension of size 1.

    That is so for the classes that a cross-entropy takes or a loader of labelled images yields, for what is
    unsqueezed elsewhere or stands beside what is squeezed, and for a tensor that is made with one size.
    """
    node = shifted(node)
    while (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ELEMENTWISE
    ):
        node = node.func.value
    if isinstance(node, ast.Name) and _reshaped(script, node):
        return False
    value = flow(script).value(node)
    if isinstance(value, ast.Call) and script.called(value):
        home, _, name = script.called(value).rpartition(".")
        made = home == "torch" and name in {"zeros", "ones", "rand", "randn", "arange"}
        return made and len(value.args) == 1 and _is_count(script, value.args[0])
    if not isinstance(node, ast.Name):
        return False
    if isinstance(value, ast.expr) and value is not node and _name(value) != node.id:
        return False
    return node.id in _classes(script) | _unsqueezed(script) | _squeezed(script) | _labels(script)


def _is_count(script: Script, node: ast.AST) -> bool:
    """Return True for an integer: a constant, a length, or one size of a tensor."""
    match flow(script).value(node):
        case ast.Call(func=ast.Name(id="len")):
            return True
        case ast.Call(func=ast.Attribute(attr="size"), args=[_]):
            return True
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=int())):
            return True
    return isinstance(flow(script).literal(node), int)


def _reshaped(script: Script, name: ast.Name) -> bool:
    """Return True when the scope of a name stores a reshaped tensor in it."""
    stores = [
        node
        for node in ast.walk(script.scope(name))
        if isinstance(node, ast.Assign) and name.id in {ast.unparse(target) for target in node.targets}
    ]
    words = {node.attr for store in stores for node in ast.walk(store) if isinstance(node, ast.Attribute)}
    indexed = any(isinstance(node, ast.Subscript) for store in stores for node in ast.walk(store.value))
    return indexed or not words.isdisjoint(RESHAPES)


def _classes(script: Script) -> set[str]:
    """Return the names that losses of classes are given as targets."""
    calls = [
        (use, next(up for up in script.above(use.output) if isinstance(up, ast.Call))) for use in uses(script)
    ]
    given = [argument(call, "target", 1) for use, call in calls if use.kind in CLASSES]
    return {_name(node) for node in given if node is not None} - {""}


def _labels(script: Script) -> set[str]:
    """Return the names that take the targets of labelled images: `for x, y in DataLoader(CIFAR10(…))`."""
    names = set()
    for loop in [*script.nodes(ast.For), *script.nodes(ast.comprehension)]:
        match loop.target:
            case ast.Tuple(elts=[_, ast.Tuple(elts=[_, ast.Name(id=name)]) | ast.Name(id=name)]):
                if _labelled(script, loop.iter):
                    names.add(name)
    return names


def _labelled(script: Script, loop: ast.expr) -> bool:
    """Return True for batches of a data set of torchvision whose targets are classes."""
    if isinstance(loop, ast.Call) and _name(loop.func) == "enumerate" and loop.args:
        loop = loop.args[0]
    sets: list[ast.AST] = []
    for loader in flow(script).origins(loop) or [loop]:
        if not isinstance(loader, ast.Call) or script.called(loader) != "torch.utils.data.DataLoader":
            return False
        words = {word.arg: ast.unparse(word.value) for word in loader.keywords}
        data = argument(loader, "dataset", 0)
        if data is None or "collate_fn" in words or words.get("batch_size") == "None":
            return False
        sets += flow(script).origins(data) or [data]
    return all(
        isinstance(made, ast.Call)
        and LABELLED.match(script.called(made))
        and all(word.arg != "target_transform" for word in made.keywords)
        for made in sets
    )


def _unsqueezed(script: Script) -> set[str]:
    """Return the names whose tensors get a second dimension somewhere: `y.unsqueeze(1)`, `y[:, None]`."""
    names = set()
    for node in [*script.nodes(ast.Call), *script.nodes(ast.Subscript)]:
        match node:
            case ast.Call(func=ast.Attribute(attr="unsqueeze", value=owner), args=[place]):
                if ast.unparse(place) in {"1", "-1"}:
                    names.add(_name(owner))
            case ast.Subscript(
                value=ast.Name(id=name), slice=ast.Tuple(elts=[ast.Slice(), ast.Constant(value=None)])
            ):
                names.add(name)
    return names - {""}


def _squeezed(script: Script) -> set[str]:
    """Return the names that functions take beside a tensor without its second dimension."""
    names = set()
    for call in script.nodes(ast.Call):
        match call:
            case ast.Call(args=[first, ast.Name(id=name)]):
                made = flow(script).value(first)
                if isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute):
                    names |= {name} if made.func.attr == "squeeze" else set()
    return names


def _name(node: ast.expr) -> str:
    """Return the name of a tensor, before a constant is added and before functions that keep its shape."""
    node = shifted(node)
    while (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ELEMENTWISE
    ):
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else ""
