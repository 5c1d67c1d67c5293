"""An optimizer holds no parameter of the network that is trained.

What. All parameters of an optimizer are frozen or detached, or the network (or one of its layers) was
replaced after the optimizer was made.

Why. An optimizer keeps the tensors that it is given when it is made. A frozen or detached tensor never gets a
gradient, and `step()` skips it without a word; with a new network under the old name, `backward()` fills the
gradients of the new one while `step()` goes over the old one. The loss falls in neither case, and nothing
fails. A network that is only moved keeps its parameters, which `Module.to` changes in place; but `Adagrad`
allocates its state when it is made, on the device of that moment, so its first `step()` fails. (PyTorch
documentation, `torch.optim`: optimized parameters should live in consistent locations when optimizers are
constructed and used.)

Guard. The network must be frozen as a whole and without a condition, and nothing may replace, unfreeze or
receive it before the optimizer is made. A replaced network is reported only if the optimizer is used later
and neither made again nor given the new parameters. A move is an error for `Adagrad` and otherwise an info.

Instead. Make the optimizer last: build the network, move it, freeze what stays as it is, and then give the
optimizer the parameters that learn.

    net = Net().to(device)
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
"""

import ast
from collections.abc import Iterator

from netwright.lint.bindings import inside
from netwright.lint.finding import Fix, Remark, Severity
from netwright.lint.flow import flow
from netwright.lint.modules import classes_of
from netwright.lint.optimizers import Optimizer, after, optimizers, stores, uses
from netwright.lint.rule import Rule
from netwright.lint.script import Script

NEUTRAL = {"to", "cuda", "cpu", "train", "eval", "parameters", "named_parameters", "requires_grad_", "float"}
NEUTRAL |= {"half", "double", "zero_grad", "load_state_dict", "state_dict"}
"""Methods after which the same parameters are there, frozen as they were."""
WEIGHTED = ("Linear", "Bilinear", "Embedding", "EmbeddingBag", "LSTM", "GRU", "RNN", "MultiheadAttention")
UNCHANGED = {"detach", "clone", "cpu", "cuda", "to", "float", "half", "double"}
FRESH = {"randn", "rand", "zeros", "ones", "tensor", "full", "empty", "zeros_like", "ones_like", "randn_like"}


def look(script: Script) -> Iterator[Remark]:
    """Report every optimizer that certainly changes nothing of what is trained."""
    for made in optimizers(script):
        if _detached(script, made):
            yield _remark(script, made, "is given tensors without a gradient", made.call.lineno)
        if made.network:
            yield from _frozen(script, made)
            yield from _replaced(script, made)


def _remark(
    script: Script,
    made: Optimizer,
    reason: str,
    line: int,
    advice: str = "",
    severity: Severity | None = None,
) -> Remark:
    consequence = "it changes nothing" if severity is None and not advice else ""
    return Remark(
        script.at(made.call),
        f"`{ast.unparse(made.target)}` {reason}{': ' if consequence else ''}{consequence}.",
        evidence={"network": made.network, "cause": line},
        fix=Fix(advice or "give the optimizer parameters that require a gradient"),
        severity=severity,
    )


def _detached(script: Script, made: Optimizer) -> bool:
    """Return True when every tensor of an optimizer is detached, and nothing asks for its gradient later."""
    given = flow(script).value(made.parameters)
    match given:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) if parts:
            pass
        case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
            parts = [part]
        case ast.Call(
            func=ast.Attribute(attr="values", value=ast.Call(func=ast.Attribute(attr="state_dict")))
        ):
            return not _thaws(script, "")
        case _:
            return False
    return all(_gradless(script, part) for part in parts) and not _thaws(script, "")


def _gradless(script: Script, node: ast.expr) -> bool:
    """Return True for a tensor that certainly has no gradient: `p.data`, `p.detach()`, `torch.randn(3)`."""
    origins = flow(script).origins(node)
    return bool(origins) and all(_made_gradless(script, origin) for origin in origins or ())


