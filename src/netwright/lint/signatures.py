"""The arguments that the functions and classes of torch take, and whether a call fits them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, Signature

from netwright.lint.definitions import Definition, definition

TRANSPARENT = {
    *("overload", "_overload", "_overload_method", "deprecated", "final"),
    *("no_grad", "_no_grad", "inference_mode", "contextmanager", "cache", "lru_cache"),
}
"""Decorators that leave the arguments as they are."""
BARE = {"object", "Generic", "ABC", "Protocol"}
"""Bases without a constructor of their own."""
INCOMPLETE = "torch.sparse_"
"""Functions whose stubs leave out forms, such as `torch.sparse_coo_tensor(size=…)`."""
MODULE = "torch.nn.modules.module"
NUMPY = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}
"""Names that NumPy has for arguments; functions of torch that are written in C take them too."""


@dataclass(frozen=True)
class Forms:
    """The ways to call one function or class; a call fits if it fits one of them.

    Args:
        signatures: The ways, each with the names of its arguments and which of them may be left out.
        builtin: Whether the function is written in C, so that it takes NumPy's names too.
    """

    signatures: tuple[Signature, ...]
    builtin: bool

    @property
    def names(self) -> list[str]:
        """The names that can be given as keywords."""
        places = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
        return list(
            dict.fromkeys(
                parameter.name
                for signature in self.signatures
                for parameter in signature.parameters.values()
                if parameter.kind in places
            )
        )

    def takes(self, keyword: str) -> bool:
        """Return True when some form takes a keyword."""
        kinds = {
            parameter.kind for signature in self.signatures for parameter in signature.parameters.values()
        }
        alias = self.builtin and NUMPY.get(keyword) in self.names
        return keyword in self.names or alias or Parameter.VAR_KEYWORD in kinds

    def refusal(self, given: int, keywords: list[str], *, hidden: bool = False) -> str:
        """Return why no form takes so many positional arguments and these keywords; empty if one does.

        Args:
            given: The number of positional arguments.
            keywords: The names of the keyword arguments.
            hidden: Whether there may be more arguments, behind `*` or `**`.

        >>> forms("torch.nn.Linear").refusal(1, ["bias"])
        "missing a required argument: 'out_features'"
        >>> forms("torch.nn.functional.conv2d").refusal(2, ["padding"])
        ''
        """
        reasons = [self._mismatch(signature, given, keywords, hidden) for signature in self.signatures]
        return "" if "" in reasons else reasons[-1]

    def _mismatch(self, signature: Signature, given: int, keywords: list[str], hidden: bool) -> str:
        known = signature.parameters
        alias = NUMPY if self.builtin else {}
        named = [alias[word] if word not in known and alias.get(word) in known else word for word in keywords]
        try:
            bind = signature.bind_partial if hidden else signature.bind
            bind(*range(given), **dict.fromkeys(named))
        except TypeError as error:
            return str(error)
        return ""


@cache
def forms(name: str) -> Forms | None:
    """Return the ways to call a function or class of torch; None if they are not known.

    >>> forms("torch.cat").names
    ['tensors', 'dim', 'out']
    >>> forms("torch.nn.LSTM").names[:3]
    ['input_size', 'hidden_size', 'num_layers']
    """
    private = name.rpartition(".")[2].startswith("_")
    defined = None if private or name.startswith(INCOMPLETE) else definition(name)
    if defined is None:
        return None
    if isinstance(defined.nodes[0], ast.ClassDef):
        defined = _constructor(defined)
    functions = [node for node in defined.nodes if isinstance(node, ast.FunctionDef)] if defined else []
    if defined is None or not all(map(_plain, functions)):
        return None
    method = any(node.name == "__init__" for node in functions)
    if not defined.stub and not _takes_anything(functions[-1]):
        functions = functions[-1:]
    known = [_signature(node, method) for node in functions if not _takes_anything(node)]
    known = list(map(_completed, known)) if defined.stub else known
    return Forms(tuple(known), defined.stub) if known else None


def _constructor(defined: Definition) -> Definition | None:
    """Return the `__init__` that a class has or inherits; None if something else may decide its arguments."""
    constructor = None
    for kind in _ancestry(defined):
        if kind is None:
            return None
        node = kind.nodes[0]
        assert isinstance(node, ast.ClassDef)
        own = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
        if node.keywords or not _plain(node) or any(inner.name == "__new__" for inner in own):
            return None
        initial = [inner for inner in own if inner.name == "__init__"]
        if kind.module == MODULE and node.name == "Module":
            initial = [ast.parse("def __init__(self): ...").body[0]]  # type: ignore[list-item]
        if initial and constructor is None:
            constructor = Definition(kind.module, tuple(initial))
    return constructor


def _ancestry(defined: Definition) -> Iterator[Definition | None]:
    """Yield a class and its bases, depth first; None for a base that is not known."""
    yield defined
    node = defined.nodes[0]
    assert isinstance(node, ast.ClassDef)
    for base in node.bases:
        named = base.value if isinstance(base, ast.Subscript) else base
        name = ast.unparse(named)
        if name.rpartition(".")[2] in BARE:
            continue
        home = name if name.startswith("torch.") else f"{defined.module}.{name}"
        inner = definition(home)
        if inner is None or not isinstance(inner.nodes[0], ast.ClassDef):
            yield None
        else:
            yield from _ancestry(inner)


def _plain(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Return True when no decorator may change the arguments."""
    return all(
        ast.unparse(mark.func if isinstance(mark, ast.Call) else mark).rpartition(".")[2] in TRANSPARENT
        for mark in node.decorator_list
    )


def _takes_anything(node: ast.FunctionDef) -> bool:
    return bool(node.args.vararg and node.args.kwarg)


def _signature(node: ast.FunctionDef, method: bool) -> Signature:
    spec = node.args
    only, positional = len(spec.posonlyargs), [*spec.posonlyargs, *spec.args]
    required = len(positional) - len(spec.defaults)
    parameters = [
        Parameter(
            argument.arg,
            Parameter.POSITIONAL_ONLY if place < only else Parameter.POSITIONAL_OR_KEYWORD,
            default=Parameter.empty if place < required else None,
        )
        for place, argument in enumerate(positional)
    ][method:]
    if spec.vararg:
        parameters.append(Parameter(spec.vararg.arg, Parameter.VAR_POSITIONAL))
    for argument, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        value = Parameter.empty if default is None else None
        parameters.append(Parameter(argument.arg, Parameter.KEYWORD_ONLY, default=value))
    if spec.kwarg:
        parameters.append(Parameter(spec.kwarg.arg, Parameter.VAR_KEYWORD))
    return Signature(parameters)


def _completed(declared: Signature) -> Signature:
    """Return a signature of a stub as the function takes it: `self` is `input`, and `layout` is left out."""
    parameters = [
        parameter.replace(name="input") if parameter.name == "self" else parameter
        for parameter in declared.parameters.values()
    ]
    names = {parameter.name for parameter in parameters}
    if "device" in names and "layout" not in names:
        parameters.append(Parameter("layout", Parameter.KEYWORD_ONLY, default=None))
    return Signature(parameters)
