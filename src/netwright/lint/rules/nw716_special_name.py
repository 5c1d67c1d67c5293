"""A special method is misspelled, or a list of modules is called.

What. A class defines `___init__`, `_init_`, `__getitm__` or `foward`, names that Python and torch never call,
or reads such a name from `super()`. Or a `ModuleList` or `ModuleDict`, which only holds modules, is called.

Why. A misspelled constructor never runs, so its layers do not exist; a misspelled `forward` is not what the
network runs. Python says nothing when the class is defined. A `ModuleList` has no `forward`, so that calling
it raises `NotImplementedError`.

Guard. A method that is read anywhere in the file by its name, or that stands beside the method with the right
name, is a method of its own. `forward` is only looked for in modules, and names that begin with it are left
alone; `_init` and `__init` are usual names of private methods. A metaclass, whose base is `type` or ends in
`Meta`, names its methods as it likes. A list must be certain in all its assignments.

Instead. Write the name that the finding gives. For a list of modules:

    self.layers = nn.Sequential(*layers)
"""

import ast
from collections.abc import Iterator

from netwright.lint.finding import Edit, Fix, Place, Remark
from netwright.lint.flow import flow
from netwright.lint.modules import module_classes
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, Function, Script
from netwright.lint.spelling import misspelled

SPECIAL = {
    "init", "new", "del", "call", "len", "iter", "next", "getitem", "setitem", "delitem", "contains",
    "repr", "str", "hash", "enter", "exit", "getattr", "setattr", "delattr", "getattribute", "getstate",
    "setstate", "reduce", "init_subclass", "post_init", "set_name",
}  # fmt: skip
"""Methods that Python calls by their names, without the underscores."""
OTHERS = {
    "int", "float", "index", "bool", "lt", "le", "gt", "ge", "eq", "ne", "add", "iadd", "radd", "get",
    "set", "delete", "slots", "dict", "doc", "name", "all", "file", "path", "class", "module", "bytes",
    "dir", "abs", "getitems", "aiter", "anext", "aenter", "aexit", "await", "reduce_ex", "missing",
    "instancecheck", "reversed",
}  # fmt: skip
"""Other special names, which are close to one of those above."""
LISTS = {"torch.nn.ModuleList", "torch.nn.ModuleDict"}


def look(script: Script) -> Iterator[Remark]:
    """Report every misspelled special method, and every call of a list of modules."""
    for kind in script.nodes(ast.ClassDef):
        yield from _misspelled_methods(script, kind)
        yield from _misspelled_reads(script, kind)
    if not any(home.rpartition(".")[2] in script.text for home in LISTS):
        return
    for call in script.nodes(ast.Call):
        made = _list(script, call.func)
        if made:
            called, last = script.segment(call.func), made.rpartition(".")[2]
            yield Remark(
                script.at(call),
                f"`{called}` is a {last}, which has no forward and cannot be called.",
                evidence={"called": called, "class": made},
                fix=Fix(
                    f"{called} = nn.Sequential(*…), or call its modules one after another"
                    if last == "ModuleList"
                    else f"call one of its modules: {called}[…]"
                ),
            )


def _misspelled_methods(script: Script, kind: ast.ClassDef) -> Iterator[Remark]:
    if any(ast.unparse(base).endswith(("Meta", "type")) for base in kind.bases):
        return
    methods = [node for node in kind.body if isinstance(node, FUNCTIONS)]
    names = {method.name for method in methods}
    for method in methods:
        right = _meant(script, kind, method)
        if right is None or right in names or _read(script, method.name):
            continue
        yield Remark(
            script.at(method),
            f"`{kind.name}.{method.name}` is never called; did you mean `{right}`?",
            evidence={"class": kind.name, "method": method.name, "meant": right},
            fix=_renamed(script, kind, method, right),
        )


def _misspelled_reads(script: Script, kind: ast.ClassDef) -> Iterator[Remark]:
    """Report every misspelled name that a class of torch's reads from `super()`."""
    if not any((script.dotted(base) or "").startswith("torch.") for base in kind.bases):
        return
    own = {node.name for node in kind.body if isinstance(node, FUNCTIONS)}
    for node in ast.walk(kind):
        if not isinstance(node, ast.Attribute) or not _of_super(node) or node.attr in own:
            continue
        right = "__init__" if node.attr == "__int__" else _special(node.attr)
        if right:
            text = f"{script.segment(node.value)}.{right}"
            yield Remark(
                script.at(node),
                f"the bases of `{kind.name}` have no `{node.attr}`; did you mean `{right}`?",
                evidence={"class": kind.name, "method": node.attr, "meant": right},
                fix=Fix(text, safe=True, edits=(script.replace(node, text),)),
            )


