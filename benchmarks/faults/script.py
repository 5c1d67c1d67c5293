"""Faults of a script outside its loops: names, arguments, optimizers, schedules, data."""

import ast
from collections.abc import Iterator
from importlib import import_module

from faults.operator import fault
from faults.shape import extended
from faults.source import Edit, Mutant, Source, argument, last_name

OPTIMIZERS = ("SGD", "Adam", "AdamW", "Adadelta", "LBFGS")
ROOTS = {"nn": "torch.nn", "F": "torch.nn.functional", "optim": "torch.optim", "torch": "torch"}


@fault("NW706")
def unknown_name(source: Source) -> Iterator[Mutant]:
    """A name of torch is written with a wrong letter."""
    for node in source.nodes(ast.Attribute):
        home = ROOTS.get(source.segment(node.value))
        if home is None or not hasattr(import_module(home), node.attr):
            continue
        start = source.span(node)[1] - len(node.attr)
        wrong = [name for name in misspelled(node.attr) if not hasattr(import_module(home), name)]
        if wrong and len(node.attr) > 3:
            edit = Edit(start, start + len(node.attr), wrong[len(node.attr) % len(wrong)])
            yield source.mutant(edit, source.statement(node))


def misspelled(name: str) -> list[str]:
    """A name with a letter of the other case, without an underscore, or without a letter."""
    wrong = [name[:-1] + name[-1].swapcase(), name.replace("_", "", 1), name[:-2] + name[-1]]
    return [text for text in wrong if text != name]


@fault("NW707")
def dead_scheduler(source: Source) -> Iterator[Mutant]:
    """The patience of a schedule is longer than the training."""
    for call in source.calls("ReduceLROnPlateau"):
        value = argument(call, "patience")
        name = last_name(getattr(source.statement(call), "targets", [call])[0])
        steps = [step for step in source.calls("step") if last_name(step.func.value) == name]
        loops = [source.inside(step, ast.For) for step in steps]
        if value is not None and any(loop and "argv" not in source.segment(loop.iter) for loop in loops):
            yield source.mutant(source.replace(value, "1000"), source.statement(call))


@fault(None)
def late_steps(source: Source) -> Iterator[Mutant]:
    """The steps of a schedule are counted in batches while it counts epochs."""
    for call in source.calls("StepLR", "MultiStepLR"):
        for word in call.keywords:
            if word.arg in ("step_size", "milestones"):
                numbers = [node for node in source.nodes(ast.Constant, root=word.value) if node.value > 1]
                edits = [source.replace(node, f"{node.value * 1000}") for node in numbers]
                if edits:
                    yield source.mutant(edits, source.statement(call))


@fault("NW708")
def unsafe_load(source: Source) -> Iterator[Mutant]:
    """A file is loaded without `weights_only=True`, so that older versions of torch run the code in it."""
    for call in source.calls("load"):
        word = next((word for word in call.keywords if word.arg == "weights_only"), None)
        line = source.text.split("\n")[call.end_lineno - 1]
        if word and "netwright: ignore" not in line:
            start = source.text.rindex(",", 0, source.span(word)[0])
            yield source.mutant(Edit(start, source.span(word)[1], ""), call)
            if source.segment(word.value) == "True":
                yield source.mutant(source.replace(word.value, "False"), call)


@fault("NW709")
def double_penalty(source: Source) -> Iterator[Mutant]:
    """A penalty on all parameters, norms and biases too, is added to the loss."""
    for line in source.nodes(ast.Assign):
        function = source.function(line)
        names = {argument.arg for argument in getattr(function, "args", ast.arguments([], [])).args}
        trains = "model" in names and bool(source.calls("backward", root=function))
        if trains and last_name(line.targets[0]) == "loss":
            penalty = " + 1e-4 * sum(p.pow(2).sum() for p in model.parameters())"
            yield source.mutant(Edit(source.span(line)[1], source.span(line)[1], penalty), line)


@fault("NW710")
def type_equality(source: Source) -> Iterator[Mutant]:
    """A module's class is compared, so that subclasses are missed."""
    for call in source.calls("isinstance"):
        kind = call.args[1]
        if source.segment(kind).startswith("nn."):
            edit = source.replace(call, f"type({source.segment(call.args[0])}) == {source.segment(kind)}")
            yield source.mutant(edit, call)


