"""The network's output is not what its loss expects.

What. A softmax or a sigmoid feeds `CrossEntropyLoss` or `NLLLoss`, a sigmoid or a softmax feeds
`BCEWithLogitsLoss`, the logits of a linear layer or a convolution feed `BCELoss` or `NLLLoss`, or
log-probabilities feed one of the binary losses.

Why. `CrossEntropyLoss` and `BCEWithLogitsLoss` apply the (log-)softmax and the sigmoid themselves. When the
softmax is applied twice, the largest gap between two classes is 1, so with ten classes the loss cannot fall
below ln(1 + 9/e) = 1.461 and the gradients are small: the network trains slowly and to a worse result.
`NLLLoss` has no lower bound on logits, and `BCELoss` raises an error as soon as one logit is outside [0, 1].
(Humbatova et al., "Taxonomy of Real Faults in Deep Learning Systems", ICSE 2020, list wrong losses and
missing output layers as kinds of faults of their own.)

Guard. The network and the loss must belong together with certainty: the loss is called on the result of that
class, on an element of the tuple that it returns, or on a view of one.

Instead. Return logits and use `CrossEntropyLoss` or `BCEWithLogitsLoss`. Apply the softmax where
probabilities are shown.
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Edit, Fix, Place, Remark
from netwright.lint.losses import OUTPUTS, Output, Use, networks, outputs, uses
from netwright.lint.rule import Rule
from netwright.lint.script import Script

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

MISMATCHES = {
    ("softmax", "cross_entropy"): "softmax is applied twice, so the loss can hardly fall",
    ("sigmoid", "cross_entropy"): "the loss applies a softmax to scores that a sigmoid has cut to 0…1",
    ("softmax", "nll"): "`NLLLoss` expects log-probabilities but is given probabilities",
    ("sigmoid", "nll"): "`NLLLoss` expects log-probabilities but is given probabilities",
    ("sigmoid", "bce_with_logits"): "the sigmoid is applied twice",
    ("softmax", "bce_with_logits"): "the loss applies a sigmoid to what a softmax has cut to 0…1",
    ("log_softmax", "bce"): "`BCELoss` expects probabilities but is given log-probabilities",
    ("log_sigmoid", "bce"): "`BCELoss` expects probabilities but is given log-probabilities",
    ("log_softmax", "bce_with_logits"): "the loss expects logits but is given log-probabilities",
    ("log_sigmoid", "bce_with_logits"): "the loss expects logits but is given log-probabilities",
    ("logits", "nll"): "`NLLLoss` expects log-probabilities but is given logits",
    ("logits", "bce"): "`BCELoss` expects probabilities but is given logits",
}
BETTER = {"nll": ("NLLLoss", "CrossEntropyLoss"), "bce": ("BCELoss", "BCEWithLogitsLoss")}


def look(script: Script) -> Iterator[Remark]:
    """Report every loss that is certainly given the wrong kind of output."""
    for use in uses(script):
        yield from (remark for _, remark in _judged(script, use))


def _judged(script: Script, use: Use) -> Iterator[tuple[Output, Remark]]:
    """Yield the outputs that do not fit their loss: logits at the loss, others where they are made."""
    name = script.segment(use.made.func)
    for results in outputs(script, use.output):
        output = kind, call = results[0]
        if any((result, use.kind) not in MISMATCHES for result, _ in results):
            continue
        text = f"{kind} goes into `{name}` (line {use.made.lineno})"
        if kind == "logits":
            text = f"the logits of `{script.segment(call)}` (line {call.lineno}) go into `{name}`"
        yield (
            output,
            Remark(
                script.at(use.made if kind == "logits" else call),
                f"{text}: {MISMATCHES[kind, use.kind]}.",
                evidence={"output": kind, "loss": use.kind, "loss_line": use.made.lineno},
                fix=_fix(script, use, kind, call),
            ),
        )


def _fix(script: Script, use: Use, kind: str, call: ast.Call) -> Fix:
    if kind == "logits":
        old, new = BETTER[use.kind]
        name = script.segment(use.made.func)
        if not name.endswith(old):
            return Fix(f"use {new}")
        text = name.removesuffix(old) + new
        return Fix(f"{text}, which takes logits", edits=(script.replace(use.made.func, text),))
    container = script.parents[call]
    if script.called(container) == "torch.nn.Sequential" and isinstance(container, ast.Call):
        return _removed(script, container, call)
    inner = _inner(script, call)
    if inner is None:
        return Fix(f"return the input of the {kind}")
    return Fix(inner, edits=(script.replace(call, inner),))


def _removed(script: Script, container: ast.Call, layer: ast.Call) -> Fix:
    """Return the fix that takes the last layer out of a container."""
    index = container.args.index(layer)
    if not index or index < len(container.args) - 1:
        return Fix(f"remove {script.segment(layer)}")
    before, last = script.at(container.args[index - 1]), script.at(layer)
    between = Place(script.path, before.end_line or 0, before.end_column or 0, last.end_line, last.end_column)
    return Fix(f"remove {script.segment(layer)}", edits=(Edit(between, ""),))


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
        fits = last is None or (last.name, use.kind) not in MISMATCHES
        if last is None or fits or name not in {cls.name for cls in networks(script, use.output)}:
            continue
        said = [remark for output, remark in _judged(script, use) if output[0] == last.name]
        text = f"{last.name} goes into `{script.segment(use.made.func)}` (line {use.made.lineno}): "
        yield Remark(
            said[0].place if said else network.place(last, last.module if _is_layer(network, last) else ""),
            text + MISMATCHES[last.name, use.kind] + ".",
            module=last.module,
            evidence={"output": last.name, "loss": use.kind, "loss_line": use.made.lineno},
            fix=said[0].fix if said else None,
        )


def _is_layer(network: "Network", op: "Op") -> bool:
    """Return True for an op of a layer such as `nn.Softmax`, and not of a block that calls a function."""
    module = network.graph.modules.get(op.module)
    return module is not None and module.class_name in OUTPUTS


RULE = Rule("error", "unsafe", script=look, network=recorded)
