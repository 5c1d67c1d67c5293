"""Predictions and targets do not have the same shape, or there is a single output to choose from.

What. The largest of a single output is looked for, or a tensor of shape (N, 1) meets one of shape (N,) in a
comparison or a loss.

Why. The largest of one number is always the first: `argmax` over one output is 0, so the "accuracy" is the
share of class 0 and does not change with training. A tensor of (N, 1) and one of (N,) broadcast to N×N, so
every prediction is compared with every target: the count of right answers exceeds N, and a mean squared error
pulls all predictions to the mean of the targets. PyTorch only warns, and only in some losses; its losses of
probabilities refuse the shapes. (PyTorch documentation, "Broadcasting semantics"; Humbatova et al., "Taxonomy
of Real Faults in Deep Learning Systems", ICSE 2020, list wrong tensor shapes.)

Guard. Both shapes must be certain: the number of outputs from the last linear layer of the network or from a
recorded run, and the single dimension of the targets from how the file makes or uses them, as in
`y.unsqueeze(1)`, as the classes of a cross-entropy, or as those that a loader of labelled images of
torchvision yields.

Instead.

    right = (model(x) > 0).squeeze(1) == y
    loss = F.mse_loss(model(x).squeeze(1), y)
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, flow
from netwright.lint.rule import Rule
from netwright.lint.script import Script
from netwright.lint.widths import flat, makers, shifted, width

if TYPE_CHECKING:
    from netwright.lint.network import Network

LOSSES = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}
LOSSES |= {"binary_cross_entropy", "binary_cross_entropy_with_logits"}
CLASSES = {"MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss"}
CHOICES = {"argmax", "max"}


def look(script: Script) -> Iterator[Remark]:
    """Report every choice from one output, and every pair of tensors that broadcasts."""
    for call in script.nodes(ast.Call):
        chosen = _chosen(script, call)
        if chosen is not None and width(script, chosen) == 1:
            yield _single(script, call)
    for node, first, second in _pairs(script):
        for column, row in ((first, second), (second, first)):
            if _is_column(script, column) and flat(script, row):
                yield _broadcast(script, node, column, row)


def _single(script: Script, call: ast.Call) -> Remark:
    return Remark(
        script.at(call),
        f"`{script.segment(call)}` chooses among one output, so it is always 0.",
        evidence={"outputs": 1},
        fix=Fix("compare the output with a threshold: 0 for logits, 0.5 for probabilities"),
    )


def _broadcast(script: Script, node: ast.expr, column: ast.expr, row: ast.expr) -> Remark:
    one, other = script.segment(column), script.segment(row)
    return Remark(
        script.at(node),
        f"`{one}` has the shape (N, 1) and `{other}` the shape (N,): each meets every one of the other.",
        evidence={"column": one, "row": other},
        fix=Fix("squeeze(1) the first, or leave `keepdim` out"),
    )


def _chosen(script: Script, call: ast.Call) -> ast.expr | None:
    """Return the tensor of whose last dimension a call takes the place of the largest value."""
    owner, place = _reduced(script, call)
    dim = flow(script).literal(place)
    if owner is None or dim not in (1, -1):
        return None
    above = script.parents[call]
    match call.func, above:
        case ast.Attribute(attr="argmax"), _:
            return owner
        case _, ast.Subscript(slice=ast.Constant(value=1)) | ast.Attribute(attr="indices"):
            return owner
        case _, ast.Assign(targets=[ast.Tuple(elts=[_, _])]):
            return owner
    return None


def _reduced(script: Script, call: ast.Call) -> tuple[ast.expr | None, ast.expr | None]:
    """Return the tensor and the dimension of `x.argmax(1)` and `torch.max(x, 1)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in CHOICES:
        return None, None
    if script.called(call) in {"torch.argmax", "torch.max"}:
        return argument(call, "input", 0), argument(call, "dim", 1)
    return (None, None) if script.called(call) else (call.func.value, argument(call, "dim", 0))


def _pairs(script: Script) -> Iterator[tuple[ast.expr, ast.expr, ast.expr]]:
    """Yield what is compared for equality, or given to a loss that compares element by element."""
    for node in script.nodes(ast.Compare):
        if isinstance(node.ops[0], ast.Eq | ast.NotEq):
            yield node, node.left, node.comparators[0]
    for call in script.nodes(ast.Call):
        home = script.called(call)
        if len(call.args) == 2 and (home == "torch.eq" or _is_loss(script, call)):
            yield call, call.args[0], call.args[1]
        elif (
            len(call.args) == 1
            and not home
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "eq"
        ):
            yield call, call.func.value, call.args[0]


def _is_loss(script: Script, call: ast.Call) -> bool:
    home, _, name = script.called(call).rpartition(".")
    if home == "torch.nn.functional":
        return name in LOSSES
    makers = [script.called(maker) for maker in flow(script).origins(call.func) or ()]
    return bool(makers) and all(
        maker.startswith("torch.nn.") and maker.rpartition(".")[2] in CLASSES for maker in makers
    )


def _is_column(script: Script, node: ast.expr) -> bool:
    """Return True for a tensor that certainly has the shape (N, 1)."""
    node = shifted(node)
    value = flow(script).value(node)
    match value:
        case ast.Subscript(value=ast.Call() as call, slice=ast.Constant(value=1)):
            value = call
        case None if isinstance(node, ast.Name):
            value = _unpacked(script, node)
    if isinstance(value, ast.Call):
        owner, place = _reduced(script, value)
        if owner is not None and flow(script).literal(place) in (1, -1):
            keep = argument(value, "keepdim", 2 if script.called(value) else 1)
            return isinstance(keep, ast.Constant) and keep.value is True
    return width(script, node) == 1


def _unpacked(script: Script, name: ast.Name) -> ast.Call | None:
    """Return the call of `_, name = output.max(1, keepdim=True)`, if nothing else is stored in the name."""
    calls: list[ast.AST] = []
    for node in ast.walk(script.scope(name)):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=[_, ast.Name(id=bound)])], value=value) if (
                bound == name.id
            ):
                calls.append(value)
            case ast.Assign(targets=[ast.Name(id=bound)]) if bound == name.id:
                calls.append(node)
    return calls[0] if len(calls) == 1 and isinstance(calls[0], ast.Call) else None


def recorded(network: "Network") -> Iterator[Remark]:
    """Report every `argmax` over a dimension of one, and single outputs that meet flat targets."""
    for op in network.graph.ops:
        dim = op.arguments.get("dim")
        if op.name == "argmax" and isinstance(dim, int) and op.inputs[0].shape[dim] == 1:
            yield Remark(
                network.place(op),
                f"an argmax over dimension {dim} of size 1 is always 0.",
                module=op.module,
                evidence={"shape": list(op.inputs[0].shape), "dim": dim},
                fix=Fix("compare the output with a threshold: 0 for logits, 0.5 for probabilities"),
            )
    shapes = [tensor.shape[1:] for tensor in network.graph.outputs]
    script = network.script(network.home) if network.home and shapes == [(1,)] else None
    if script is not None:
        yield from _met(script, type(network.net).__name__)


def _met(script: Script, name: str) -> Iterator[Remark]:
    """Report the results of a network with a single output that meet a flat tensor, unless `look` does."""
    for node, first, second in _pairs(script):
        for column, row in ((first, second), (second, first)):
            made = makers(script, shifted(column)) == {name} and not _is_column(script, column)
            if made and flat(script, row):
                yield _broadcast(script, node, column, row)


RULE = Rule("error", script=look, network=recorded)
