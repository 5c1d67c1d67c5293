"""A loss is given targets of a type or a range that it does not take.

What. `CrossEntropyLoss` or `NLLLoss` is given classes as floating-point numbers, as 32-bit integers or
one-hot as integers; `BCELoss` or `BCEWithLogitsLoss` is given whole numbers; or the classes are shifted for
the loss although predictions are compared with them as they are.

Why. A class is an index of type int64 from 0 to C - 1. Most other types raise an error in the first step
("expected target dtype to be Long or Byte, but got Float"), but not all faults do: classes that count from 1
train well until the last class appears, which is "out of bounds", and a network that learns `y + 1` is never
right when it is compared with `y`. One-hot targets as floating-point numbers are read as probabilities, and
class weights then mean another thing: the mean is over the examples instead of over their weights. (PyTorch
documentation, `torch.nn.CrossEntropyLoss`; Humbatova et al., "Taxonomy of Real Faults in Deep Learning
Systems", ICSE 2020, list labels in the wrong format.)

Guard. The loss and the type of the targets must be certain. Floating-point targets of a cross-entropy may be
probabilities, so they are an error only where the file shows that they are classes: predictions are compared
with them, they have one dimension, the loss has an `ignore_index`, or a data set of torchvision yields them.
Without such a sign they are an info, as is a shift, where they are written in the call of the loss; where
the file mixes classes or makes them one-hot, nothing is said.

Instead.

    loss = F.cross_entropy(logits, y)  # y: int64 from 0
    loss = F.binary_cross_entropy_with_logits(logits, y.float())
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark, Severity
from netwright.lint.flow import argument
from netwright.lint.losses import Use, uses
from netwright.lint.rule import Rule
from netwright.lint.script import Script
from netwright.lint.targets import Target, compared, follow, judged, soft

CLASSES = {"cross_entropy", "nll"}
REMEDIES = {
    "bool": "y.float()",
    "float": "y.long()",
    "int32": "y.long()",
    "int64": "y.float()",
}
TYPES = {
    "bool": "truth values",
    "float": "floating-point numbers",
    "int32": "int32",
    "int64": "whole numbers",
}


def look(script: Script) -> Iterator[Remark]:
    """Report every loss that certainly does not take its targets."""
    for use in uses(script):
        call = next(up for up in script.above(use.output) if isinstance(up, ast.Call))
        node = argument(call, "target", 1)
        if node is None:
            continue
        target = follow(script, node)
        judge = _of_classes if use.kind in CLASSES else _of_probabilities
        reason, advice, severity = judge(script, use, target)
        computed = severity == "info" and isinstance(node, ast.Name)
        if reason and not computed:
            yield Remark(
                script.at(node),
                f"`{script.segment(node)}` {reason}.",
                evidence={"loss": use.kind, "loss_line": use.made.lineno, "type": target.type},
                fix=Fix(advice),
                severity=severity,
            )


def _of_probabilities(_: Script, use: Use, target: Target) -> tuple[str, str, Severity | None]:
    """Return what is wrong with the target of a loss of probabilities, the advice, and the severity."""
    if target.type not in {"int64", "int32", "bool"}:
        return "", "", None
    name = "BCEWithLogitsLoss" if use.kind == "bce_with_logits" else "BCELoss"
    return (
        f"gives {TYPES[target.type]} to `{name}`, which takes floating-point numbers",
        REMEDIES["bool"],
        None,
    )


def _of_classes(script: Script, use: Use, target: Target) -> tuple[str, str, Severity | None]:
    """Return what is wrong with the target of a loss of classes, the advice, and the severity."""
    name = "NLLLoss" if use.kind == "nll" else "CrossEntropyLoss"
    if target.one_hot:
        return _of_one_hot(script, use, target, name)
    certain = _are_classes(script, use, target)
    severity: Severity | None = None if certain else "info"
    if not certain and (not target.name or soft(script, target.name, script.scope(use.output))):
        severity = None
    elif target.shift and (certain or not judged(script, target.name)):
        reason = f"shifts the classes by {target.shift:+d} for the loss only; classes count from 0"
        return reason, "give the loss the classes as they are", severity
    wanted = f"`{name}`, which takes classes of type int64"
    if target.type in {"int32", "bool"} or (target.type == "float" and use.kind == "nll"):
        return f"gives {TYPES[target.type]} to {wanted}", REMEDIES["float"], None
    if target.type == "float" and (certain or severity):
        return (
            f"gives floating-point numbers to {wanted} unless they are probabilities",
            REMEDIES["float"],
            severity,
        )
    return "", "", None


def _of_one_hot(script: Script, use: Use, target: Target, name: str) -> tuple[str, str, Severity | None]:
    if use.kind == "nll" or target.type != "float":
        return f"gives one-hot integers to `{name}`, which takes classes", "give the loss the classes", None
    functional = ".functional." in script.called(use.made)
    if argument(use.made, "weight", 2 if functional else 0) is None:
        return "", "", None
    reason = "gives one-hot targets to a loss with class weights, whose mean then ignores the weights"
    return reason, "give the loss the classes", "warning"


def _are_classes(script: Script, use: Use, target: Target) -> bool:
    """Return True when a target certainly holds classes, and no probabilities."""
    if target.type == "float" and (target.flat or argument(use.made, "ignore_index") is not None):
        return True
    return compared(script, target.name, script.scope(use.output))


RULE = Rule("error", script=look)
