"""The forward pass fails on the declared input.

What. The network is recorded on the declared input shape, without data, and an operation refuses the shapes
that it is given.

Why. Every run would fail at that operation, after the data are loaded and the job has waited for its machine.
A crash is the most common effect of bugs in deep learning programs (Islam et al., "A Comprehensive Study on
Deep Learning Bug Characteristics", ESEC/FSE 2019).

Guard. None is needed, because the network was run and failed. An error that the network's own Python code
raises is reported as such.

Instead. Make the layer and the layers before it agree. The finding names both and, where one number decides,
the fix.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Failure

MADE_FOR = {
    **{f"Conv{kind}{n}d": "in_channels" for kind in ("", "Transpose") for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": "num_features" for n in (1, 2, 3)},
    "Linear": "in_features",
}
"""The first argument of layers that take a fixed number of channels or features."""


def look(network: "Network") -> Iterator[Remark]:
    """Report the operation that failed, if one did, as `netwright summary` explains it."""
    from netwright.analysis.explain import explain

    graph = network.graph
    failure, explanation = graph.failure, explain(graph)
    if failure is None or explanation is None:
        return
    module = failure.module
    layer = module in graph.modules and graph.modules[module].class_name in MADE_FOR
    called = f" (called at line {failure.where.line})" if layer and failure.where else ""
    yield Remark(
        network.place(failure, module if layer else ""),
        f"{explanation.what.rstrip('.')}{called}.",
        module=module,
        evidence={
            "operation": failure.name,
            "shapes": [list(tensor.shape) for tensor in failure.inputs],
            "error": failure.message,
            "history": list(explanation.evidence),
        },
        fix=(_made_for(network, failure) if layer and explanation.fix.startswith("nn.") else None)
        or (Fix(explanation.fix) if explanation.fix else None),
    )


def _made_for(network: "Network", failure: "Failure") -> Fix | None:
    """Return the fix that makes the layer take the number of channels that it is given."""
    from netwright.lint.rewrite import rewritten, with_argument

    constructor = network.constructor(failure.module)
    if constructor is None or failure.arguments.get("groups", 1) != 1:
        return None
    script, call = constructor
    wanted = failure.inputs[0].shape[-1 if failure.name == "linear" else 1]
    name = MADE_FOR[network.graph.modules[failure.module].class_name]
    return rewritten(network, failure.module, with_argument(script.segment(call), name, str(wanted), 0))


RULE = Rule("error", "unsafe", network=look)