def _made_gradless(script: Script, node: ast.AST) -> bool:
    home, _, function = script.called(node).rpartition(".")
    if isinstance(node, ast.Call) and home == "torch" and function in FRESH:
        return all(word.arg not in ("requires_grad", None) for word in node.keywords)
    detached = False
    while True:
        match node:
            case ast.Attribute(attr="data"):
                return True
            case ast.Call(func=ast.Attribute(attr=method, value=inner)) if method in UNCHANGED:
                detached |= method == "detach"
                node = inner
            case _:
                return detached


def _frozen(script: Script, made: Optimizer) -> Iterator[Remark]:
    """Report an optimizer whose network is frozen as a whole, before it or between it and its first use."""
    scope = script.scope(made.statement)
    read = [node.lineno for node in uses(script, made.target)]
    for freeze in _freezes(scope, made.network):
        first, last = sorted((freeze, made.statement), key=lambda node: node.lineno)
        beside = script.parents[freeze] is script.parents[made.statement]
        if made.statement not in after(script, freeze) and not beside:
            continue
        used = any(first.lineno < line < last.lineno for line in read)
        later = first is freeze or any(line > last.lineno for line in read)
        if used or not later or _thaws(script, made.network) or _touched(script, made.network, first, last):
            continue
        reason = f"is given the parameters of `{made.network}`, which line {freeze.lineno} freezes"
        yield _remark(script, made, reason, freeze.lineno)
        return


def _freezes(scope: ast.AST, network: str) -> Iterator[ast.stmt]:
    """Yield the statements that freeze every parameter of a network."""
    loops = {f"{network}.parameters()", f"{network}.named_parameters()"}
    for node in inside(scope):
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="requires_grad_", value=owner)) as call):
                if ast.unparse(owner) == network and _is_false(call):
                    yield node
            case ast.For(iter=parameters, body=body) if ast.unparse(parameters) in loops:
                if any(_freezes_one(statement) for statement in body):
                    yield node


def _freezes_one(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Attribute(attr="requires_grad")], value=ast.Constant(value=False)):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="requires_grad_")) as call):
            return _is_false(call)
    return False


def _is_false(call: ast.Call) -> bool:
    return [ast.unparse(value) for value in (*call.args, *(word.value for word in call.keywords))] == [
        "False"
    ]


def _thaws(script: Script, network: str) -> bool:
    """Return True when the file may ask for gradients of a network, or of any tensor if it is empty."""
    for node in script.nodes(ast.Attribute):
        above = script.parents[node]
        stored = isinstance(node.ctx, ast.Store) and isinstance(above, ast.Assign)
        match node.attr, above:
            case "requires_grad", ast.Assign(value=value) if stored:
                asks = ast.unparse(value) != "False"
            case "requires_grad_", ast.Call() if above.func is node:
                asks = not _is_false(above)
            case "grad", _:
                asks = stored and not network
            case _:
                asks = False
        if asks and (not network or _concerns(script, node.value, network)):
            return True
    return False


def _concerns(script: Script, owner: ast.expr, network: str) -> bool:
    """Return True when a tensor may be a parameter of a network, because a loop or its name leads there."""
    root = network.partition(".")[0]
    names = {node.id for node in ast.walk(owner) if isinstance(node, ast.Name)}
    for loop in script.above(owner):
        if isinstance(loop, ast.For) and "parameters" in ast.unparse(loop.iter):
            bound = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
            if names & bound:
                return True
    return root in names


def _touched(script: Script, network: str, first: ast.stmt, last: ast.stmt) -> bool:
    """Return True when a network may be changed or passed on between two statements."""
    for node in inside(script.scope(last)):
        if not isinstance(node, ast.Name | ast.Attribute) or ast.unparse(node) != network:
            continue
        if not (first.end_lineno or first.lineno) < node.lineno < last.lineno:
            continue
        above = script.parents[node]
        called = isinstance(above, ast.Attribute) and isinstance(script.parents[above], ast.Call)
        if isinstance(node.ctx, ast.Store):
            if network not in ast.unparse(script.statement(node)).partition("=")[2]:
                return True
        elif not called or above.attr not in NEUTRAL:  # type: ignore[attr-defined]  # `called` says so
            return True
    return False


