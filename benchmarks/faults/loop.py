"""Faults of training and evaluation loops."""

import ast
from collections.abc import Iterator

from faults.operator import fault
from faults.source import Edit, Mutant, Source, last_name
from faults.wiring import quiet

LOOPS = (ast.For, ast.While)
TORCH = ("F.", "nn.", "torch.")


def lines(source: Source, *names: str) -> list[ast.Expr]:
    """The statements that are nothing but a call of a method with one of these names."""
    calls = [call for call in source.calls(*names) if isinstance(call.func, ast.Attribute)]
    return [source.parent(call) for call in calls if isinstance(source.parent(call), ast.Expr)]


def around(source: Source, node: ast.AST) -> list[ast.AST]:
    """The loop of a statement, and its steps."""
    loop = source.inside(node, *LOOPS)
    home = loop or source.function(node)
    steps = [source.statement(call) for call in source.calls("backward", "step", root=home)]
    return [*([loop] if loop else []), *steps]


def is_optimizer(source: Source, line: ast.Expr) -> bool:
    """True for `optimizer.step()`, False for a schedule and a gradient scaler."""
    name = source.segment(line.value.func.value).lower()
    return "optim" in name and "lr_scheduler" not in name


def repeats(source: Source, node: ast.AST) -> bool:
    """True inside a loop, and in a function that is called in one or handed on."""
    function = source.function(node)
    name = getattr(function, "name", None)
    uses = [use for use in source.nodes(ast.Name) if use.id == name]
    return source.inside(node, *LOOPS) is not None or any(source.inside(use, *LOOPS) for use in uses)


def modal(source: Source) -> bool:
    """True where some layer of the program acts otherwise in training than in evaluation."""
    return any(word in source.text for word in ("Dropout", "BatchNorm", "dropout", "self.training"))


@fault("NW701")
def no_zero_grad(source: Source) -> Iterator[Mutant]:
    """The gradients are never cleared."""
    for line in lines(source, "zero_grad"):
        if repeats(source, line):
            yield source.mutant(source.remove(line), *around(source, line))


def judged(source: Source, function: ast.AST) -> bool:
    """True where a function is called in its program: what nobody calls may be called under `no_grad`."""
    name = getattr(function, "name", "main")
    calls = [call for call in source.nodes(ast.Call) if not source.segment(call.func).startswith(TORCH)]
    return name == "main" or any(last_name(call.func) == name for call in calls)


def after(source: Source, line: ast.stmt) -> list[ast.AST]:
    """The loops after a statement in its block, or those of the functions that are called there."""
    body = source.body(line)
    rest = ast.Module(body[body.index(line) :], [])
    called = {last_name(call.func) for call in source.nodes(ast.Call, root=rest)}
    functions = [function for function in source.nodes(ast.FunctionDef) if function.name in called]
    return [loop for root in (rest, *functions) for loop in source.nodes(ast.For, root=root)]


@fault("NW702")
def no_eval(source: Source) -> Iterator[Mutant]:
    """A network is evaluated in training mode."""
    for line in lines(source, "eval"):
        function = source.function(line)
        freezes = getattr(function, "name", "") == "train" and source.inside(line, ast.ClassDef)
        if modal(source) and judged(source, function) and not freezes:
            yield source.mutant(source.remove(line), *(after(source, line) or [source.function(line)]))


@fault("NW702")
def tracked_evaluation(source: Source) -> Iterator[Mutant]:
    """A network is evaluated with gradients."""
    for block in source.nodes(ast.With):
        loops = source.nodes(ast.For, root=block)
        if _gradless(block.items[0].context_expr) and loops and judged(source, source.function(block)):
            yield source.mutant(source.dedent(block), *loops)
    for function in source.nodes(ast.FunctionDef):
        loops = source.nodes(ast.For, root=function)
        for decorator in function.decorator_list if loops and judged(source, function) else ():
            if _gradless(decorator):
                start = source.span(decorator)[0] - 1
                yield source.mutant(Edit(start, source.span(function)[0], ""), *loops)


def _gradless(node: ast.expr) -> bool:
    return last_name(getattr(node, "func", node)) in ("no_grad", "inference_mode")


