"""A checkpoint is loaded in a way that can run code.

What. `torch.load` is called without `weights_only=True`.

Why. The file is a pickle, and unpickling runs whatever code its writer put in, with your rights (Python
documentation, `pickle`: "Only unpickle data you trust"). PyTorch made `weights_only=True` the default in
version 2.6. Before that, and with `weights_only=False`, a downloaded checkpoint is a program. A pickled model
also fails to load when its class is renamed or moved.

Guard. None is needed: the argument is either there or not.

Instead.

    net.load_state_dict(torch.load("weights.pt", weights_only=True))
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Fix, Remark
from netwright.lint.flow import argument, flow
from netwright.lint.rule import Rule
from netwright.lint.script import Script

LOAD = "torch.load"


def look(script: Script) -> Iterator[Remark]:
    """Report every `torch.load` that may run code."""
    for call in script.nodes(ast.Call):
        if script.called(call) != LOAD or any(word.arg is None for word in call.keywords):
            continue
        asked = argument(call, "weights_only")
        if asked is None:
            yield _remark(script, call)
        elif isinstance(asked, ast.Constant) and asked.value is False:
            yield Remark(
                script.at(call),
                "`weights_only=False` runs whatever code the file contains.",
                fix=Fix("save and load a `state_dict`, with weights_only=True"),
            )


def _remark(script: Script, call: ast.Call) -> Remark:
    from netwright.lint.rewrite import with_argument

    message = (
        "`torch.load` without `weights_only=True` runs, before PyTorch 2.6, whatever code the file contains."
    )
    text = with_argument(script.segment(call), "weights_only", "True") if _is_state(script, call) else None
    if text is None:
        return Remark(
            script.at(call), message, fix=Fix("save and load a `state_dict`, with weights_only=True")
        )
    return Remark(script.at(call), message, fix=Fix(text, safe=True, edits=(script.replace(call, text),)))


def _is_state(script: Script, call: ast.Call) -> bool:
    """Return True when the result is certainly a state dict, because `load_state_dict` takes it."""
    for user in script.nodes(ast.Call):
        if isinstance(user.func, ast.Attribute) and user.func.attr == "load_state_dict" and user.args:
            origins = flow(script).origins(user.args[0]) or []
            if any(call in ast.walk(origin) for origin in origins):
                return True
    return False


RULE = Rule("warning", "safe", script=look)