def _replaced(script: Script, made: Optimizer) -> Iterator[Remark]:
    """Report an optimizer that is used although its network, or a layer of it, was replaced or moved."""
    scope, name = script.scope(made.statement), ast.unparse(made.target)
    again = [node.lineno for node in stores(script, scope, name)]
    used = uses(script, made.target)
    if any(isinstance(node, ast.Attribute) and node.attr == "add_param_group" for node in inside(scope)):
        return
    for statement in after(script, made.statement):
        line = statement.lineno
        if any(line <= other for other in again):
            return
        if not any(script.scope(node) is not scope or node.lineno > line for node in used):
            continue
        what = _replacement(script, statement, made.network)
        if what:
            reason = f"keeps the old parameters of `{what}`, which line {line} replaces"
            yield _remark(script, made, reason, line, "make the optimizer after the network is complete")
            return
        if _moves(statement, made.network):
            yield _moved(script, made, line)
            return


def _replacement(script: Script, statement: ast.stmt, network: str) -> str:
    """Return what a statement replaces, a network or a layer of it; empty if it replaces neither."""
    if not isinstance(statement, ast.Assign):
        return ""
    for target in statement.targets:
        text = ast.unparse(target)
        owner = ast.unparse(target.value) if isinstance(target, ast.Attribute | ast.Subscript) else ""
        if text == network and _new_network(script, statement.value, network):
            return text
        if (owner == network or owner.startswith(f"{network}.")) and _weighted(script, statement.value):
            return text
    return ""


def _new_network(script: Script, value: ast.expr, network: str) -> bool:
    call: ast.expr = value
    while isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in NEUTRAL:
        call = call.func.value
    home = script.called(call)
    if home == "copy.deepcopy":
        return True
    if any(
        ast.unparse(node) == network for node in ast.walk(value) if isinstance(node, ast.Name | ast.Attribute)
    ):
        return False
    scope = script.scope(value)
    makers = [store.value for store in stores(script, scope, network) if store.lineno < value.lineno]
    again = isinstance(call, ast.Call) and any(
        ast.unparse(call.func) in ast.unparse(maker) for maker in makers
    )
    return again or home == "torch.load" or home.startswith("torch.nn.") or bool(classes_of(script, call))


def _weighted(script: Script, value: ast.expr) -> bool:
    """Return True for an expression that builds a layer of torch with weights."""
    return any(
        home.startswith("torch.nn.") and (home.endswith(WEIGHTED) or ".Conv" in home or "BatchNorm" in home)
        for home in map(script.called, ast.walk(value))
    )


def _moves(statement: ast.stmt, network: str) -> bool:
    """Return True for `net.to(device)` and `net.cuda()`, also in `net = net.to(device)`."""
    match statement:
        case ast.Expr(value=value):
            pass
        case ast.Assign(targets=[target], value=value) if ast.unparse(target) == network:
            pass
        case _:
            return False
    match value:
        case ast.Call(func=ast.Attribute(attr="to" | "cuda" | "cpu", value=owner), keywords=words):
            return ast.unparse(owner) == network and all(word.arg == "device" for word in words)
    return False


def _moved(script: Script, made: Optimizer, line: int) -> Remark:
    eager = script.called(made.call).endswith(".Adagrad")
    state = ", while the state of `Adagrad` stays where it was" if eager else ""
    return _remark(
        script,
        made,
        f"is made before line {line} moves `{made.network}`{state}",
        line,
        "move the network before the optimizer is made",
        "error" if eager else "info",
    )


RULE = Rule("error", script=look)
