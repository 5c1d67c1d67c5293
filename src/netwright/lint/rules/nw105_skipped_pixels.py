"""Some positions of the input are read by no operation.

What. A window moves further at each step than it is wide, as a 1x1 convolution with stride 2 does, and no
other operation reads the positions between.

Why. Three quarters of a map that was computed at full cost are thrown away. Moving the stride to the 3x3
convolution takes ResNet-50 from 76.21 to 76.66 % top-1 accuracy on ImageNet, and average pooling before the
1x1 convolution of the shortcut takes it to 77.16 % (He et al. 2019, "Bag of Tricks", ResNet-B and ResNet-D,
the latter with a deeper stem).

Guard. A shortcut whose sibling branch reads all positions is usual and is not reported: every operation that
takes the map must leave the positions unread.

Instead. Average with the stride first, then convolve. The fix does this where the size of the output stays.

    nn.Sequential(nn.AvgPool2d(2, ceil_mode=True), nn.Conv2d(64, 128, 1))  # for nn.Conv2d(64, 128, 1, 2)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.window import window
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import CONVOLUTIONS

if TYPE_CHECKING:
    from netwright.lint.graphs import Axis
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

STRIDE = 3
ADVICE = Fix("use average pooling with the stride first, then the convolution with stride 1")


def look(network: "Network") -> Iterator[Remark]:
    """Report every map with positions that no operation reads."""
    from netwright.lint.graphs import axes, holder

    flagged = {op.index: skipped for op in network.graph.ops if any(skipped := _skipped(network, op))}
    for index, skipped in flagged.items():
        op = network.graph.ops[index]
        path = holder(network, op)
        kept = 1.0
        for positions, (size, *_) in zip(skipped, axes(op), strict=True):
            kept *= 1 - positions / size
        yield Remark(
            network.place(op, path),
            f"{network.title(path)} steps over its input: no operation reads {100 * (1 - kept):.0f} % "
            "of the positions.",
            module=path,
            evidence={"skipped": 1 - kept, "positions": skipped},
            fix=_fix(network, path, set(flagged)),
        )


def _skipped(network: "Network", op: "Op") -> list[int]:
    """Return the number of unread positions of each axis, or nothing if `op` is not at fault."""
    from netwright.lint.graphs import axes, read_before

    if op.name not in CONVOLUTIONS or not _steps_over(op):
        return []
    tensor = op.inputs[0]
    users = network.consumers[tensor.key]
    if any(user.name not in CONVOLUTIONS for user in users) or read_before(network, tensor):
        return []
    return [_unread_by_all(users, axis) for axis in range(len(axes(op)))]


def _steps_over(op: "Op") -> bool:
    from netwright.lint.graphs import axes

    return any(stride > dilation * (kernel - 1) + 1 for _, kernel, stride, _, dilation in axes(op))


def _unread_by_all(users: list["Op"], axis: int) -> int:
    """Return the number of positions of an axis that none of the convolutions reads."""
    from netwright.lint.graphs import axes
    from netwright.receptive.sets import index_map

    left = [set(index_map.window(*axes(user)[axis]).unread().tolist()) for user in users]
    return len(set.intersection(*left)) if left else 0


def _fix(network: "Network", path: str, flagged: set[int]) -> Fix:
    """Return the fix that pools before the layer, if that keeps the output size of every call."""
    from netwright.lint.graphs import axes, holder
    from netwright.lint.rewrite import as_argument, namespace, rewritten, with_argument

    constructor = network.constructor(path)
    home = namespace(constructor)
    if constructor is None or not home:
        return ADVICE
    paths = network.siblings(path)
    calls = [op for op in network.graph.ops if holder(network, op) in paths]
    pooled = {_pooled(axes(op)) for op in calls} if {op.index for op in calls} <= flagged else {None}
    steps = pooled.pop()
    if pooled or steps is None:
        return ADVICE
    factors, strides = zip(*steps, strict=True)
    script, call = constructor
    pool = f"{home}.AvgPool{len(steps)}d({as_argument(factors)}, ceil_mode=True)"
    text = with_argument(script.segment(call), "stride", as_argument(strides), STRIDE)
    pooling = f"{home}.Sequential({pool}, {text})" if text else None
    return rewritten(network, path, pooling, *paths) or ADVICE


def _pooled(axes: "list[Axis]") -> tuple[tuple[int, int], ...] | None:
    """Return pooling and remaining stride for each axis; None if the output size would change.

    >>> _pooled([(8, 1, 2, (0, 0), 1), (8, 2, 4, (0, 0), 1)])
    ((2, 1), (2, 2))
    """
    steps = []
    for size, kernel, stride, (before, after), dilation in axes:
        if stride <= dilation * (kernel - 1) + 1:
            steps.append((1, stride))
            continue
        factor = stride // kernel
        small = -(-size // factor)
        if before or after or dilation > 1 or stride % kernel or small < kernel:
            return None
        if window(small, kernel, kernel) != window(size, kernel, stride):
            return None
        steps.append((factor, kernel))
    return tuple(steps)


RULE = Rule("warning", "unsafe", network=look)