def optimizers(source: Source) -> Iterator[tuple[ast.Assign, str]]:
    """The lines that make an optimizer from `name.parameters()`, with the name."""
    for call in source.calls(*OPTIMIZERS):
        line = source.statement(call)
        given = call.args[0] if call.args else None
        if isinstance(line, ast.Assign) and last_name(getattr(given, "func", line)) == "parameters":
            yield line, source.segment(given.func.value)


@fault("NW711")
def frozen_parameters(source: Source) -> Iterator[Mutant]:
    """All parameters of an optimizer are frozen."""
    for line, name in optimizers(source):
        edit = source.before(line, f"for p in {name}.parameters():\n    p.requires_grad = False")
        yield source.mutant(edit, line)


@fault("NW711")
def replaced_network(source: Source) -> Iterator[Mutant]:
    """The network is built anew after the optimizer has taken its parameters."""
    for line, name in optimizers(source):
        made = [node for node in source.body(line) if isinstance(node, ast.Assign)]
        made = [node for node in made if last_name(node.targets[0]) == name and node.lineno < line.lineno]
        steps = [
            call for call in source.calls("step") if source.segment(line.targets[0]) in source.segment(call)
        ]
        if made and steps:
            yield source.mutant(source.after(line, source.segment(made[0])), line)


@fault("NW712")
def incompatible_override(source: Source) -> Iterator[Mutant]:
    """A network has a method `train` or `eval` with arguments of its own."""
    for kind in source.nodes(ast.ClassDef):
        if any(source.segment(base) == "nn.Module" for base in kind.bases):
            for method in ("train(self, batch, optimizer)", "eval(self, batch)"):
                edit = source.after(kind.body[-1], f"\ndef {method}:\n    return self(batch)")
                mutant = source.mutant(edit)
                line = mutant.text[: mutant.text.index(f"def {method}")].count("\n") + 1
                yield Mutant(mutant.text, ((line, line),))


@fault("NW713")
def unknown_keyword(source: Source) -> Iterator[Mutant]:
    """A keyword of a torch function is misspelled."""
    for call in source.nodes(ast.Call):
        if source.segment(call.func).partition(".")[0] not in ROOTS:
            continue
        for word in call.keywords:
            if word.arg and len(word.arg) > 3 and hasattr(call.func, "attr"):
                start = source.span(word)[0]
                edit = Edit(start, start + len(word.arg), word.arg[:-2] + word.arg[-1])
                yield source.mutant(edit, call)


@fault("NW713")
def missing_argument(source: Source) -> Iterator[Mutant]:
    """A constructor of a layer lacks an argument that it needs."""
    for call in source.calls("Linear", "BatchNorm1d", "BatchNorm2d", "LayerNorm", "Embedding"):
        if call.args and not call.keywords and source.segment(call.func).startswith("nn."):
            last = call.args[-1]
            start = source.span(call.args[-2])[1] if len(call.args) > 1 else source.span(last)[0]
            yield source.mutant(Edit(start, source.span(last)[1], ""), call)


@fault("NW716")
def misspelled_special_name(source: Source) -> Iterator[Mutant]:
    """A method that Python or torch calls by its name has another name."""
    wrong = {"__init__": ("___init__", "_init_"), "forward": ("foward",)}
    for function in source.nodes(ast.FunctionDef):
        for name in wrong.get(function.name, ()):
            if isinstance(source.parent(function), ast.ClassDef):
                start = source.span(function)[0] + len("def ")
                yield source.mutant(Edit(start, start + len(function.name), name), function)


@fault("NW716", network=True)
def called_list(source: Source) -> Iterator[Mutant]:
    """A list of modules is called as if it were a sequence."""
    for line in source.nodes(ast.Assign):
        call = line.value
        if last_name(getattr(call, "func", line)) != "Sequential" or not call.args or call.keywords:
            continue
        start, end = source.span(call.args[0])[0], source.span(call)[1] - 1
        target = source.segment(line.targets[0])
        used = [node for node in source.nodes(ast.Call) if source.segment(node.func) == target]
        if used:
            edits = [source.replace(call.func, "nn.ModuleList"), Edit(start, start, "["), Edit(end, end, "]")]
            yield source.mutant(edits, line, *map(source.statement, used))


@fault("NW717")
def moved_after_wrap(source: Source) -> Iterator[Mutant]:
    """A network is moved after it was wrapped for several processes."""
    for call in source.calls("DistributedDataParallel"):
        line = source.statement(call)
        name = source.segment(line.targets[0])
        yield source.mutant(source.after(line, f"{name} = {name}.cuda()"))
        yield source.mutant(source.after(line, source.segment(line)))


