"""A layer adds a bias that the following norm subtracts again.

What. A convolution or linear layer with a bias feeds nothing but a batch or instance normalisation.

Why. The norm subtracts the mean of each channel, and the bias with it. The parameters do nothing, their
gradient is zero, and only weight decay changes them (Ioffe & Szegedy 2015, section 3.2: "the bias b can be
ignored").

Guard. The finding is an info, because released networks carry such biases and work. Group and layer
normalisation over several channels keep the differences between biases and are not judged.

Instead.

    nn.Conv2d(3, 64, 3, padding=1, bias=False)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import CHANNEL_NORMS, WEIGHTED

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op


def look(network: "Network") -> Iterator[Remark]:
    """Report every bias that a norm subtracts again."""
    from netwright.lint.graphs import holder, only_user

    pairs: dict[str, Op] = {}
    kept: set[str] = set()
    for op in network.graph.ops:
        bias = op.arguments.get("bias") if op.name in WEIGHTED else None
        path = holder(network, op)
        if bias is None or bias.parameter != f"{path}.bias":
            continue
        user = only_user(network, op.outputs[0])
        if (
            user is None
            or user.name not in CHANNEL_NORMS
            or (op.name == "linear" and len(op.outputs[0].shape) > 2)
        ):
            kept.add(path)
        else:
            pairs.setdefault(path, user)
    flagged = [path for path in pairs if path not in kept and path in network.graph.modules]
    for path in flagged:
        bias = network.graph.parameters.get(f"{path}.bias")
        wasted = bias.elements if bias else 0
        norm = holder(network, pairs[path])
        where = f" (line {network.built(norm).line})" if norm in network.graph.modules else ""
        yield Remark(
            network.built(path),
            f"{network.title(path)} adds a bias that {norm or 'the norm'}{where} subtracts again; "
            f"{wasted} parameters do nothing.",
            module=path,
            evidence={"parameters": wasted, "norm": norm},
            fix=_fix(network, path, flagged),
        )


def _fix(network: "Network", path: str, flagged: list[str]) -> Fix | None:
    from netwright.lint.rewrite import rewritten, with_argument

    constructor = network.constructor(path)
    if constructor is None:
        return Fix("pass bias=False")
    text = with_argument(constructor[0].segment(constructor[1]), "bias", "False")
    return rewritten(network, path, text, *flagged) or Fix("pass bias=False where a norm follows")


RULE = Rule("info", "unsafe", network=look)
