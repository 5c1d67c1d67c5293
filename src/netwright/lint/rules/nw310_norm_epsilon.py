"""A momentum stands where the epsilon of a normalisation belongs.

What. A normalisation layer has an `eps` of 0.01 or more, as in `nn.BatchNorm2d(64, 0.8)`.

Why. The second argument of `nn.BatchNorm2d` is `eps`, which is added to the variance so that nothing is
divided by zero; its default is 1e-5 (Ioffe & Szegedy 2015, algorithm 1). With 0.8, a channel whose variance
is 0.05 leaves the layer with a variance of 0.06 instead of 1, so weak channels stay weak and the layer no
longer normalises. The number is usually a momentum: Keras writes `BatchNormalization(momentum=0.8)`. Keras
weights the old statistics by its momentum and PyTorch the new ones, so 0.8 there is `momentum=0.2` here.

Guard. Released networks use an `eps` up to 1e-3. An `eps` that is not a number in the source, and cannot be
seen in a recorded network, is not judged.

Instead.

    nn.BatchNorm2d(64, momentum=0.2)
"""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, flow, hides
from netwright.lint.rule import Rule
from netwright.lint.script import Script

if TYPE_CHECKING:
    from netwright.lint.network import Network

LARGEST = 0.01
RUNNING = re.compile(r"^(Sync|Lazy)?(Batch|Instance)Norm(\dd)?$")
"""Norms that have a momentum."""
NORM = re.compile(RUNNING.pattern + r"|^(Layer|Group|RMS)Norm$")


def look(script: Script) -> Iterator[Remark]:
    """Report every norm of torch that is built with a large number as its `eps`."""
    for call in script.nodes(ast.Call):
        home, _, name = script.called(call).rpartition(".")
        if not home.startswith("torch.nn") or not NORM.match(name):
            continue
        eps = flow(script).literal(argument(call, "eps", _position(name)))
        if isinstance(eps, int | float) and eps >= LARGEST:
            fix = _rewritten(script, call, name, eps)
            edits = (script.replace(call, fix),) if fix else ()
            yield Remark(
                script.at(call),
                _message(f"`{script.segment(call.func)}`", name, eps),
                evidence={"eps": eps},
                fix=Fix(fix or _advice(name, eps), edits=edits),
            )


def recorded(network: "Network") -> Iterator[Remark]:
    """Report every norm of torch whose `eps` is large."""
    for path, module in network.modules.items():
        name = type(module).__name__
        if not type(module).__module__.startswith("torch.nn.") or not NORM.match(name):
            continue
        eps = module.eps
        if not isinstance(eps, float | int) or eps < LARGEST:
            continue
        yield Remark(
            network.built(path),
            _message(network.title(path), name, eps),
            module=path,
            evidence={"eps": eps},
            fix=_fix(network, path, name, eps) or Fix(_advice(name, eps)),
        )


def _fix(network: "Network", path: str, name: str, eps: float) -> Fix | None:
    """Return the fix in the call that built a norm, if that call is known."""
    from netwright.lint.rewrite import rewritten

    constructor = network.constructor(path)
    text = _rewritten(*constructor, name, eps) if constructor else None
    return rewritten(network, path, text, *network.siblings(path)) if text else None


def _position(name: str) -> int:
    if name.startswith("Lazy"):
        return 0
    return 2 if name == "GroupNorm" else 1


def _message(subject: str, name: str, eps: float) -> str:
    meant = "; a momentum was probably meant" if RUNNING.match(name) else ""
    return f"{subject} adds an `eps` of {eps:g} to the variance, where the default is 1e-5{meant}."


def _momentum(eps: float) -> float:
    """Return the momentum of torch for a number that may be one of Keras, which weights the old statistics.

    >>> _momentum(0.8), _momentum(0.1)
    (0.2, 0.1)
    """
    return round(1 - eps, 6) if 0.5 < eps < 1 else eps


def _advice(name: str, eps: float) -> str:
    if RUNNING.match(name) and eps < 1:
        return f"momentum={_momentum(eps):g}, and the default `eps`"
    return "leave `eps` at its default"


def _rewritten(script: Script, call: ast.Call, name: str, eps: float) -> str | None:
    """Return the call with a momentum instead of its `eps`; None if it has both, or if parts are hidden."""
    from netwright.lint.rewrite import with_argument, without_argument

    position = _position(name)
    places = [word.arg for word in call.keywords]
    known = "eps" in places or len(call.args) == position + 1
    if not RUNNING.match(name) or eps >= 1 or hides(call) or not known or "momentum" in places:
        return None
    if not isinstance(argument(call, "eps", position), ast.Constant):
        return None
    bare = without_argument(script.segment(call), "eps", position)
    return with_argument(bare, "momentum", f"{_momentum(eps):g}")


RULE = Rule("warning", "unsafe", script=look, network=recorded)
