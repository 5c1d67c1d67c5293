"""Faults of wiring: modules cloned, unused or hidden, gradients cut, skips lost."""

import ast
import re
from collections.abc import Iterator

from faults.operator import fault, runs, untrained
from faults.source import Edit, Mutant, Source, last_name

WEIGHTED = (
    "Conv1d",
    "Conv2d",
    "Linear",
    "BatchNorm1d",
    "BatchNorm2d",
    "LayerNorm",
    "LSTM",
    "ConvTranspose2d",
)


@fault("NW201", oracle=runs)
def cloned_block(source: Source) -> Iterator[Mutant]:
    """A container holds one block several times instead of several blocks."""
    for node in source.nodes(ast.ListComp):
        [loop, *more] = node.generators
        count = loop.iter
        used = {name.id for name in ast.walk(node.elt) if isinstance(name, ast.Name)}
        if more or last_name(loop.target) in used or not isinstance(node.elt, ast.Call):
            continue
        if last_name(getattr(count, "func", count)) == "range" and last_name(node.elt.func)[0].isupper():
            times = " - ".join(source.segment(bound) for bound in reversed(count.args))
            text = f"({times}) * [{source.segment(node.elt)}]"
            yield source.mutant(source.replace(node, text), source.statement(node))


def layers(source: Source, *kinds: str) -> dict[str, ast.Assign]:
    """The lines `self.name = nn.Kind(...)` by the name."""
    lines = [node for node in source.nodes(ast.Assign) if isinstance(node.targets[0], ast.Attribute)]
    return {
        node.targets[0].attr: node for node in lines if last_name(getattr(node.value, "func", node)) in kinds
    }


def uses(source: Source, *kinds: str) -> Iterator[tuple[ast.Call, ast.Assign]]:
    """The calls `self.name(x)` of layers of some kinds, each with the line that makes the layer."""
    known = layers(source, *kinds)
    for call in source.calls(*known):
        inside = source.inside(call, ast.ClassDef)
        made = known[last_name(call.func)]
        if len(call.args) == 1 and inside and inside is source.inside(made, ast.ClassDef):
            yield call, made


@fault("NW202", oracle=untrained)
def unused_layer(source: Source) -> Iterator[Mutant]:
    """A layer is made and never called."""
    for call, made in uses(source, *WEIGHTED):
        yield source.mutant(source.replace(call, source.segment(call.args[0])), made, source.statement(call))


@fault("NW203", oracle=runs)
def hidden_modules(source: Source) -> Iterator[Mutant]:
    """Modules stand in a plain list, which no optimizer sees."""
    for call in source.calls("ModuleList"):
        if len(call.args) == 1:
            text = source.segment(call.args[0])
            text = f"[{text.strip('()')})]" if isinstance(call.args[0], ast.GeneratorExp) else text
            yield source.mutant(source.replace(call, text), source.statement(call))


@fault("NW204", oracle=untrained)
def cut_gradient(source: Source) -> Iterator[Mutant]:
    """The output of a layer is detached in the forward pass."""
    for call, _ in uses(source, *WEIGHTED, "Sequential"):
        if last_name(source.function(call)) or not isinstance(source.parent(call), ast.Subscript):
            text = f"{source.segment(call)}.detach()"
            yield source.mutant(source.replace(call, text), source.statement(call))


@fault("NW204")
def remade_loss(source: Source) -> Iterator[Mutant]:
    """The loss is made anew from its value, without its history."""
    for line in losses(source):
        if quiet(source, line):
            continue
        text = f"torch.tensor({source.segment(line.value)}, requires_grad=True)"
        yield source.mutant(source.replace(line.value, text), line)


def quiet(source: Source, node: ast.AST) -> bool:
    """True inside `with torch.no_grad()`."""
    blocks = [up for up in source.above(node) if isinstance(up, ast.With)]
    return any("grad" in source.segment(item.context_expr) for block in blocks for item in block.items)


def losses(source: Source) -> Iterator[ast.Assign]:
    """The lines `loss = ...` whose loss is differentiated in the same function."""
    for line in source.nodes(ast.Assign):
        name = last_name(line.targets[0])
        made = isinstance(line.value, ast.Call | ast.BinOp) and "torch.tensor" not in source.segment(line)
        if made and not source.segment(line).endswith(".item()") and name in _differentiated(source, line):
            yield line


