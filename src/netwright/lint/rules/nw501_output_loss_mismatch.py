"""The network's output is not what its loss expects.

What. A softmax feeds `CrossEntropyLoss` or `NLLLoss`, a sigmoid feeds `BCEWithLogitsLoss`, or the logits of a
linear layer feed `BCELoss` or `NLLLoss`.

Why. `CrossEntropyLoss` and `BCEWithLogitsLoss` apply the (log-)softmax and the sigmoid themselves. When the
softmax is applied twice, the largest gap between two classes is 1, so with ten classes the loss cannot fall
below ln(1 + 9/e) = 1.461 and the gradients are small: the network trains slowly and to a worse result.
`NLLLoss` has no lower bound on logits, and `BCELoss` raises an error as soon as one logit is outside [0, 1].
(Humbatova et al., "Taxonomy of Real Faults in Deep Learning Systems", ICSE 2020, list wrong losses and
missing output layers as kinds of faults of their own.)

Guard. The network and the loss must belong together with certainty: the loss is called on the result of that
class.

Instead. Return logits and use `CrossEntropyLoss` or `BCEWithLogitsLoss`. Apply the softmax where
probabilities are shown.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.losses import Use, classify, networks, returned, uses
from netwright.lint.rule import Rule
from netwright.lint.script import Script

if TYPE_CHECKING:
    from netwright.lint.network import Network

MISMATCHES = {
    ("softmax", "cross_entropy"): "softmax is applied twice, so the loss can hardly fall",
    ("softmax", "nll"): "`NLLLoss` expects log-probabilities but is given probabilities",
    ("sigmoid", "bce_with_logits"): "the sigmoid is applied twice",
    ("logits", "nll"): "`NLLLoss` expects log-probabilities but is given logits",
    ("logits", "bce"): "`BCELoss` expects probabilities but is given logits",
}
BETTER = {"nll": ("NLLLoss", "CrossEntropyLoss"), "bce": ("BCELoss", "BCEWithLogitsLoss")}


def look(script: Script) -> Iterator[Remark]:
    """Report every loss that is certainly given the wrong kind of output."""
    for use in uses(script):
        direct = classify(script, use.output)
        made = [direct] if direct else [returned(script, network) for network in networks(script, use.output)]
        for kind, call in (output for output in made if output):
            if (kind, use.kind) in MISMATCHES:
                yield _remark(script, use, kind, call)


def _remark(script: Script, use: Use, kind: str, call: ast.Call) -> Remark:
    name = script.segment(use.made.func)
    return Remark(
        script.at(call),
        f"{kind} goes into `{name}` (line {use.made.lineno}): {MISMATCHES[kind, use.kind]}.",
        evidence={"output": kind, "loss": use.kind, "loss_line": use.made.lineno},
        fix=_fix(script, use, kind, call),
    )


def _fix(script: Script, use: Use, kind: str, call: ast.Call) -> Fix:
    if kind == "logits":
        old, new = BETTER[use.kind]
        name = script.segment(use.made.func)
        if not name.endswith(old):
            return Fix(f"use {new}")
        text = name.removesuffix(old) + new
        return Fix(f"{text}, which takes logits", edits=(script.replace(use.made.func, text),))
    inner = _inner(script, call)
    if inner is None:
        return Fix(f"return the input of the {kind}")
    return Fix(inner, edits=(script.replace(call, inner),))


def _inner(script: Script, call: ast.Call) -> str | None:
    """Return the text to which a softmax or sigmoid is applied; None if a layer of the network applies it."""
    if script.called(call):
        return script.operand(call.args[0]) if call.args else None
    match call.func:
        case ast.Attribute(value=ast.Name(id="self")):
            return None
        case ast.Attribute(attr="softmax" | "sigmoid", value=inner):
            return script.operand(inner)
    return None


def recorded(network: "Network") -> Iterator[Remark]:
    """Report the losses that the file of the network calls on it and that do not fit its recorded output."""
    script = network.script(network.home) if network.home else None
    if script is None or len(network.graph.outputs) != 1:
        return
    last = network.producer(network.graph.outputs[0])
    name = type(network.net).__name__
    for use in uses(script) if last else ():
        if (
            last
            and name in {cls.name for cls in networks(script, use.output)}
            and (last.name, use.kind) in MISMATCHES
        ):
            said = next((remark for remark in look(script) if remark.evidence["output"] == last.name), None)
            text = f"{last.name} goes into `{script.segment(use.made.func)}` (line {use.made.lineno}): "
            yield Remark(
                network.place(last),
                text + MISMATCHES[last.name, use.kind] + ".",
                module=last.module,
                evidence={"output": last.name, "loss": use.kind, "loss_line": use.made.lineno},
                fix=said.fix if said and said.place.line == network.place(last).line else None,
            )


RULE = Rule("error", "unsafe", script=look, network=recorded)
