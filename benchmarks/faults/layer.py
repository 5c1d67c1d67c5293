"""Faults of normalisation, activation, dropout and initialisation."""

import ast
from collections.abc import Iterator

from faults.operator import constant, fails, fault, noisy, positive_weights, runs, untrainable
from faults.shape import extended
from faults.source import Edit, Mutant, Source, last_name
from faults.wiring import layers, uses

ACTIVATIONS = ("ReLU", "LeakyReLU", "Sigmoid", "SiLU", "GELU", "Tanh")
FUNCTIONS = ("relu", "sigmoid", "tanh")
NORMS = ("BatchNorm1d", "BatchNorm2d")


@fault("NW301", oracle=runs)
def bias_before_norm(source: Source) -> Iterator[Mutant]:
    """A layer before a batch normalisation has a bias."""
    for call in source.calls("Conv1d", "Conv2d", "Linear", "ConvTranspose2d"):
        word = next((word for word in call.keywords if word.arg == "bias"), None)
        if word and _normalised(source, call):
            start = source.text.rindex(",", 0, source.span(word)[0])
            yield source.mutant(Edit(start, source.span(word)[1], ""), call)


def _normalised(source: Source, call: ast.Call) -> bool:
    """True where the next layer that is made is a batch normalisation."""
    made = [node for node in source.calls(*NORMS, "Conv1d", "Conv2d", "Linear", "ConvTranspose2d")]
    later = made[made.index(call) + 1 :]
    return bool(later) and last_name(later[0].func) in NORMS


@fault("NW302", oracle=runs)
def double_activation(source: Source) -> Iterator[Mutant]:
    """An activation is applied twice."""
    for call in source.calls(*FUNCTIONS):
        if call.args and source.inside(call, ast.ClassDef):
            text = f"{source.segment(call.func)}({source.segment(call)})"
            yield source.mutant(source.replace(call, text), source.statement(call))
    for call in source.calls("ReLU", "Sigmoid", "Tanh"):
        if _in_sequence(source, call):
            text = source.segment(call)
            edit = source.replace(call, f"{text},\n{' ' * call.col_offset}{text}")
            yield source.mutant(edit)


def _in_sequence(source: Source, call: ast.Call) -> bool:
    parent = source.parent(call)
    return isinstance(parent, ast.Call) and last_name(parent.func) == "Sequential"


@fault("NW303", oracle=runs)
def linear_collapse(source: Source) -> Iterator[Mutant]:
    """Two linear layers have nothing between them."""
    for call in source.calls(*ACTIVATIONS):
        if _in_sequence(source, call):
            sequence = source.parent(call).args
            place = sequence.index(call)
            around = [last_name(layer.func) for layer in sequence[max(0, place - 1) : place + 2]]
            if around[0] == around[-1] == "Linear" and len(around) == 3:
                yield source.mutant(_dropped(source, call), *sequence[place - 1 : place + 2 : 2])
    linear = layers(source, "Linear")
    for call in source.calls("relu"):
        inner = call.args[0] if call.args else None
        outer = source.segment(getattr(source.parent(call), "func", call))
        direct = isinstance(inner, ast.Call) and last_name(inner.func) in linear and "drop" not in outer
        if direct and source.inside(call, ast.ClassDef):
            edit = source.replace(call, source.segment(inner))
            yield source.mutant(edit, linear[last_name(inner.func)], *linear.values())


def _dropped(source: Source, call: ast.Call) -> Edit:
    """The edit that removes an element with the comma and the blanks after it."""
    start, end = source.span(call)
    end += 1 if source.text[end] == "," else 0
    while source.text[end].isspace():
        end += 1
    return Edit(start, end, "")


@fault(None, oracle=runs)
def missing_activation(source: Source) -> Iterator[Mutant]:
    """A convolution or its normalisation is not followed by an activation."""
    for call in source.calls("relu"):
        inner = call.args[0] if call.args else None
        names = source.segment(inner) if isinstance(inner, ast.Call) else ""
        if names.startswith(("self.bn", "self.conv")) and source.inside(call, ast.ClassDef):
            yield source.mutant(source.replace(call, source.segment(inner)), source.statement(call))
    for call in source.calls(*ACTIVATIONS):
        if _in_sequence(source, call):
            sequence = source.parent(call).args
            before = last_name(sequence[sequence.index(call) - 1].func)
            if before != "Linear" and sequence[-1] is not call:
                yield source.mutant(_dropped(source, call), call)


@fault("NW304", oracle=untrainable)
def norm_at_one_place(source: Source) -> Iterator[Mutant]:
    """A batch normalisation reads a map of one position, so that a batch of one example has no variance."""
    for call in source.calls("Sequential"):
        last = call.args[-1] if call.args else call
        if last_name(getattr(last, "func", last)) in ("Conv2d", "ConvTranspose2d") and len(call.args) > 1:
            norm = f"nn.BatchNorm2d({source.segment(last.args[1])})"
            text = f"{source.segment(last)},\n{' ' * last.col_offset}{norm}"
            yield source.mutant(source.replace(last, text))


