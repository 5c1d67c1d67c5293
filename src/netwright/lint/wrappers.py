"""The wrappers that a script puts networks into, for several processes or for the compiler."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from netwright.lint.calls import calls
from netwright.lint.flow import argument
from netwright.lint.loops import enclosing_loop
from netwright.lint.order import branches
from netwright.lint.script import Script

DISTRIBUTED = {
    "torch.nn.parallel.DistributedDataParallel",
    "torch.nn.parallel.distributed.DistributedDataParallel",
}
PARALLEL = {*DISTRIBUTED, "torch.nn.DataParallel", "torch.nn.parallel.DataParallel"}
COMPILERS = {"torch.compile"}
CONVERSION = "torch.nn.SyncBatchNorm.convert_sync_batchnorm"
MOVES = {"to", "cuda", "xpu", "half", "float", "double", "bfloat16"}
TYPES = re.compile(r"dtype|\b(bfloat|float|double|half)")
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@dataclass(frozen=True, eq=False)
class Wrapping:
    """A call that wraps a network.

    Args:
        call: The call.
        name: The full name of the wrapper.
        source: The name or attribute that is wrapped, or an empty text.
        target: The name or attribute that the result is assigned to, or an empty text.
    """

    call: ast.Call
    name: str
    source: str
    target: str

    @property
    def family(self) -> set[str]:
        """The wrappers that must not follow this one."""
        return COMPILERS if self.name in COMPILERS else PARALLEL


@dataclass(frozen=True, eq=False)
class Misuse:
    """A call that moves, converts or wraps a network that is already wrapped.

    Args:
        call: The call.
        what: `moves`, `converts` or `wraps`.
        wrapping: The wrapping before it.
        idle: True for a move to a device on a network that was moved to one before it was wrapped.
    """

    call: ast.Call
    what: str
    wrapping: Wrapping
    idle: bool = False


def misuses(script: Script) -> Iterator[Misuse]:
    """Yield every move, conversion and second wrapping of a wrapped network that certainly happens."""
    for call in script.nodes(ast.Call):
        wrapping = _wrapping(script, call)
        if wrapping is None:
            continue
        outer = script.parents[script.parents[call]] if _moves(script.parents[call]) else script.parents[call]
        what = _misuse(script, outer, wrapping, call)
        if what and isinstance(outer, ast.Call):
            yield Misuse(outer, what, wrapping)
        if wrapping.target:
            yield from _repeated(script, wrapping)
            yield from _later(script, wrapping)


def _wrapping(script: Script, call: ast.Call) -> Wrapping | None:
    name = script.called(call)
    if name not in PARALLEL | COMPILERS or not call.args:
        return None
    parent = script.parents[call]
    targets = parent.targets if isinstance(parent, ast.Assign) else []
    return Wrapping(call, name, _key(call.args[0]), _key(targets[0]) if len(targets) == 1 else "")


def _key(node: ast.AST) -> str:
    """Return the text of a name or of an attribute of one; an empty text for other expressions."""
    inner = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return ast.unparse(node) if isinstance(inner, ast.Name) else ""


def _moves(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in MOVES


def _move(node: ast.AST) -> str:
    """Return where a call moves what it is called on, as in `to(device)`; an empty text for other nodes."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not _moves(node.func):
        return ""
    return ast.unparse(node).removeprefix(f"{ast.unparse(node.func.value)}.")


def _misuse(script: Script, node: ast.AST, wrapping: Wrapping, wrapped: ast.AST) -> str:
    """Return what a call does to the wrapped network inside it; an empty text if nothing."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=attribute)) if value is wrapped:
            moves = attribute in MOVES and wrapping.name in DISTRIBUTED and _away(node)
            return "moves" if moves else ""
        case ast.Call(args=[value, *_]) if value is wrapped and script.called(node) in wrapping.family:
            return "wraps"
        case ast.Call(args=[value, *_]) if value is wrapped and script.called(node) == CONVERSION:
            return "converts" if wrapping.name in DISTRIBUTED else ""
    return ""


def _away(call: ast.Call) -> bool:
    """Return True for a move to another device than the CPU, or to another type."""
    given = [*call.args, *(word.value for word in call.keywords if word.arg in ("device", "dtype"))]
    moved = call.func.attr != "to" or bool(given)  # type: ignore[attr-defined]  # a method, as `_misuse` saw
    return moved and not any("cpu" in ast.unparse(value) for value in given)


def _repeated(script: Script, wrapping: Wrapping) -> Iterator[Misuse]:
    """Yield a wrapping that a loop repeats for one and the same network."""
    loop = enclosing_loop(script, wrapping.call)
    if loop is None or wrapping.source != wrapping.target or branches(script, wrapping.call, loop):
        return
    nodes = [*ast.walk(loop.target), *calls(script).nodes(loop)] if isinstance(loop, ast.For) else []
    stores = [node for node in nodes if _stores(node, wrapping.target)]
    if nodes and len(set(stores)) == 1 and not any(isinstance(node, ENDS) for node in nodes):
        yield Misuse(wrapping.call, "wraps", wrapping)


def _stores(node: ast.AST, key: str) -> bool:
    stored = isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store)
    return stored and key in (_key(node), f"{_key(node)}.{key.rpartition('.')[2]}")


def _later(script: Script, wrapping: Wrapping) -> Iterator[Misuse]:
    """Yield what happens to the wrapped network below, until its name stands for something else."""
    scope = script.scope(wrapping.call)
    nodes = calls(script).nodes(scope)
    place = nodes.index(wrapping.call)
    certain = branches(script, wrapping.call, scope)
    statement = script.statement(wrapping.call)
    before = {_move(node) for node in [*nodes[:place], *ast.walk(statement)]}
    for node in nodes[place + 1 :]:
        if _stores(node, wrapping.target) and not _same_network(script, node, wrapping.target):
            return
        if not isinstance(node, ast.Call) or script.statement(node) is statement:
            continue
        wrapped = node.func.value if _moves(node.func) else node.args[0] if node.args else None  # type: ignore[attr-defined]
        if wrapped is None or not _key(wrapped) or _key(wrapped) not in (wrapping.target, wrapping.source):
            continue
        what = _misuse(script, node, wrapping, wrapped)
        again = what == "wraps" and _key(wrapped) != wrapping.target
        if not what or again or (what == "moves" and _move(node) in before):
            continue
        if branches(script, node, scope) <= certain and not _left(script, statement, node):
            placed = bool(before - {""}) or argument(wrapping.call, "device_ids", 1) is not None
            yield Misuse(node, what, wrapping, idle=what == "moves" and placed and _between_devices(node))


def _between_devices(move: ast.Call) -> bool:
    """Return True for a move that leaves the type of the parameters as it is."""
    text = _move(move)
    return text.startswith(("to(", "cuda(", "xpu(")) and not TYPES.search(text)


def _same_network(script: Script, store: ast.AST, key: str) -> bool:
    """Return True when an assignment only renews a name from itself, as in `net = net.to(device)`."""
    statement = script.statement(store)
    value = statement.value if isinstance(statement, ast.Assign) else None
    return value is not None and any(_key(node) == key for node in ast.walk(value))


def _left(script: Script, statement: ast.stmt, node: ast.AST) -> bool:
    """Return True when the block of a statement ends by leaving, so that a node outside never follows."""
    parent = script.parents[statement]
    blocks = [getattr(parent, name, []) for name in ("body", "orelse")]
    block = next((block for block in blocks if statement in block), [])
    leaves = any(isinstance(other, ENDS) for other in block)
    return leaves and not any(above is parent for above in script.above(node))
