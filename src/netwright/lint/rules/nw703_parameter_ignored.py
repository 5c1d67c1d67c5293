"""A function takes a model but calls a global one.

What. The body of a function never reads its parameter `model`, or one with a similar name, and instead calls
a network that is defined at the top level of the module.

Why. The function seems to evaluate the network that it is given, but it always evaluates the same one. A
loaded checkpoint, a second fold or averaged weights then score exactly like the first model. In a notebook
the global name always exists, so nothing fails.

Guard. The parameter must not be read anywhere, the called name must be a network that this file builds at its
top level (of its own classes, of `nn.Sequential` or `nn.Linear`, or from `torchvision.models`), and the
function must not assign to it.

Instead. Call the parameter.
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import flow
from netwright.lint.modules import MODEL_NAME, classes_of, constructors
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, Function, Script

LAYERS = {"torch.nn.Sequential", "torch.nn.Linear"}
"""Modules of torch that are networks; most others are layers, losses or activations."""


def look(script: Script) -> Iterator[Remark]:
    """Report every call of a global network in a function that has a parameter for one."""
    for function in script.nodes(*FUNCTIONS):
        parameter = _unread(function)
        if parameter is None:
            continue
        for call, name in _global_networks(script, function):
            yield Remark(
                script.at(name),
                f"`{function.name}` takes `{parameter}` but calls the global `{name.id}`, "
                "whatever it is given.",
                evidence={"parameter": parameter, "global": name.id},
                fix=Fix(
                    script.segment(call).replace(name.id, parameter, 1),
                    edits=_renamed(script, function, name, parameter),
                ),
            )


def _unread(function: Function) -> str | None:
    """Return the parameter that has the name of a model and is never read, if there is exactly one."""
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    names = [parameter.arg for parameter in [*function.args.posonlyargs, *function.args.args]]
    unread = [name for name in names if name not in read and MODEL_NAME.match(name)]
    return unread[0] if len(unread) == 1 else None


def _global_networks(script: Script, function: Function) -> Iterator[tuple[ast.Call, ast.Name]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            top = flow(script).home(node.func)
            if (
                isinstance(top, ast.Module)
                and not _defined(script, node.func)
                and (classes_of(script, node.func) or _of_torch(script, node.func))
            ):
                yield node, node.func


def _of_torch(script: Script, name: ast.Name) -> bool:
    """Return True for a network that certainly is made of torch's layers, or is a model of torchvision."""
    made = constructors(script, name) or []
    homes = [script.called(call) for call in made]
    return bool(homes) and all(home in LAYERS or home.startswith("torchvision.models.") for home in homes)


def _defined(script: Script, name: ast.Name) -> bool:
    bound = flow(script).bound(script.tree).get(name.id, [])
    return any(isinstance(node, (*FUNCTIONS, ast.ClassDef)) for node in bound)


def _renamed(script: Script, function: Function, name: ast.Name, parameter: str):
    return tuple(
        script.replace(node, parameter)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == name.id
    )


RULE = Rule("error", "unsafe", script=look)
