"""Faults of shapes: channels, flattening, padding, dilation, strides, sizes."""

import ast
from collections.abc import Iterator

from faults.operator import fails, fault, folds, fragile, runs, skips
from faults.source import Edit, Mutant, Source, argument, last_name

CONVOLUTIONS = ("Conv1d", "Conv2d")


@fault("NW101", oracle=fails)
def wrong_channels(source: Source) -> Iterator[Mutant]:
    """A convolution expects one channel more than it is given."""
    for call in source.calls(*CONVOLUTIONS, "ConvTranspose2d"):
        if call.args and not isinstance(call.args[0], ast.Starred):
            yield source.mutant(source.replace(call.args[0], f"{source.segment(call.args[0])} + 1"), call)


@fault("NW101", oracle=fails)
def wrong_features(source: Source) -> Iterator[Mutant]:
    """A linear layer expects half of the features that it is given."""
    for call in source.calls("Linear"):
        if call.args and not isinstance(call.args[0], ast.Starred):
            yield source.mutant(source.replace(call.args[0], f"({source.segment(call.args[0])}) // 2"), call)


@fault("NW101", oracle=fails)
def forgotten_flatten(source: Source) -> Iterator[Mutant]:
    """The map is not flattened before the linear layer."""
    for call, tensor in flattenings(source):
        failing = source.calls("Linear")
        yield source.mutant(source.replace(call, source.segment(tensor)), source.statement(call), *failing)


def flattenings(source: Source) -> Iterator[tuple[ast.Call, ast.expr]]:
    """The calls that flatten examples, each with the tensor that it flattens."""
    for call in source.calls("flatten", "view"):
        if source.inside(call, ast.ClassDef) is None:
            continue
        if last_name(call.func.value) == "torch":
            yield call, call.args[0]
        elif source.segment(call).endswith((".flatten(1)", ".size(0), -1)")):
            yield call, call.func.value


@fault("NW102", oracle=folds)
def folded_batch(source: Source) -> Iterator[Mutant]:
    """Flatten with `view(-1, n)`, so that a picture of another size becomes several rows."""
    for call, tensor in flattenings(source):
        lines = source.nodes(ast.Assign, root=source.inside(call, ast.ClassDef))
        linear = [node for node in lines if last_name(getattr(node.value, "func", node)) == "Linear"]
        if linear:
            features = f"{source.segment(linear[0].targets[0])}.in_features"
            text = f"{source.segment(tensor)}.view(-1, {features})"
            yield source.mutant(source.replace(call, text), source.statement(call))


@fault("NW103", oracle=runs)
def padded_point(source: Source) -> Iterator[Mutant]:
    """A 1x1 convolution gets a padding of 1."""
    for call in source.calls(*CONVOLUTIONS):
        kernel, padding = argument(call, "kernel_size", 2), argument(call, "padding", 4)
        if isinstance(kernel, ast.Constant) and kernel.value == 1 and padding is None:
            yield source.mutant(extended(source, call, "padding=1"), call)


def extended(source: Source, call: ast.Call, text: str) -> Edit:
    """The edit that adds an argument to a call that has some."""
    last = max([*call.args, *(word.value for word in call.keywords)], key=source.span)
    place = source.span(last)[1]
    return Edit(place, place, f", {text}")


def configured(source: Source, call: ast.Call, values: dict[str, str]) -> Edit:
    """The edit that writes a convolution with some other settings."""
    names = ["in_channels", "out_channels", "kernel_size", "stride", "padding"]
    given = dict(zip(names, map(source.segment, call.args), strict=False))
    given |= {word.arg: source.segment(word.value) for word in call.keywords if word.arg}
    given |= values
    head = [given.pop(name) for name in names[:2]]
    words = [f"{name}={value}" for name, value in given.items()]
    return source.replace(call, f"{source.segment(call.func)}({', '.join([*head, *words])})")


def setting(source: Source, call: ast.Call, name: str) -> str:
    """What a convolution is given for kernel, stride or padding; empty for its default."""
    position = {"kernel_size": 2, "stride": 3, "padding": 4}[name]
    value = argument(call, name, position)
    return "" if value is None else source.segment(value).strip("()").partition(",")[0]


def plain(call: ast.Call) -> bool:
    """True for a call whose first arguments are written one by one."""
    return len(call.args) >= 2 and not any(isinstance(value, ast.Starred) for value in call.args)


@fault("NW104", oracle=runs)
def dead_taps(source: Source) -> Iterator[Mutant]:
    """A dilation so wide that all taps but the middle one see only padding."""
    for call in source.calls(*CONVOLUTIONS):
        settings = [setting(source, call, name) for name in ("kernel_size", "padding", "stride")]
        if plain(call) and settings in (["3", "1", ""], ["3", "1", "1"]):
            edit = configured(source, call, {"padding": "64", "dilation": "64"})
            yield source.mutant(edit, call)


@fault("NW105", oracle=skips)
def skipped_pixels(source: Source) -> Iterator[Mutant]:
    """A strided convolution shrinks to a kernel of 1, so that it reads every other pixel."""
    for call in source.calls(*CONVOLUTIONS):
        kernel, padding = setting(source, call, "kernel_size"), setting(source, call, "padding")
        strided = setting(source, call, "stride") == "2" and "F.pad" not in source.text
        if plain(call) and padding == "1" and kernel in ("3", "4") and strided:
            yield source.mutant(configured(source, call, {"kernel_size": "1", "padding": "0"}), call)


@fault("NW108", oracle=runs)
def checkerboard(source: Source) -> Iterator[Mutant]:
    """The kernel of a transposed convolution is not a multiple of its stride."""
    odd = {"kernel_size": "3", "padding": "1", "output_padding": "1"}
    for call in source.calls("ConvTranspose2d"):
        if plain(call) and setting(source, call, "stride") == "2":
            yield source.mutant(configured(source, call, odd), call)


@fault("NW111", oracle=fragile)
def fragile_size(source: Source) -> Iterator[Mutant]:
    """The way up is not resized to what it is joined with."""
    for call in source.calls("interpolate"):
        joins = source.calls("cat", root=source.function(call))
        yield source.mutant(source.replace(call, source.segment(call.args[0])), *joins)
