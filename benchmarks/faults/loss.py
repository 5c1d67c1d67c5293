"""Faults between the output, the loss and the targets."""

import ast
from collections.abc import Iterator

from faults.loop import judged
from faults.operator import fault, loud_start, runs
from faults.source import Edit, Mutant, Source, argument, last_name
from faults.wiring import layers, losses

CLASS_LOSSES = ("cross_entropy", "CrossEntropyLoss")
BATCH = ("targets", "target", "labels", "y", "words")
OUTPUT = ("output", "outputs", "logits", "pred")


def heads(source: Source) -> list[ast.Return]:
    """The `return` of the forward pass of each network that the program declares."""
    names = [name for name, _ in source.targets]
    return [line for line in returns(source) if source.inside(line, ast.ClassDef).name in names]


def returns(source: Source) -> list[ast.Return]:
    """The `return` of every forward pass."""
    inside = [line for line in source.nodes(ast.Return) if source.inside(line, ast.ClassDef)]
    return [line for line in inside if getattr(source.function(line), "name", "") == "forward"]


@fault("NW501")
def double_softmax(source: Source) -> Iterator[Mutant]:
    """A network whose loss is the cross-entropy ends in a softmax."""
    if not source.calls(*CLASS_LOSSES):
        return
    for line in heads(source):
        first = line.value.elts[0] if isinstance(line.value, ast.Tuple) else line.value
        edit = source.replace(first, f"torch.softmax({source.segment(first)}, dim=-1)")
        yield source.mutant(edit, line, *map(source.statement, source.calls("cross_entropy")))
    for call in source.calls("Sequential"):
        if isinstance(source.function(call), ast.Module) and source.calls("CrossEntropyLoss"):
            last = call.args[-1]
            text = f"{source.segment(last)},\n    nn.Softmax(dim=1)"
            yield source.mutant(source.replace(last, text), source.statement(call))


@fault("NW501")
def probabilities_into_nll(source: Source) -> Iterator[Mutant]:
    """The negative log-likelihood is given probabilities, or scores, instead of their logarithm."""
    for call in source.calls("log_softmax"):
        if source.calls("nll_loss", "NLLLoss"):
            used = [source.statement(use) for use in source.calls("nll_loss")]
            text = source.segment(call)
            used += returns(source)
            yield source.mutant(source.replace(call, text.replace("log_softmax", "softmax")), *used)
            yield source.mutant(source.replace(call, source.segment(call.args[0])), *used)


@fault("NW501")
def other_binary_loss(source: Source) -> Iterator[Mutant]:
    """The loss for probabilities is given logits, or the loss for logits probabilities."""
    swap = {
        "BCELoss": "BCEWithLogitsLoss",
        "BCEWithLogitsLoss": "BCELoss",
        "binary_cross_entropy": "binary_cross_entropy_with_logits",
    }
    for call in source.calls(*swap):
        end = source.span(call.func)[1]
        old = last_name(call.func)
        used = [source.statement(call), *returns(source)]
        criterion = source.calls("criterion", "sigmoid", "Sigmoid")
        edit = Edit(end - len(old), end, swap[old])
        yield source.mutant(edit, *used, *map(source.statement, criterion))


@fault("NW501")
def logits_into_nll(source: Source) -> Iterator[Mutant]:
    """A classifier that returns scores is trained with the negative log-likelihood."""
    swap = {"CrossEntropyLoss": "NLLLoss", "cross_entropy": "nll_loss"}
    for call in source.calls(*swap):
        end = source.span(call.func)[1]
        old = last_name(call.func)
        smooth = any(word.arg == "label_smoothing" for word in call.keywords)
        if not smooth and judged(source, source.function(call)):
            used = [source.statement(call), *returns(source)]
            edit = Edit(end - len(old), end, swap[old])
            yield source.mutant(edit, *used, *map(source.statement, source.calls("criterion", "loss_fn")))


@fault("NW502", oracle=loud_start)
def loud_head(source: Source) -> Iterator[Mutant]:
    """The weights of the classifier are drawn so wide that it begins with confident errors."""
    if not source.calls(*CLASS_LOSSES, "nll_loss"):
        return
    for line in layers(source, "Linear").values():
        layer = source.segment(line.targets[0])
        if source.parent(line) is source.function(line):
            yield source.mutant(source.after(line, f"nn.init.normal_({layer}.weight, std=3.0)"), line)


@fault("NW503", oracle=runs)
def softmax_without_dim(source: Source) -> Iterator[Mutant]:
    """A softmax leaves its dimension to an old rule."""
    for call in source.calls("softmax", "log_softmax"):
        value = argument(call, "dim")
        if value is not None and len(call.args) == 1:
            edit = Edit(source.span(call.args[0])[1], source.span(value)[1], "")
            yield source.mutant(edit, source.statement(call))


