"""The order in which a training step calls what it calls, and what runs only under a condition."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from netwright.lint.calls import calls
from netwright.lint.loops import stepped
from netwright.lint.modules import last_name
from netwright.lint.script import FUNCTIONS, LOOPS, Script

Branch = tuple[ast.AST, str]
Kind = Literal["backward", "step", "clear"]
SCHEDULE_NAME = re.compile(r"sched|(^|_)lr(_|$)|warm", re.IGNORECASE)
CONDITIONAL = (ast.If, ast.IfExp, ast.Try, ast.ExceptHandler, ast.match_case, ast.BoolOp)


@dataclass(frozen=True, eq=False)
class Event:
    """A backward pass, a step of an optimizer, or a clearing of gradients, which may hide in a function."""

    kind: Kind | None
    call: ast.Call


def branches(script: Script, node: ast.AST, region: ast.AST) -> set[Branch]:
    """Return the conditions inside a region under which a node runs, each with its branch."""
    conditions: set[Branch] = set()
    child = node
    for above in script.above(node):
        if above is region:
            break
        if isinstance(above, CONDITIONAL):
            branch = next(name for name, value in ast.iter_fields(above) if _holds(value, child))
            if branch not in ("test", "finalbody") and not (isinstance(above, ast.Try) and branch == "body"):
                conditions.add((above, branch))
        child = above
    return conditions


def _holds(value: object, child: ast.AST) -> bool:
    return value is child or (isinstance(value, list) and child in value)


def regions(script: Script, node: ast.AST) -> Iterator[ast.AST]:
    """Yield the loops around a node, from the innermost on, and then the function or module around them."""
    for above in script.above(node):
        if isinstance(above, (*LOOPS, *FUNCTIONS, ast.Lambda, ast.Module)):
            yield above
            if not isinstance(above, LOOPS):
                return


def events(script: Script, region: ast.AST) -> list[Event]:
    """Return the events of a region in the order of the text.

    A call of a function of the file that has such events is one of an unknown kind, as is the `step()` of
    something that may be an optimizer.
    """
    return [
        Event(kind, node)
        for node in calls(script).nodes(region)
        if isinstance(node, ast.Call) and ((kind := _kind(script, node)) or _hides_events(script, node))
    ]


def _kind(script: Script, call: ast.Call) -> Kind | None:
    name = last_name(call.func) or ""
    if "backward" in name:
        return "backward"
    if name == "zero_grad":
        return "clear"
    return "step" if stepped(script, call) is not None else None


def _hides_events(script: Script, call: ast.Call) -> bool:
    known = calls(script)
    if isinstance(call.func, ast.Attribute) and call.func.attr == "step":
        return not SCHEDULE_NAME.search(last_name(call.func.value) or "")
    return any(
        _eventful(script, scope) for function in known.called(call) for scope in known.reached(function)
    )


@lru_cache(maxsize=256)
def _eventful(script: Script, scope: ast.AST) -> bool:
    nodes = calls(script).nodes(scope)
    return any(isinstance(node, ast.Call) and _kind(script, node) is not None for node in nodes)


def steps_within(script: Script, call: ast.Call) -> bool:
    """Return True when a call runs a function of the file that steps an optimizer.

    A method counts only if it is called on `self`, because others are known by their names alone.
    """
    match call.func:
        case ast.Name() | ast.Attribute(value=ast.Name(id="self")):
            known = calls(script)
            reached = (scope for function in known.called(call) for scope in known.reached(function))
            return any(_steps(script, scope) for scope in reached)
    return False


@lru_cache(maxsize=256)
def _steps(script: Script, scope: ast.AST) -> bool:
    nodes = calls(script).nodes(scope)
    return any(isinstance(node, ast.Call) and stepped(script, node) is not None for node in nodes)