def _differentiated(source: Source, line: ast.stmt) -> set[str]:
    """The names whose `backward` is called in the function of a statement, also through a scaler."""
    names = set()
    for call in source.calls("backward", root=source.function(line)):
        start = call.func.value
        scaled = isinstance(start, ast.Call) and last_name(start.func) == "scale"
        names.add(last_name(start.args[0] if scaled else start))
    return names - {""}


@fault("NW205", oracle=runs)
def dead_computation(source: Source) -> Iterator[Mutant]:
    """What a layer computes is thrown away."""
    for call, made in uses(source, *WEIGHTED, "Sequential"):
        line = source.parent(call)
        if "Pool" in source.segment(made):
            continue
        given = source.segment(call.args[0])
        if isinstance(line, ast.Assign) and source.segment(line.targets[0]) == given:
            yield source.mutant(source.replace(line, source.segment(call)), line)


RESIDUAL = re.compile("resid|resblock|shortcut|skip", re.IGNORECASE)


@fault("NW206", oracle=runs)
def lost_skip(source: Source) -> Iterator[Mutant]:
    """A block that is called residual returns its branch without its input."""
    for node, edit in _skips(source):
        if _residual(source, node):
            yield source.mutant(edit, *_block(source, node))


@fault(None, oracle=runs)
def lost_other_skip(source: Source) -> Iterator[Mutant]:
    """A network that nothing calls residual loses one of its skips."""
    for node, edit in _skips(source):
        if not _residual(source, node):
            yield source.mutant(edit, *_block(source, node))


def _residual(source: Source, node: ast.AST) -> bool:
    """True in a class whose name or docstring says that it is residual."""
    kind = source.inside(node, ast.ClassDef)
    return kind is not None and RESIDUAL.search(f"{kind.name} {ast.get_docstring(kind) or ''}") is not None


def _skips(source: Source) -> Iterator[tuple[ast.AST, Edit]]:
    """The sums of a branch and a shortcut, each with the edit that leaves the branch."""
    for line in source.nodes(ast.AugAssign):
        if isinstance(line.op, ast.Add) and getattr(source.function(line), "name", "") == "forward":
            yield line, source.remove(line)
    for node in source.nodes(ast.BinOp):
        sides = [side for side in (node.left, node.right) if isinstance(side, ast.Name)]
        if isinstance(node.op, ast.Add) and len(sides) == 1 and _calls_itself(source, node):
            branch = node.left if sides[0] is node.right else node.right
            yield node, source.replace(node, source.segment(branch))
    for node in source.nodes(ast.Return):
        if isinstance(node.value, ast.BinOp) and source.segment(node.value) in ("out + x", "y + x"):
            yield node, source.replace(node.value, source.segment(node.value.left))


def _block(source: Source, node: ast.AST) -> list[ast.AST]:
    """The class of a block and its forward pass, and the lines that build such blocks."""
    kind = source.inside(node, ast.ClassDef)
    built = source.calls(kind.name) if kind else []
    return [*([kind] if kind else []), source.function(node), *map(source.statement, built)]


def _calls_itself(source: Source, node: ast.BinOp) -> bool:
    """True for `x + self.layer(...)` in a class."""
    if source.inside(node, ast.ClassDef) is None:
        return False
    return any(source.segment(call.func).startswith("self.") for call in source.nodes(ast.Call, root=node))


@fault("NW209", oracle=runs)
def deep_without_skips(source: Source) -> Iterator[Mutant]:
    """A stack of 24 residual blocks has no skips; the fault is anywhere in its classes."""
    for function in source.nodes(ast.FunctionDef):
        names = function.args.args[len(function.args.args) - len(function.args.defaults) :]
        depths = dict(zip((name.arg for name in names), function.args.defaults, strict=True))
        depth = depths.get("num_blocks") or depths.get("n_blocks")
        skips = [edit for _, edit in _skips(source)]
        if depth and len(skips) == 1:
            mutant = source.mutant([source.replace(depth, "24"), *skips])
            classes = Source(source.name, mutant.text).nodes(ast.ClassDef)
            yield Mutant(mutant.text, tuple((node.lineno, node.end_lineno) for node in classes))