@fault("NW504", network=True, scripts=True)
def forgotten_squeeze(source: Source) -> Iterator[Mutant]:
    """Predictions of shape (N, 1) meet targets of shape (N,).

    The only squeeze of a program that reads its targets from a file is left alone: nothing else tells their
    shape, so without it they may be (N, 1), and the program right.
    """
    squeezes = source.calls("squeeze")
    if len(squeezes) == 1 and source.calls("TensorDataset") and source.calls("load"):
        return
    for call in squeezes:
        tensor = getattr(call.func, "value", None)
        if tensor is None or source.segment(tensor) == "self":
            continue
        used = map(source.statement, source.calls("criterion"))
        atom = isinstance(tensor, ast.Call | ast.Name | ast.Attribute | ast.Subscript)
        edit = source.replace(call, source.segment(tensor) if atom else f"({source.segment(tensor)})")
        yield source.mutant(edit, source.statement(call), *used)


@fault("NW504")
def kept_dimension(source: Source) -> Iterator[Mutant]:
    """Classes of shape (N, 1) are compared with targets of shape (N,)."""
    for call in source.calls("argmax"):
        if argument(call, "keepdim") is None:
            place = source.span(call)[1] - 1
            compared = [*source.nodes(ast.Compare), *source.calls("eq")]
            line = source.statement(call)
            name = last_name(line.targets[0]) if isinstance(line, ast.Assign) else ""
            near = [node for node in compared if _reads(source, node, call, name)]
            edit = Edit(place, place, ", keepdim=True")
            if near:
                yield source.mutant(edit, source.statement(call), *map(source.statement, near))


def _reads(source: Source, node: ast.expr, call: ast.Call, name: str) -> bool:
    """True for an expression with a call in it, or with the name of its result in the same function."""
    if source.function(node) is not source.function(call):
        return False
    inner = list(ast.walk(node))
    return call in inner or any(isinstance(use, ast.Name) and use.id == name for use in inner)


def targets(source: Source) -> Iterator[ast.expr]:
    """The targets that a loss of classes is given."""
    names = ["cross_entropy", "nll_loss"]
    names += ["criterion", "loss_fn"] if source.calls("CrossEntropyLoss", "NLLLoss") else []
    for call in source.calls(*names):
        if len(call.args) >= 2 and last_name(call.args[1]) in BATCH:
            yield call.args[1]


@fault("NW505")
def float_targets(source: Source) -> Iterator[Mutant]:
    """The classes are floating-point numbers."""
    for node in targets(source):
        edit = source.replace(node, f"{source.segment(node)}.float()")
        yield source.mutant(edit, source.statement(node))


@fault("NW505")
def labels_from_one(source: Source) -> Iterator[Mutant]:
    """The classes are counted from 1, so that the last is out of range."""
    for node in targets(source):
        edit = source.replace(node, f"{source.segment(node)} + 1")
        yield source.mutant(edit, source.statement(node))


@fault("NW505")
def whole_targets(source: Source) -> Iterator[Mutant]:
    """A loss of probabilities is given whole numbers."""
    for call in source.calls("float"):
        outer = source.parent(call)
        if isinstance(outer, ast.Call) and last_name(outer.func) == "criterion":
            edit = source.replace(call, f"{source.segment(call.func.value)}.long()")
            yield source.mutant(edit, source.statement(call))


@fault(None)
def swapped_arguments(source: Source) -> Iterator[Mutant]:
    """The loss is given the targets first."""
    for call in source.calls("criterion", "loss_fn", "cross_entropy", "nll_loss", "mse_loss"):
        if len(call.args) >= 2:
            first, second = call.args[:2]
            edits = [
                source.replace(first, source.segment(second)),
                source.replace(second, source.segment(first)),
            ]
            yield source.mutant(edits, source.statement(call))


@fault(None)
def detached_output(source: Source) -> Iterator[Mutant]:
    """The loss is computed from outputs that are detached."""
    for line in losses(source):
        for node in source.nodes(ast.Name, root=line.value):
            if node.id in OUTPUT:
                edit = source.replace(node, f"{node.id}.detach()")
                yield source.mutant(edit, line)


@fault(None)
def wrong_metric_axis(source: Source) -> Iterator[Mutant]:
    """The class is the largest over the batch instead of over the classes."""
    for call in source.calls("argmax"):
        value = argument(call, "dim", 0)
        if value is not None:
            edit = source.replace(value, "0")
            yield source.mutant(edit, source.statement(call))


@fault(None, oracle=runs)
def wrong_softmax_dim(source: Source) -> Iterator[Mutant]:
    """A softmax is taken over the batch."""
    for call in source.calls("softmax", "log_softmax"):
        value = argument(call, "dim")
        if value is not None:
            edit = source.replace(value, "0")
            yield source.mutant(edit, source.statement(call))


@fault(None, oracle=runs)
def wrong_dim(source: Source) -> Iterator[Mutant]:
    """A mean or a concatenation goes along the batch."""
    for call in source.calls("mean", "cat"):
        value = argument(call, "dim", 1)
        if value is not None and source.inside(call, ast.ClassDef):
            edit = source.replace(value, "0")
            yield source.mutant(edit, source.statement(call))
