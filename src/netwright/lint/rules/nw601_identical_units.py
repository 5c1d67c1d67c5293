"""All units of a layer start with the same weights, and keep the same weights.

What. A weight is filled with one number, so each output unit computes the same as its neighbour.

Why. Units with equal weights get equal gradients, so they never become different: a layer of 512 units has
the power of one (Goodfellow, Bengio & Courville 2016, section 8.4: the initial parameters need to "break
symmetry").

Guard. Biases, norms and layer scales should start constant. It is a known technique to start a last layer or
the last norm of a branch at zero (Goyal et al. 2017, zero scale; Zhang et al. 2019, Fixup), so zeros are
accepted in one named layer, and in layers that a further condition chooses. Depthwise filters see different
channels and may be equal, and frozen weights do not learn. The fix is unsafe where the block goes on to use
the filled weight.

Instead. Keep PyTorch's own initialisation, or draw the weights: `nn.init.kaiming_normal_(m.weight)`.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from netwright.lint.finding import Edit, Fix, Remark
from netwright.lint.flow import argument, flow
from netwright.lint.rule import Rule
from netwright.lint.script import Script

if TYPE_CHECKING:
    from netwright.lint.network import Network

FILLS = {"torch.nn.init.ones_": 1, "torch.nn.init.zeros_": 0, "torch.nn.init.constant_": None}
WEIGHTED = {"torch.nn.Linear", *(f"torch.nn.Conv{dims}d" for dims in (1, 2, 3))}


def look(script: Script) -> Iterator[Remark]:
    """Report every fill of the weights of all linear layers or convolutions with one number."""
    for call in script.nodes(ast.Call):
        home = script.called(call)
        if home not in FILLS or not call.args:
            continue
        value = FILLS[home] if FILLS[home] is not None else flow(script).literal(argument(call, "val", 1))
        weight = call.args[0]
        if (
            not isinstance(value, int | float)
            or not isinstance(weight, ast.Attribute)
            or weight.attr != "weight"
        ):
            continue
        kind = _kind(script, call, weight.value)
        if kind and (value or not _chosen(script, call, weight.value)):
            statement = script.statement(call)
            yield Remark(
                script.at(call),
                f"every weight of each {kind} starts at {value}, so its units compute and learn the same.",
                evidence={"value": value},
                fix=Fix(
                    "delete the fill",
                    safe=not _changed_later(script, statement, weight),
                    edits=_deleted(script, statement),
                ),
            )


def _kind(script: Script, call: ast.Call, module: ast.expr) -> str | None:
    """Return the class with weights for which an `if` around the call tests the module."""
    below: ast.AST = call
    for above in script.above(call):
        if isinstance(above, ast.If) and below in above.body:
            for node in ast.walk(above.test):
                if (script.dotted(node) or "") in WEIGHTED and ast.dump(module) in ast.dump(above.test):
                    return script.segment(node) if not _negated(above.test) else None
        below = above
    return None


def _chosen(script: Script, call: ast.Call, module: ast.expr) -> bool:
    """Return True when a fill is for some layers only: for a named one, or under a further condition."""
    chain = [call, *script.above(call)]
    asked = [
        above.test
        for below, above in pairwise(chain)
        if isinstance(above, ast.If) and below not in above.orelse
    ]
    return not isinstance(module, ast.Name) or len(asked) > 1 or any(isinstance(t, ast.BoolOp) for t in asked)


def _negated(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Not | ast.NotEq | ast.IsNot | ast.NotIn) for node in ast.walk(test))


def _deleted(script: Script, statement: ast.stmt) -> tuple[Edit, ...]:
    """Return the edit that deletes the statement, or writes `pass` where the block would be empty."""
    if not isinstance(statement, ast.Expr):
        return ()
    alone = len(_block(script, statement)) > 1 and script.alone(statement)
    return (script.remove(statement),) if alone else (script.replace(statement, "pass"),)


def _block(script: Script, statement: ast.stmt) -> list[ast.stmt]:
    parent = script.parents[statement]
    blocks = (getattr(parent, name, []) for name in ("body", "orelse", "finalbody"))
    return next((block for block in blocks if statement in block), [statement])


def _changed_later(script: Script, fill: ast.stmt, weight: ast.Attribute) -> bool:
    """Return True when the block uses the weight after the fill, which may then be the start of a draw."""
    block = _block(script, fill)
    later = block[block.index(fill) + 1 :]
    return any(ast.dump(weight) == ast.dump(node) for other in later for node in ast.walk(other))


def built(network: "Network") -> Iterator[Remark]:
    """Report every layer whose units have the same weights, unless these are zeros."""
    from torch import nn

    for path, module in network.modules.items():
        if not isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d):
            continue
        weight, groups = module.weight, getattr(module, "groups", 1)
        if weight.is_meta or not weight.requires_grad or groups > 1 or weight.shape[0] < 2:
            continue
        first = weight.detach()[0]
        if bool((weight[1] == first).all() and (first != 0).any() and (weight == first).all()):
            yield Remark(
                network.built(path),
                f"the {weight.shape[0]} units of {network.title(path)} start with the same weights, "
                "so they stay the same.",
                module=path,
                evidence={"units": weight.shape[0]},
                fix=Fix("draw the weights: nn.init.kaiming_normal_"),
            )


RULE = Rule("error", "safe", script=look, network=built)
