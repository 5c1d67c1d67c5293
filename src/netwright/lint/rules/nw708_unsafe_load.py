"""A checkpoint is loaded in a way that can run code.

What. `torch.load` is called without `weights_only=True`.

Why. The file is a pickle, and unpickling runs whatever code its writer put in, with your rights (Python
documentation, `pickle`: "Only unpickle data you trust"). PyTorch made `weights_only=True` the default in
version 2.6. Before that, and with `weights_only=False`, a downloaded checkpoint is a program. A pickled model
also fails to load when its class is renamed or moved.

Guard. The finding is a warning where the result is used as a network, because a file that holds a whole model
no longer loads from PyTorch 2.6 on unless `weights_only=False` is given. The fix is safe where
`load_state_dict` takes the file as it is; a dict with further contents may hold what `weights_only=True`
refuses.

Instead.

    net.load_state_dict(torch.load("weights.pt", weights_only=True))
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, flow
from netwright.lint.modules import unplaced
from netwright.lint.rule import Rule
from netwright.lint.script import Script

LOAD = "torch.load"
ADVICE = "save and load a `state_dict`, with weights_only=True"
METHODS = {"eval", "train", "parameters", "named_parameters", "modules", "named_modules", "children"}
METHODS |= {"forward", "zero_grad", "state_dict", "load_state_dict", "requires_grad_", "named_children"}
"""Methods of networks that tensors and dicts do not have."""


def look(script: Script) -> Iterator[Remark]:
    """Report every `torch.load` that may run code."""
    for call in script.nodes(ast.Call):
        if script.called(call) != LOAD or any(word.arg is None for word in call.keywords):
            continue
        asked = argument(call, "weights_only")
        if asked is None and _is_network(script, call):
            yield Remark(
                script.at(call),
                "this loads a whole model, which fails from PyTorch 2.6 on, where `weights_only=True` is the "
                "default; before, it runs whatever code the file contains.",
                fix=Fix(ADVICE),
                severity="warning",
            )
        elif asked is None:
            message = (
                "without `weights_only=True`, this runs, before PyTorch 2.6, any code that is in the file."
            )
            yield Remark(script.at(call), message, fix=_fix(script, call))
        elif isinstance(asked, ast.Constant) and asked.value is False:
            message = "`weights_only=False` runs whatever code the file contains."
            yield Remark(script.at(call), message, fix=Fix(ADVICE))


def _fix(script: Script, call: ast.Call) -> Fix:
    """Return the fix: safe where a network takes the file as it is, unsafe where it takes a part of it."""
    from netwright.lint.rewrite import with_argument

    takers = _takers(script, call)
    text = with_argument(script.segment(call), "weights_only", "True")
    if not takers or text is None or argument(call, "pickle_module", 2) is not None:
        return Fix(ADVICE)
    plain = all(whole and "sched" not in script.segment(user.func).lower() for user, whole in takers)
    return Fix(text, safe=plain, edits=(script.replace(call, text),))


def _takers(script: Script, call: ast.Call) -> list[tuple[ast.Call, bool]]:
    """Return the calls of `load_state_dict` that take the result, and whether they take it as it is."""
    takers = []
    for user in script.nodes(ast.Call):
        if isinstance(user.func, ast.Attribute) and user.func.attr == "load_state_dict" and user.args:
            origins = flow(script).origins(user.args[0]) or []
            parts = [part for origin in origins for part in ast.walk(origin)]
            if any(call in (flow(script).origins(part) or ()) for part in parts):
                takers.append((user, call in origins))
    return takers


def _is_network(script: Script, call: ast.Call) -> bool:
    """Return True when the result is called, or has a method called that only a network has.

    What is asked for its type may be something else.
    """
    for user in script.nodes(ast.Call):
        asked = isinstance(user.func, ast.Name) and user.func.id == "isinstance" and bool(user.args)
        if asked and call in (flow(script).origins(user.args[0]) or ()):
            return False
        subject = user.func
        if isinstance(subject, ast.Attribute) and subject.attr in METHODS:
            subject = subject.value
        elif isinstance(subject, ast.Attribute) and not flow(script).held(subject):
            continue
        if any(unplaced(origin) is call for origin in flow(script).origins(unplaced(subject)) or ()):
            return True
    return False


RULE = Rule("info", "safe", script=look)
