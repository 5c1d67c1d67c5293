"""A module is not registered with PyTorch.

What. A module with parameters is called, but another module holds it in a plain list, tuple or dict.

Why. `parameters()`, `to()`, `train()` and `state_dict()` visit registered modules only. The weights are not
given to the optimizer, not moved to the GPU, not switched to evaluation mode and not saved (PyTorch
documentation, `nn.ModuleList`). When the checkpoint is loaded later, these weights are new random numbers,
and no message says so.

Guard. The module must have run, must hold parameters, and must not be registered anywhere else.

Instead.

    self.heads = nn.ModuleList([nn.Linear(1024, 10)])
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Place, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network


def look(network: "Network") -> Iterator[Remark]:
    """Report every module that runs without being registered."""
    seen: set[str] = set()
    for path, module in network.graph.modules.items():
        owner, bracket, _ = path.partition("[")
        if not bracket or owner in seen or not module.calls:
            continue
        hidden = [other for other in network.graph.modules.values() if other.path.startswith(f"{owner}[")]
        wasted = sum(
            network.graph.parameters[name].elements
            for name in {name for other in hidden for name in other.parameters}
            if name in network.graph.parameters
        )
        if wasted:
            seen.add(owner)
            yield Remark(
                network.built(path),
                f"{path} runs but is held in a plain container: its {wasted:,} parameters are not trained, "
                "moved or saved.",
                module=path,
                evidence={"parameters": wasted},
                fix=_fix(network, owner.rpartition(".")[2], network.built(path)),
            )


def _fix(network: "Network", name: str, place: Place) -> Fix:
    from netwright.lint.rewrite import replaced

    script = network.script(place.file)
    for node in script.nodes(ast.Assign) if script else ():
        held = any(isinstance(target, ast.Attribute) and target.attr == name for target in node.targets)
        spans = node.lineno <= place.line <= (node.end_lineno or node.lineno)
        kind = _kind(node.value)
        if script and held and spans and kind and script.imports.get("nn") == "torch.nn":
            text = f"nn.{kind}({script.segment(node.value)})"
            fix = replaced(network, script, node.value, text)
            return replace(fix, text=f"self.{name} = {fix.text}")
    return Fix("use nn.ModuleList or nn.ModuleDict as the container")


def _kind(value: ast.expr) -> str | None:
    if isinstance(value, ast.List | ast.ListComp | ast.Tuple):
        return "ModuleList"
    return "ModuleDict" if isinstance(value, ast.Dict | ast.DictComp) else None


RULE = Rule("error", "unsafe", network=look)