def _of_super(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "super"


def _meant(script: Script, kind: ast.ClassDef, method: Function) -> str | None:
    """Return the special name that the name of a method was meant to be, if it is not one itself."""
    name = method.name
    if kind.name in module_classes(script) and not name.startswith("forward") and misspelled(name, "forward"):
        return "forward"
    if name == "__int__" and len(method.args.args) > 1:
        return "__init__"
    return _special(name)


def _special(name: str) -> str | None:
    """Return the special name that differs from a name by its underscores or by one letter."""
    bare = name.strip("_")
    before, after = len(name) - len(name.lstrip("_")), len(name) - len(name.rstrip("_"))
    if bare in SPECIAL:
        return f"__{bare}__" if before and after and (before, after) != (2, 2) else None
    if (before, after) != (2, 2) or bare in OTHERS:
        return None
    near = sorted(special for special in SPECIAL if misspelled(bare, special))
    return f"__{near[0]}__" if len(near) == 1 else None


def _read(script: Script, name: str) -> bool:
    """Return True when a file reads an attribute of this name other than in `super().name`."""
    return any(
        node.attr == name
        and not (isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "super")
        for node in script.nodes(ast.Attribute)
    ) or any(node.value == name for node in script.nodes(ast.Constant))


def _renamed(script: Script, kind: ast.ClassDef, method: Function, right: str) -> Fix:
    """Return the fix that renames a method; it is safe in a class of torch, which has no other use for it."""
    line = script.lines[method.lineno - 1]
    start = line.find(method.name, script.column(method.lineno, method.col_offset) - 1)
    text = f"def {right}({ast.unparse(method.args)}):"
    if start < 0:
        return Fix(text)
    edits = [(method.lineno, start + 1)]
    for node in ast.walk(method):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == method.name
            and node.end_lineno
            and node.end_col_offset
        ):
            end = script.column(node.end_lineno, node.end_col_offset)
            edits.append((node.end_lineno, end - len(method.name)))
    places = [Place(script.path, row, column, row, column + len(method.name)) for row, column in edits]
    safe = any((script.dotted(base) or "").startswith("torch.") for base in kind.bases)
    return Fix(
        text, safe=safe or kind.name in module_classes(script), edits=tuple(Edit(p, right) for p in places)
    )


def _list(script: Script, function: ast.expr) -> str:
    """Return the class of the list that a call calls, or an empty text."""
    if isinstance(function, ast.Name):
        return _only(script, flow(script).origins(function))
    if not isinstance(function, ast.Attribute) or ast.unparse(function.value) != "self":
        return ""
    kind = next((above for above in script.above(function) if isinstance(above, ast.ClassDef)), None)
    return _only(script, _assigned(script, kind, function.attr)) if kind else ""


def _only(script: Script, made: list[ast.AST] | None) -> str:
    homes = {script.called(value) for value in made or ()}
    return homes.pop() if len(homes) == 1 and homes <= LISTS else ""


def _assigned(script: Script, kind: ast.ClassDef, name: str) -> list[ast.AST]:
    """Return what a class assigns to an attribute of `self`; for a method of its own, what that returns."""
    made: list[ast.AST] = []
    for node in ast.walk(kind):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Attribute) and ast.unparse(target) == f"self.{name}":
                value = getattr(node, "value", None) or node
                made += _returned(kind, value) or flow(script).origins(value) or [value]
    return made


def _returned(kind: ast.ClassDef, value: ast.AST) -> list[ast.AST]:
    """Return what a method of the class returns that `value` calls; empty for other values."""
    if not isinstance(value, ast.Call) or not ast.unparse(value.func).startswith("self."):
        return []
    name = ast.unparse(value.func).removeprefix("self.")
    methods = [node for node in kind.body if isinstance(node, FUNCTIONS) and node.name == name]
    return [
        node.value
        for method in methods
        for node in ast.walk(method)
        if isinstance(node, ast.Return) and node.value
    ]


RULE = Rule("error", "safe", script=look)
