"""A sum of batch means is divided by the number of examples.

What. The losses of the batches are added up and divided by a count of examples (`total += x.shape[0]`,
`len(loader.dataset)`), although each of them is already the mean over its batch.

Why. PyTorch's losses average by default (`reduction="mean"`). The reported loss is then too small by a factor
of the batch size: 0.036 instead of 2.3 for batches of 64 images. It changes with the batch size, so
schedulers and early stopping that watch it compare runs that cannot be compared.

Guard. Every loss that can arrive here must be a torch loss with the default reduction, and the count must
certainly count examples. A loss that is multiplied by the batch size before it is added is correct, and so is
one over batches of a single example: a `DataLoader` with `batch_size=1`, which is also its default.

Instead.

    total_loss += loss.item() * x.shape[0]  # then / examples
    total_loss += loss.item()  # then / len(loader)
"""

import ast
from collections.abc import Iterator

from netwright.lint.calls import calls
from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, flow
from netwright.lint.loops import enclosing_loop
from netwright.lint.modules import mean_loss
from netwright.lint.rule import Rule
from netwright.lint.script import Script

Division = ast.AugAssign | ast.BinOp
ADVICE = "divide by the number of batches, or add each loss times its batch size"
LOADER = "torch.utils.data.DataLoader"
DEEPEST = 5
REDUCED = {"item", "sum", "mean", "detach", "cpu", "float", "numpy"}


def look(script: Script) -> Iterator[Remark]:
    """Report every division of a sum of means by a count of examples."""
    reported = set()
    for node in [*script.nodes(ast.AugAssign), *script.nodes(ast.BinOp)]:
        if not isinstance(node.op, ast.Div):
            continue
        above, below = (
            (node.target, node.value) if isinstance(node, ast.AugAssign) else (node.left, node.right)
        )
        summed = _unwrapped(above)
        if not isinstance(summed, ast.Name) or not _counts_examples(script, below, summed):
            continue
        added = _sum_of_means(script, summed)
        if added and added not in reported and not _single_examples(script, added):
            reported.add(added)
            yield Remark(
                script.at(node),
                f"`{summed.id}` sums losses that are means over a batch (line {added.lineno}); "
                "divided by the number of examples, it is too small by a factor of the batch size.",
                evidence={"added": added.lineno},
                fix=_fix(script, node, summed, below) or Fix(ADVICE),
            )


def _fix(script: Script, division: Division, summed: ast.Name, below: ast.AST) -> Fix | None:
    """Return the fix that multiplies each loss by its batch size, or divides by the number of batches."""
    adds = calls(script).additions(summed)
    loops = [enclosing_loop(script, add) for add in adds]
    if isinstance(below, ast.Call):
        batches = below.args[0].value  # type: ignore[attr-defined]  # `len(….dataset)`, as `_counts_examples` saw
        if any(not isinstance(loop, ast.For) or not _over(script, loop, batches) for loop in loops):
            return None
        text = script.segment(batches)
        return Fix(f"divide by len({text})", edits=(script.replace(below.args[0], text),))
    assert isinstance(below, ast.Name)
    counts = {enclosing_loop(script, add): add for add in calls(script).additions(below)}
    divided = [node for node in _divisions(script, summed) if node is not division]
    if divided or len(counts) != 1 or len(adds) != 1 or loops[0] not in counts:
        return None
    text = f"{script.operand(adds[0].value)} * {script.segment(counts[loops[0]].value)}"
    return Fix(f"{summed.id} += {text}", edits=(script.replace(adds[0].value, text),))


def _over(script: Script, loop: ast.For, batches: ast.AST) -> bool:
    """Return True for a loop over these batches, also inside `enumerate` or a progress bar."""
    return any(ast.dump(node) == ast.dump(batches) for node in ast.walk(loop.iter))


def _divisions(script: Script, summed: ast.Name) -> list[ast.AST]:
    """Return every division of a sum in the scope of the sum."""
    divisions = []
    for node in calls(script).nodes(script.scope(summed)):
        above = node.target if isinstance(node, ast.AugAssign) else getattr(node, "left", None)
        name = (
            _unwrapped(above)
            if above is not None and isinstance(getattr(node, "op", None), ast.Div)
            else None
        )
        if isinstance(name, ast.Name) and name.id == summed.id:
            divisions.append(node)
    return divisions


def _unwrapped(node: ast.AST) -> ast.AST:
    """Return the tensor before `.item()`, `.sum()` and similar methods, which do not change a scalar."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in REDUCED:
        node = node.func.value
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
        and node.args
    ):
        return _unwrapped(node.args[0])
    return node


def _sum_of_means(script: Script, name: ast.Name) -> ast.AugAssign | None:
    """Return the first place where a mean is added to a name, if only means are added to it."""
    adds = calls(script).additions(name)
    if not adds or not all(_is_mean(script, _unwrapped(add.value)) for add in adds):
        return None
    return adds[0]


def _is_mean(script: Script, node: ast.AST, depth: int = 0) -> bool:
    """Return True for a mean over a batch, for its sum with something else, and for a call that gives one."""
    origins = flow(script).origins(node) or []
    return bool(origins) and all(_one_mean(script, _unwrapped(origin), depth) for origin in origins)


def _one_mean(script: Script, node: ast.AST, depth: int) -> bool:
    match node:
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return any(_is_mean(script, _unwrapped(part), depth) for part in (left, right))
        case ast.Name():
            return depth < DEEPEST and _is_mean(script, node, depth + 1)
        case ast.Call() if mean_loss(script, node):
            return True
        case ast.Call() if depth < DEEPEST:
            function = flow(script).function(node)
            nodes = calls(script).nodes(function) if function else []
            results = [part.value for part in nodes if isinstance(part, ast.Return)]
            means = [part is not None and _is_mean(script, _unwrapped(part), depth + 1) for part in results]
            return bool(means) and all(means)
    return False


def _single_examples(script: Script, added: ast.AugAssign) -> bool:
    """Return True when the batches may be single examples, of which the mean is the loss itself."""
    loop = enclosing_loop(script, added)
    names = (
        [node for node in ast.walk(loop.iter) if isinstance(node, ast.Name)]
        if isinstance(loop, ast.For)
        else []
    )
    origins = [origin for name in names for origin in flow(script).origins(name) or ()]
    loaders = [origin for origin in origins if script.called(origin) == LOADER]
    if loaders:
        sizes = [argument(loader, "batch_size", 1) for loader in loaders if isinstance(loader, ast.Call)]
        return any(size is None or flow(script).literal(size) == 1 for size in sizes)
    return any(
        flow(script).literal(word.value) == 1
        for word in script.nodes(ast.keyword)
        if word.arg == "batch_size"
    )


def _counts_examples(script: Script, node: ast.AST, summed: ast.Name) -> bool:
    """Return True for `len(x.dataset)`, and for a name to which the loop of the losses adds batch sizes."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and node.args:
        return isinstance(node.args[0], ast.Attribute) and node.args[0].attr == "dataset"
    if not isinstance(node, ast.Name):
        return False
    adds, losses = calls(script).additions(node), calls(script).additions(summed)
    loops = {enclosing_loop(script, add) for add in losses}
    return bool(adds) and all(_batch_size(add.value) and enclosing_loop(script, add) in loops for add in adds)


def _batch_size(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=0)):
            return True
        case ast.Call(func=ast.Attribute(attr="size"), args=[ast.Constant(value=0)]):
            return True
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name()]):
            return True
    return False


RULE = Rule("error", "unsafe", script=look)
