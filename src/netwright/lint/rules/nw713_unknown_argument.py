"""A call gives torch an argument that it does not take, or leaves out one that it needs.

What. A function or a constructor of torch is called with a keyword that it does not have, with too many
positional arguments, or without a required one.

Why. Python notices only when the line runs: for a scheduler or a checkpoint, after the first epoch. The wrong
use of interfaces is a category of its own among the faults of deep learning programs (Islam et al., ESEC/FSE
2019; Humbatova et al., ICSE 2020), and arguments that another version of torch had are a part of it.

Guard. The arguments are those of the installed torch, read from its source and its stubs. A function that is
decorated, or that takes `*args` and `**kwargs`, is not judged. A call under `try`, under `raises` or under a
check of a version may fail on purpose. `*` and `**` in a call may hold what seems to be missing. Functions
that are written in C also take the names of NumPy, `axis` and `keepdims`.

Instead. Write the argument that the finding names. The fix is made where exactly one argument differs from
the keyword by one letter, by case or by underscores, or is what NumPy calls `axis` or `keepdims`.
"""

import ast
from collections.abc import Iterator
from importlib.metadata import version

from netwright.lint.attempts import on_purpose
from netwright.lint.finding import Edit, Fix, Place, Remark
from netwright.lint.flow import hides
from netwright.lint.rule import Rule
from netwright.lint.script import Script
from netwright.lint.signatures import Forms, forms
from netwright.lint.spelling import misspelled

RENAMED = {"axis": "dim", "keepdims": "keepdim"}
SHOWN = 12
"""Arguments that a message lists; some constructors take over twenty."""


def look(script: Script) -> Iterator[Remark]:
    """Report every call of a known function of torch that no form of it takes."""
    for call in script.nodes(ast.Call):
        name = script.called(call)
        known = forms(name) if name.startswith("torch.") else None
        if known is None:
            continue
        unknown = [word for word in call.keywords if word.arg and _unknown(known, call, word.arg)]
        if not (unknown or _refusal(known, call)) or on_purpose(script, call):
            continue
        for word in unknown:
            yield _keyword(script, call, word, known)
        if not unknown:
            yield _arity(script, call, known)


def _unknown(known: Forms, call: ast.Call, word: str) -> bool:
    """Return True for a keyword that is not taken, or only by `**`, although it is a misspelled argument."""
    if not known.takes(word):
        return True
    declared = word in known.names or known.builtin
    return not declared and _nearest(known, call, word) is not None


def _refusal(known: Forms, call: ast.Call, renamed: dict[str, str] | None = None) -> str:
    """Return why a call fits no form, after some of its keywords are renamed; empty if it fits."""
    stars = [place for place, value in enumerate(call.args) if isinstance(value, ast.Starred)]
    given = stars[0] if stars else len(call.args)
    words = [(renamed or {}).get(word.arg, word.arg) for word in call.keywords if word.arg]
    if len(set(words)) < len(words):
        return "an argument is given twice"
    return known.refusal(given, words, hidden=hides(call))


def _keyword(script: Script, call: ast.Call, word: ast.keyword, known: Forms) -> Remark:
    function, wrong = script.segment(call.func), str(word.arg)
    near = _nearest(known, call, wrong)
    if near:
        start = script.at(word)
        place = Place(start.file, start.line, start.column, start.line, start.column + len(wrong))
        value = script.segment(word.value)
        fix = Fix(f"{near}={value}", safe=True, edits=(Edit(place, near),))
        advice = f"did you mean `{near}`?"
    else:
        fix = Fix(f"{function}({_listed(known)})")
        advice = f"it takes {_listed(known) or 'no arguments'}."
    return Remark(
        script.at(word),
        f"`{function}` of torch {_torch()} has no argument `{wrong}`; {advice}",
        evidence={"name": script.called(call), "keyword": wrong, "arguments": known.names},
        fix=fix,
    )


def _nearest(known: Forms, call: ast.Call, wrong: str) -> str | None:
    """Return the only argument that a keyword can have been meant for and with which the call fits."""
    candidates = [name for name in known.names if RENAMED.get(wrong) == name or misspelled(wrong, name)]
    others = {word.arg for word in call.keywords if word.arg and not known.takes(word.arg)} - {wrong}
    if len(candidates) != 1 or others or _refusal(known, call, {wrong: candidates[0]}):
        return None
    return candidates[0]


def _arity(script: Script, call: ast.Call, known: Forms) -> Remark:
    function = script.segment(call.func)
    reason = _refusal(known, call)
    return Remark(
        script.at(call),
        f"`{function}` of torch {_torch()} cannot be called like this: {reason}; "
        f"it takes {_listed(known) or 'no arguments'}.",
        evidence={"name": script.called(call), "reason": reason, "arguments": known.names},
        fix=Fix(f"{function}({_listed(known)})"),
    )


def _listed(known: Forms) -> str:
    names = [name for name in known.names if not name.startswith("_")]
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _torch() -> str:
    return version("torch").partition("+")[0]


RULE = Rule("error", "safe", script=look)