@fault("NW101", oracle=fails)
def norm_over_one_value(source: Source) -> Iterator[Mutant]:
    """The vector that a global pooling leaves is normalised example by example, which torch refuses."""
    for call in source.calls("AdaptiveAvgPool2d"):
        line = source.statement(call)
        if isinstance(line, ast.Assign):
            text = f"nn.Sequential({source.segment(call)}, nn.InstanceNorm2d(64))"
            used = source.calls(last_name(line.targets[0]), root=source.inside(line, ast.ClassDef))
            yield source.mutant(source.replace(call, text), *map(source.statement, used))


@fault("NW307", oracle=constant)
def softmax_over_one(source: Source) -> Iterator[Mutant]:
    """The only output goes through a softmax."""
    names = [name for name, _ in source.targets]
    for line in source.nodes(ast.Return):
        kind = source.inside(line, ast.ClassDef)
        forward = getattr(source.function(line), "name", "") == "forward"
        if forward and kind and kind.name in names and not isinstance(line.value, ast.Tuple):
            text = f"torch.softmax({source.segment(line.value)}, dim=1)"
            yield source.mutant(source.replace(line.value, text), line)
    for call in source.calls("Sigmoid"):
        yield source.mutant(source.replace(call, "nn.Softmax(dim=1)"), source.statement(call))


@fault("NW307", oracle=constant)
def single_class(source: Source) -> Iterator[Mutant]:
    """A classifier that ends in a softmax has a single class."""
    for line in source.nodes(ast.Assign):
        call = line.value
        several = len(getattr(call, "args", ())) == 2 and source.segment(call.args[1]) != "1"
        if last_name(getattr(call, "func", call)) == "Linear" and several:
            softmax = source.calls("softmax", "log_softmax", root=source.inside(line, ast.ClassDef))
            yield source.mutant(source.replace(call.args[1], "1"), *map(source.statement, softmax))


@fault("NW308", oracle=noisy)
def random_in_eval(source: Source) -> Iterator[Mutant]:
    """Dropout by the function, which does not know the mode."""
    for call, _ in uses(source, "Dropout"):
        text = f"nn.functional.dropout({source.segment(call.args[0])}, 0.5)"
        yield source.mutant(source.replace(call, text), source.statement(call))


@fault("NW310", oracle=runs)
def norm_epsilon(source: Source) -> Iterator[Mutant]:
    """A momentum stands where the epsilon of a normalisation belongs."""
    for call in source.calls(*NORMS):
        if len(call.args) + len(call.keywords) == 1:
            text = ", 0.8" if call.args else ", eps=0.8"
            yield source.mutant(extended(source, call, text.removeprefix(", ")), call)


def starts(source: Source) -> Iterator[ast.Call]:
    """The calls that draw the weights of convolutions and linear layers."""
    names = ("kaiming_normal_", "kaiming_uniform_", "xavier_uniform_", "orthogonal_", "normal_", "uniform_")
    for call in source.calls(*names):
        what = source.segment(call.args[0]) if call.args else ""
        branch = source.parent(source.statement(call))
        chosen = source.segment(branch.test) if isinstance(branch, ast.If) else ""
        if what.endswith("weight") and "encoder" not in what and "BatchNorm" not in chosen:
            yield call


def _made(source: Source, call: ast.Call) -> list[ast.AST]:
    """The lines that make the layers whose weights a call draws."""
    layer = last_name(getattr(call.args[0], "value", call))
    loop = source.inside(call, ast.For)
    names = {layer, last_name(loop.iter) if loop else layer}
    made = layers(source, "Conv1d", "Conv2d", "Linear", "ModuleList")
    if isinstance(call.args[0], ast.Attribute) and source.segment(call.args[0].value) == "m":
        return source.calls("Conv1d", "Conv2d", "Linear", "ConvTranspose2d")
    return [line for name, line in made.items() if name in names]


@fault("NW601", oracle=runs)
def identical_units(source: Source) -> Iterator[Mutant]:
    """All weights of a layer begin with the same number."""
    for call in starts(source):
        text = f"nn.init.constant_({source.segment(call.args[0])}, 0.02)"
        yield source.mutant(source.replace(call, text), source.statement(call), *_made(source, call))


@fault("NW603", oracle=positive_weights)
def nonzero_mean(source: Source) -> Iterator[Mutant]:
    """The weights of a layer are drawn between 0 and 1."""
    for call in starts(source):
        text = f"nn.init.uniform_({source.segment(call.args[0])})"
        yield source.mutant(source.replace(call, text), source.statement(call), *_made(source, call))
    for line in layers(source, "Conv1d", "Conv2d", "Linear").values():
        layer = source.segment(line.targets[0])
        if source.parent(line) is source.function(line):
            yield source.mutant(source.after(line, f"nn.init.uniform_({layer}.weight)"), line)
