"""A container holds one module object at several places, so it has fewer weights than it seems to have.

What. A list with one constructed module is multiplied, as in `n * [Block()]`, so all its places hold the same
object.

Why. The network has the depth of n blocks and the parameters of one: ten blocks of 9,312 parameters each are
counted, trained and saved as one. Its batch normalisation mixes the statistics of n different places, and
updates its running averages n times in each step.

Guard. Modules without parameters may be repeated. A block that has a name of its own before it is repeated is
shared on purpose (ALBERT, universal transformers) and is not reported.

Instead.

    nn.Sequential(*[Block() for _ in range(n)])
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.modules import module_classes
from netwright.lint.rule import Rule
from netwright.lint.script import FUNCTIONS, Script

if TYPE_CHECKING:
    from netwright.lint.network import Network

FREE = (
    "ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Sigmoid", "Tanh", "Softmax",
    "LogSoftmax", "Softplus", "Softsign", "Hardswish", "Hardsigmoid", "Hardtanh", "GLU", "Threshold",
    "Identity", "Flatten", "Unflatten", "Upsample", "PixelShuffle", "PixelUnshuffle",
)  # fmt: skip
FREE_WORDS = ("Pool", "Dropout", "Pad", "Upsampl", "Loss", "Softmax")


def look(script: Script) -> Iterator[Remark]:
    """Report every list of one constructed module that is multiplied."""
    for node in script.nodes(ast.BinOp):
        if not isinstance(node.op, ast.Mult):
            continue
        for listed, count in ((node.left, node.right), (node.right, node.left)):
            built = _built(script, listed)
            if built is not None and not isinstance(count, ast.List):
                times = script.segment(count)
                yield Remark(
                    script.at(node),
                    f"all {times} places hold one `{script.segment(built.func)}`, with one set of weights.",
                    fix=_fix(script, node, listed, built, times),
                )


def _fix(script: Script, node: ast.BinOp, listed: ast.expr, built: ast.Call, times: str) -> Fix:
    """Return the comprehension; it is not safe where it would read the names of a class body or of a loop."""
    each = f"{script.segment(built)} for _ in range({times})"
    text = f"tuple({each})" if isinstance(listed, ast.Tuple) else f"[{each}]"
    names = {name.id for name in ast.walk(built) if isinstance(name, ast.Name)}
    around = next(up for up in script.above(node) if isinstance(up, (*FUNCTIONS, ast.ClassDef, ast.Module)))
    outer = script.parents[node]
    again = isinstance(outer, ast.BinOp) and isinstance(outer.op, ast.Mult)
    safe = "_" not in names and not isinstance(around, ast.ClassDef) and not again
    return Fix(text, safe=safe, edits=(script.replace(node, text),))


def _built(script: Script, node: ast.expr) -> ast.Call | None:
    """Return the constructor call of a module with parameters, if it is the only element of a list."""
    match node:
        case ast.List(elts=[ast.Call() as call]) | ast.Tuple(elts=[ast.Call() as call]):
            return call if _weighted(script, call) else None
    return None


def _weighted(script: Script, call: ast.Call) -> bool:
    home = script.called(call)
    if home.startswith("torch.nn."):
        name = home.rpartition(".")[2]
        return name[:1].isupper() and name not in FREE and not any(word in name for word in FREE_WORDS)
    local = isinstance(call.func, ast.Name) and module_classes(script).get(call.func.id)
    if not local:
        return False
    calls = [inner for inner in ast.walk(local) if isinstance(inner, ast.Call)]
    if any(script.called(inner) == "torch.nn.Parameter" for inner in calls):
        return True
    return any(_weighted(script, inner) for inner in calls if not _named(inner, local.name))


def _named(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == name


def confirmed(network: "Network") -> Iterator[Remark]:
    """Report such lists in the source whose module the network holds at several numbered places."""
    for path, module in network.graph.modules.items():
        numbered = [name for name in (path, *module.aliases) if name.rpartition(".")[2].isdigit()]
        script = network.script(module.built.file) if module.built and len(numbered) > 1 else None
        if script is None or module.built is None:
            continue
        here = network.start_of(module.built)
        elements = (
            sum(p.numel() for p in network.modules[path].parameters()) if path in network.modules else 0
        )
        for remark in look(script) if elements else ():
            end = Place(script.path, remark.place.end_line or 0, remark.place.end_column or 0)
            if remark.place <= here <= end:
                text = f"{len(numbered)} places, {path} among them, hold the same {module.class_name}: "
                yield replace(
                    remark,
                    message=f"{text}{elements:,} parameters, not {len(numbered) * elements:,}.",
                    module=path,
                    evidence={"places": len(numbered), "parameters": elements},
                )


RULE = Rule("error", "safe", script=look, network=confirmed)