@fault("NW702")
def no_train(source: Source) -> Iterator[Mutant]:
    """Training never returns from evaluation mode."""
    for line in lines(source, "train"):
        if not line.value.args and lines(source, "eval") and modal(source):
            yield source.mutant(source.remove(line), *(after(source, line) or [source.function(line)]))


@fault("NW703")
def parameter_ignored(source: Source) -> Iterator[Mutant]:
    """A function evaluates a global network instead of the one that it is given."""
    roots = [node for node in source.tree.body if isinstance(node, ast.Assign | ast.If)]
    bound = {
        name.id
        for root in roots
        for name in source.nodes(ast.Name, root=root)
        if isinstance(name.ctx, ast.Store) and name.id in ("net", "model")
    }
    for function in source.nodes(ast.FunctionDef):
        if "model" in [argument.arg for argument in function.args.args]:
            for name in sorted(bound - {"model"}):
                uses = [node for node in source.nodes(ast.Name, root=function) if node.id == "model"]
                edits = [source.replace(node, name) for node in uses]
                if edits and all(isinstance(node.ctx, ast.Load) for node in uses):
                    yield source.mutant(edits, function)


@fault("NW704")
def mean_by_examples(source: Source) -> Iterator[Mutant]:
    """Losses that are means over batches are divided by the number of examples."""
    for call in source.calls("len"):
        division = source.parent(call)
        loader = call.args[0]
        divides = isinstance(getattr(division, "op", None), ast.Div) and "loader" in last_name(loader)
        if divides and "loss" in source.segment(source.statement(call)):
            yield source.mutant(source.replace(loader, f"{loader.id}.dataset"), source.statement(call))
    for line in source.nodes(ast.AugAssign):
        value = line.value
        if (
            isinstance(value, ast.BinOp)
            and isinstance(value.op, ast.Mult)
            and _per_example(source, value.right)
        ):
            divisions = [node for node in source.nodes(ast.BinOp) if isinstance(node.op, ast.Div)]
            divisions = [node for node in divisions if source.function(node) is source.function(line)]
            edit = source.replace(value, source.segment(value.left))
            yield source.mutant(edit, *map(source.statement, divisions))


def _per_example(source: Source, node: ast.expr) -> bool:
    return source.segment(node).endswith((".size(0)", ".shape[0]"))


@fault("NW705")
def kept_graph(source: Source) -> Iterator[Mutant]:
    """A running sum of losses keeps the graph of every batch."""
    for call in source.calls("item"):
        line = source.parent(call)
        while isinstance(line, ast.BinOp):
            line = source.parent(line)
        function = source.function(call)
        differentiated = isinstance(line, ast.AugAssign) and "loss" in source.segment(call)
        if differentiated and source.calls("backward", root=function) and not quiet(source, call):
            edit = source.replace(call, source.segment(call.func.value))
            yield source.mutant(edit, line)


@fault("NW714")
def overwritten_callable(source: Source) -> Iterator[Mutant]:
    """In a loop, a loss function is overwritten by its own result."""
    for line in source.nodes(ast.Assign):
        value, target = line.value, line.targets[0]
        called = getattr(getattr(value, "func", line), "id", "")
        loop = source.inside(line, *LOOPS)
        if called in ("criterion", "loss_fn") and isinstance(target, ast.Name) and loop:
            uses = [node for node in source.nodes(ast.Name, root=loop) if node.id == target.id]
            yield source.mutant([source.replace(node, called) for node in uses], line)


@fault("NW715")
def never_reset(source: Source) -> Iterator[Mutant]:
    """A running sum is divided after each epoch and starts anew in none."""
    for line in source.nodes(ast.Assign):
        loop = source.parent(line)
        if isinstance(loop, ast.For) and source.segment(line.value) in ("0.0", "0", "0, 0", "0.0, 0"):
            names = {name.id for name in source.nodes(ast.Name, root=line.targets[0])}
            divided = [
                node for node in source.nodes(ast.BinOp, ast.AugAssign, root=loop) if _divides(node, names)
            ]
            if divided:
                edits = [source.remove(line), source.before(loop, source.segment(line))]
                yield source.mutant(edits, *map(source.statement, divided))


