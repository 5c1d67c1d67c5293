"""A method of `nn.Module` is overridden so that PyTorch cannot call it.

What. A network defines `train(self, x, y)`, `eval(self, batch)` or another method of `nn.Module` with
arguments that PyTorch does not give, makes one a property, or stores a value under its name.

Why. PyTorch calls these methods itself. `net.eval()` calls `net.train(False)`, which fails with "missing 1
required positional argument: 'y'", or trains on `False`. `outer.train()` calls `train(mode)` of every module
inside. `outer.state_dict()` calls that of every child with `destination`, `prefix` and `keep_vars`. With an
`eval` of its own the network cannot leave training mode, so its dropout and its norms stay noisy. (PyTorch
documentation, `torch.nn.Module.train`: `mode` is a bool, and the module is returned.)

Guard. Only classes that certainly derive from `torch.nn` are judged, and only calls that PyTorch itself
makes or documents: a further argument with a default, `*args` and `**kwargs` are fine, and so are a `train`
whose `mode` has no default and a `train(self)` beside an `eval(self)`.

Instead.

    def fit(self, x, y):
        self.train()
"""

import ast
import inspect
from collections.abc import Iterable, Iterator

from netwright.lint.finding import Fix, Remark
from netwright.lint.modules import module_classes
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, Function, Script

CALLS: dict[str, tuple[str, ...]] = {
    "train": ("()", "(False)"),
    "eval": ("()",),
    "apply": ("(function)",),
    "to": ("(device)",),
    "cuda": ("()",),
    "cpu": ("()",),
    "half": ("()",),
    "float": ("()",),
    "double": ("()",),
    "zero_grad": ("()",),
    "requires_grad_": ("()", "(False)"),
    "parameters": ("()",),
    "named_parameters": ("()", "(recurse=True)"),
    "buffers": ("()",),
    "children": ("()",),
    "named_children": ("()",),
    "modules": ("()",),
    "named_modules": ("()",),
    "state_dict": ("()", "(destination={}, prefix='', keep_vars=False)"),
    "load_state_dict": ("(state)",),
    "extra_repr": ("()",),
}
"""Methods of `nn.Module`, and the calls that PyTorch makes or documents."""
NOT_CALLABLE = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.Compare)
PROPERTIES = {"property", "cached_property", "functools.cached_property"}
NAMES = {"train": "fit", "eval": "evaluate"}
"""Usual names for what networks do under a name of PyTorch's."""


def look(script: Script) -> Iterator[Remark]:
    """Report what hides a method of `nn.Module` in a class and cannot be called like it."""
    for network in module_classes(script).values():
        for method in network.body:
            if isinstance(method, FUNCTIONS) and method.name in CALLS:
                reason = _reason(method, _calls(network, method))
                if reason:
                    yield _remark(script, network, method, method.name, reason)
        for name, statement in _stored(network):
            yield _remark(script, network, statement, name, "is a value, which cannot be called")


def _remark(script: Script, network: ast.ClassDef, node: ast.stmt, name: str, reason: str) -> Remark:
    return Remark(
        script.at(node),
        f"`{network.name}.{name}` {reason}; it takes the place of `nn.Module.{name}`, which PyTorch calls.",
        evidence={"class": network.name, "method": name},
        fix=Fix(f"choose another name, such as `{NAMES.get(name, 'own_' + name)}`"),
    )


def _calls(network: ast.ClassDef, method: Function) -> Iterator[str]:
    """Yield the calls that a method must take; an own `eval` need not call `train(False)`."""
    own = {node.name for node in network.body if isinstance(node, FUNCTIONS)}
    takes_mode = "mode" in {parameter.arg for parameter in method.args.args}
    spared = {"()"} if takes_mode else {"(False)"} if "eval" in own else set()
    yield from (call for call in CALLS[method.name] if method.name != "train" or call not in spared)


def _reason(method: Function, calls: Iterable[str]) -> str:
    """Return why a method does not take one of these calls, or an empty text."""
    decorators = {ast.unparse(mark) for mark in method.decorator_list}
    if decorators & PROPERTIES:
        return "is a property, which cannot be called"
    if decorators - {"torch.no_grad()", "torch.inference_mode()", "staticmethod", "classmethod"}:
        return ""
    signature = _signature(method, bound="staticmethod" not in decorators)
    for call in calls:
        missing = _unfit(signature, call)
        if missing:
            return f"cannot be called as `{method.name}{call}`: {missing}"
    return ""


def _signature(method: Function, *, bound: bool) -> inspect.Signature:
    """Return the signature of a method as its caller sees it; `bound` leaves the first argument out."""
    spec = method.args
    positional = [*spec.posonlyargs, *spec.args]
    first_default = len(positional) - len(spec.defaults)
    kind = inspect.Parameter
    parameters = [
        _parameter(node, kind.POSITIONAL_OR_KEYWORD, index >= first_default)
        for index, node in enumerate(positional)
    ]
    parameters = parameters[1:] if bound else parameters
    if spec.vararg:
        parameters.append(_parameter(spec.vararg, kind.VAR_POSITIONAL, False))
    for node, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        parameters.append(_parameter(node, kind.KEYWORD_ONLY, default is not None))
    if spec.kwarg:
        parameters.append(_parameter(spec.kwarg, kind.VAR_KEYWORD, False))
    return inspect.Signature(parameters)


def _parameter(node: ast.arg, kind: inspect._ParameterKind, has_default: bool) -> inspect.Parameter:
    return inspect.Parameter(node.arg, kind, default=None if has_default else inspect.Parameter.empty)


def _unfit(signature: inspect.Signature, call: str) -> str:
    """Return the reason why a signature does not take a call that is given as text."""
    node = ast.parse(f"f{call}", mode="eval").body
    assert isinstance(node, ast.Call)
    words = {word.arg: word.value for word in node.keywords if word.arg}
    try:
        signature.bind(*node.args, **words)
    except TypeError as error:
        return str(error)
    return ""


def _stored(network: ast.ClassDef) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the names of methods that a class binds to values which certainly cannot be called."""
    for statement in ast.walk(network):
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, NOT_CALLABLE):
            continue
        for target in statement.targets:
            match target:
                case ast.Attribute(value=ast.Name(id="self"), attr=name) if name in CALLS:
                    yield name, statement
                case ast.Name(id=name) if name in CALLS and statement in network.body:
                    yield name, statement


RULE = Rule("error", script=look)
