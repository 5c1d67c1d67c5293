"""The forward pass fails on the declared input.

What. The network is recorded on the declared input shape, without data, and an operation refuses its shapes.

Why. Every run would fail there, after the data are loaded and the job has waited for its machine. A crash is
the commonest effect of deep learning bugs (Islam et al., "A Comprehensive Study on Deep Learning Bug
Characteristics", ESEC/FSE 2019).

Guard. None needed: it ran and failed. What the network's own Python raises is reported as such.

Instead. Make producer and consumer agree; the finding names both and, where one number decides, the fix.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.window import misfit
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Failure, TensorInfo

CONSTRUCTORS = {
    "Conv1d": "in_channels",
    "Conv2d": "in_channels",
    "Conv3d": "in_channels",
    "Linear": "in_features",
}
NORMS = {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d"}


def look(network: "Network") -> Iterator[Remark]:
    """The operation that failed, if one did."""
    failure = network.graph.failure
    if failure is None:
        return
    cause, wanted = _cause(network, failure)
    module = failure.module
    layer = module in network.graph.modules and network.graph.modules[module].class_name in (
        *CONSTRUCTORS,
        *NORMS,
    )
    place = network.built(module) if layer else network.at(failure.where, module)
    called = f" (called at line {failure.where.line})" if layer and failure.where else ""
    yield Remark(
        place,
        f"{module or failure.name} {cause}{called}.",
        module=module,
        evidence={
            "operation": failure.name,
            "shapes": [list(tensor.shape) for tensor in failure.inputs],
            "error": failure.message,
        },
        fix=_fix(network, module, wanted) if layer and wanted else None,
    )


def _cause(network: "Network", failure: "Failure") -> tuple[str, int | None]:
    """What is wrong in the user's words, and the number the layer should have been built for."""
    given = failure.inputs
    weight = failure.arguments.get("weight")
    if failure.name.startswith("conv") and weight is not None and given:
        return _convolution(network, failure, given[0], weight)
    if failure.name == "linear" and weight is not None and given and weight.shape[-1] != given[0].shape[-1]:
        wanted = given[0].shape[-1]
        return f"expects {weight.shape[-1]} features and gets {wanted}{_source(network, given[0])}", wanted
    if failure.name == "batch_norm" and given and len(given) > 1 and given[0].shape[1] != given[1].shape[0]:
        wanted = given[0].shape[1]
        return (
            f"normalises {given[1].shape[0]} channels and gets {wanted}{_source(network, given[0])}",
            wanted,
        )
    shapes = " and ".join("x".join(map(str, tensor.shape)) for tensor in given)
    return f"fails on {shapes or 'its arguments'} (batch first): {failure.message.rstrip('.')}", None


def _convolution(
    network: "Network", failure: "Failure", given: "TensorInfo", weight: "TensorInfo"
) -> tuple[str, int | None]:
    groups = failure.arguments.get("groups", 1)
    transposed = "transpose" in failure.name
    expects = weight.shape[0] if transposed else weight.shape[1] * groups
    if len(given.shape) != len(weight.shape):
        return (
            f"takes {len(weight.shape)} dimensions with batch and gets {'x'.join(map(str, given.shape))}",
            None,
        )
    if given.shape[1] != expects:
        wanted = given.shape[1]
        text = f"expects {expects} channels and gets {wanted}{_source(network, given)}"
        return text, wanted if groups == 1 and not transposed else None
    settings = zip(*(failure.arguments[name] for name in ("stride", "padding", "dilation")), strict=True)
    for size, kernel, (stride, padding, dilation) in zip(
        given.shape[2:], weight.shape[2:], settings, strict=True
    ):
        reason = "" if transposed else misfit(size, kernel, stride, padding, dilation)
        if reason:
            return (
                f"does not fit its input of {'x'.join(map(str, given.shape[2:]))}: {reason.rstrip('.')}",
                None,
            )
    return f"fails: {failure.message.rstrip('.')}", None


def _source(network: "Network", tensor: "TensorInfo") -> str:
    op = network.producer(tensor)
    if op is None:
        return " from the input"
    place = f" at line {op.where.line}" if op.where else ""
    return f" from {op.module or op.name}" + (place if not op.module else "")


def _fix(network: "Network", path: str, wanted: int) -> Fix | None:
    from netwright.lint.rewrite import with_argument

    found = network.constructor(path)
    if found is None:
        return None
    script, call = found
    name = CONSTRUCTORS.get(network.graph.modules[path].class_name, "num_features")
    return network.rewritten(path, with_argument(script.segment(call), name, str(wanted), 0))


RULE = Rule("error", "unsafe", network=look)
