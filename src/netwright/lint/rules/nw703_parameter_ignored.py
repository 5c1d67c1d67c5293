"""A function takes a model but calls a global one.

What. A parameter such as `model` is never read in the function's body, which calls a network of the module's
top level instead.

Why. The function seems to evaluate what it is given, and always evaluates the same network: a loaded
checkpoint, a second fold or averaged weights then score exactly like the first model. In a notebook the
global name always exists, so nothing fails.

Guard. Only when the parameter is nowhere read, the called name is a network that this file builds at its top
level, and it is not assigned in the function.

Instead. Call the parameter.
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import flow
from netwright.lint.modules import MODEL_NAME, classes_of
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, Function, Script


def look(script: Script) -> Iterator[Remark]:
    """Every call of a global network in a function that was given one."""
    for function in script.nodes(*FUNCTIONS):
        parameter = _unread(function)
        if parameter is None:
            continue
        for call, name in _global_networks(script, function):
            yield Remark(
                script.at(name),
                f"`{function.name}` takes `{parameter}` but calls the global `{name.id}`: "
                f"whatever it is given, it runs `{name.id}`.",
                evidence={"parameter": parameter, "global": name.id},
                fix=Fix(
                    script.segment(call).replace(name.id, parameter, 1),
                    edits=_renamed(script, function, name, parameter),
                ),
            )


def _unread(function: Function) -> str | None:
    """The one parameter that is called like a model and never read."""
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
                and classes_of(script, node.func)
            ):
                yield node, node.func


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