def _divides(node: ast.BinOp | ast.AugAssign, names: set[str]) -> bool:
    above = node.target if isinstance(node, ast.AugAssign) else node.left
    inner = {name.id for name in ast.walk(above) if isinstance(name, ast.Name)}
    return isinstance(node.op, ast.Div) and bool(inner & names)


@fault("NW717")
def misplaced_clip(source: Source) -> Iterator[Mutant]:
    """The gradients are clipped before there are any, or after they are used."""
    for line in lines(source, "clip_grad_norm_", "clip_grad_value_"):
        body = source.body(line)
        for wanted in ("backward", "step"):
            other = next((one for one in body if source.calls(wanted, root=one) and one is not line), None)
            if other is not None:
                write = source.before if wanted == "backward" else source.after
                yield source.mutant([source.remove(line), write(other, source.segment(line))], other)


@fault("NW717")
def early_schedule(source: Source) -> Iterator[Mutant]:
    """The schedule steps before the optimizer does."""
    for line in lines(source, "step"):
        loop = source.parent(line)
        if "sched" in source.segment(line) and not line.value.args and isinstance(loop, ast.For):
            edits = [source.before(loop.body[0], source.segment(line)), source.remove(line)]
            if loop.body[0] is not line:
                yield source.mutant(edits)


@fault("NW717")
def schedule_per_batch(source: Source) -> Iterator[Mutant]:
    """A schedule that counts epochs steps after every batch."""
    for line in lines(source, "step"):
        if "scheduler" not in source.segment(line) or line.value.args:
            continue
        for inner in source.nodes(ast.For, root=source.function(line)):
            steps = [one for one in lines(source, "step") if source.parent(one) is inner and one is not line]
            if steps and source.parent(line) is not inner:
                edits = [source.remove(line), source.after(steps[0], source.segment(line))]
                yield source.mutant(edits)


@fault(None)
def step_before_backward(source: Source) -> Iterator[Mutant]:
    """The optimizer steps before the gradients are computed."""
    for backward in lines(source, "backward"):
        body = source.body(backward)
        steps = [line for line in lines(source, "step") if line in body and is_optimizer(source, line)]
        later = [step for step in steps if body.index(step) > body.index(backward)]
        if later:
            texts = source.segment(backward), source.segment(later[0])
            edits = [source.replace(backward, texts[1]), source.replace(later[0], texts[0])]
            yield source.mutant(edits, *around(source, backward))


@fault(None)
def no_step(source: Source) -> Iterator[Mutant]:
    """The optimizer never steps."""
    for line in lines(source, "step"):
        if is_optimizer(source, line) and source.calls("backward", root=source.function(line)):
            yield source.mutant(source.remove(line), *around(source, line))


@fault(None)
def no_backward(source: Source) -> Iterator[Mutant]:
    """No gradient is computed before the optimizer steps."""
    for line in lines(source, "backward"):
        yield source.mutant(source.remove(line), *around(source, line))


@fault(None)
def batch_not_moved(source: Source) -> Iterator[Mutant]:
    """The batch stays on the host while the network is on the device."""
    for line in source.nodes(ast.Assign):
        loop = source.inside(line, ast.For)
        moves = source.calls("to", root=line.value)
        if loop and moves and "device" in source.segment(line.value):
            yield source.mutant(
                source.remove(line), loop, source.body(line)[source.body(line).index(line) + 1]
            )


@fault(None)
def graph_of_generator(source: Source) -> Iterator[Mutant]:
    """The discriminator's step differentiates through the generator."""
    for call in source.calls("detach"):
        if source.calls("criterion") and source.inside(call, ast.For):
            edit = source.replace(call, source.segment(call.func.value))
            yield source.mutant(edit, source.statement(call))


@fault(None)
def accuracy_by_batches(source: Source) -> Iterator[Mutant]:
    """Right answers are divided by the number of batches."""
    for node in source.nodes(ast.Attribute):
        if node.attr == "dataset" and "correct" in source.segment(source.statement(node)):
            edit = source.replace(node, source.segment(node.value))
            yield source.mutant(edit, source.statement(node))