@fault("NW718")
def random_validation(source: Source) -> Iterator[Mutant]:
    """Pictures of the validation set are flipped at random."""
    flip = "transforms.RandomHorizontalFlip()"
    for call in source.nodes(ast.Call):
        value = argument(call, "train")
        transform = argument(call, "transform")
        held_out = isinstance(value, ast.Constant) and value.value is False and transform is not None
        if held_out and "import datasets, transforms" in source.text:
            edit = source.replace(transform, f"transforms.Compose([{flip}, {source.segment(transform)}])")
            yield source.mutant(edit, source.statement(call))
    for call in source.calls("CenterCrop"):
        line = source.statement(call)
        if last_name(line.targets[0]).startswith("val"):
            yield source.mutant(source.replace(call, f"{source.segment(call)}, {flip}"), line)


@fault("NW718")
def other_statistics(source: Source) -> Iterator[Mutant]:
    """The validation data are standardised by statistics of their own, or of all data."""
    for line in source.nodes(ast.Assign):
        name = last_name(line.targets[0])
        if name.startswith(("val_", "test_")) and source.segment(line.value).endswith("mean) / std"):
            text = f"({name} - {name}.mean(dim=0)) / {name}.std(dim=0)"
            yield source.mutant(source.replace(line.value, text), line)


@fault("NW719")
def shared_seed(source: Source) -> Iterator[Mutant]:
    """Every worker of a loader starts with the same seed."""
    for call in source.calls("DataLoader"):
        own = any(word.arg == "worker_init_fn" for word in call.keywords)
        if argument(call, "num_workers") is not None and not own:
            edit = extended(source, call, "worker_init_fn=lambda _: torch.manual_seed(0)")
            yield source.mutant(edit, call)


@fault(None, network=True)
def forgotten_super(source: Source) -> Iterator[Mutant]:
    """A module's constructor does not call that of its base."""
    for call in source.calls("__init__"):
        if source.segment(call) == "super().__init__()":
            yield source.mutant(source.remove(source.statement(call)), source.function(call))


@fault(None)
def training_on_test_data(source: Source) -> Iterator[Mutant]:
    """The network is trained with the loader of the test set."""
    for node in _loaders(source, "train"):
        other = next(iter(_loaders(source, "test", "val")), None)
        called = source.inside(node, ast.Call, ast.For)
        if other is not None and _in_training(source, called):
            yield source.mutant(source.replace(node, other.id), source.statement(node))


@fault(None)
def testing_on_training_data(source: Source) -> Iterator[Mutant]:
    """The network is evaluated with the loader of the training set."""
    for node in _loaders(source, "test", "val"):
        other = next(iter(_loaders(source, "train")), None)
        if other is not None and isinstance(source.inside(node, ast.Call, ast.For), ast.Call):
            yield source.mutant(source.replace(node, other.id), source.statement(node))


def _loaders(source: Source, *kinds: str) -> list[ast.Name]:
    """Where loaders of these sets are handed to a function or looped over."""
    names = [node for node in source.nodes(ast.Name) if isinstance(node.ctx, ast.Load)]
    return [node for node in names if "loader" in node.id and any(kind in node.id for kind in kinds)]


def _in_training(source: Source, node: ast.AST | None) -> bool:
    if isinstance(node, ast.For):
        return bool(source.calls("backward", root=node))
    return isinstance(node, ast.Call) and "train" in last_name(node.func)


@fault(None)
def huge_rate(source: Source) -> Iterator[Mutant]:
    """The learning rate is a thousand times too large."""
    for call in source.calls(*OPTIMIZERS):
        value = argument(call, "lr", 1)
        if isinstance(value, ast.Constant):
            yield source.mutant(source.replace(value, f"{value.value * 1000}"), call)


@fault(None)
def unshuffled_training(source: Source) -> Iterator[Mutant]:
    """The training set is read in its order."""
    for call in source.calls("DataLoader"):
        value = argument(call, "shuffle")
        if isinstance(value, ast.Constant) and value.value is True:
            yield source.mutant(source.replace(value, "False"), call)


@fault(None)
def mixed_axes(source: Source) -> Iterator[Mutant]:
    """Axes are reshaped where they should be exchanged."""
    for call in source.calls("transpose"):
        outer = source.parent(call)
        if isinstance(outer, ast.Attribute) and outer.attr == "reshape":
            edit = source.replace(call, source.segment(call.func.value))
            yield source.mutant(edit, source.statement(call))
