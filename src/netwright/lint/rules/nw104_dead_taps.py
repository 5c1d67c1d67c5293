"""Some kernel taps never touch data.

What. At the declared size, some positions of a kernel only ever stand on padding, in every call of the layer.
The number of weights that this wastes is exact.

Why. These weights multiply zeros. They cost memory and time, get no gradient, and change only by weight
decay. A 4x4 kernel with stride 2 and padding 1 on a 2x2 map uses its middle 2x2 only: of 4,194,304 weights,
3,145,728 do nothing (Dumoulin & Visin 2016 show where the taps of a padded window stand).

Guard. All calls of the layer count together, so a head that several map sizes share is judged by the largest.
The finding is an error if at least half of the weights do nothing, and a warning otherwise.

Instead. Keep the part of the kernel that reads data, with less padding:

    nn.Conv2d(256, 1024, 2, 2)  # for nn.Conv2d(256, 1024, 4, 2, 1) on 2x2
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.coverage import dead_share, live_taps, transposed_live_taps
from netwright.arithmetic.shape import show
from netwright.lint.finding import Fix, Remark
from netwright.lint.rule import Rule
from netwright.trace.families import CONVOLUTIONS, TRANSPOSED

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.trace.graph import Op

KERNEL, PADDING = 2, 4


def look(network: "Network") -> Iterator[Remark]:
    """Report every convolution with taps that never touch data."""
    from netwright.lint.graphs import holder, weight

    calls: dict[str, list[Op]] = {}
    for op in network.graph.ops:
        held = weight(op) if op.name in CONVOLUTIONS | TRANSPOSED else None
        if held is not None:
            calls.setdefault(str(held.parameter), []).append(op)
    for ops in calls.values():
        live = [_together(axis) for axis in zip(*map(_live, ops), strict=True)]
        if all(all(axis) for axis in live):
            continue
        share, path = dead_share(live), holder(network, ops[0])
        kernel = weight(ops[0])
        assert kernel is not None
        wasted = round(share * kernel.elements)
        shape = show(ops[0].inputs[0].shape[2:])
        yield Remark(
            network.place(ops[0], path),
            f"{100 * share:.3g} % of the taps of {network.title(path)} never touch data on a {shape} map: "
            f"{wasted:,} of {kernel.elements:,} weights do nothing.",
            module=path,
            evidence={"share": share, "wasted": wasted, "weights": kernel.elements, "map": shape},
            fix=_fix(network, path, ops, live),
            severity="error" if share >= 0.5 else "warning",
        )


def _live(op: "Op") -> list[list[bool]]:
    """Return for every axis which taps touch data in one call."""
    from netwright.lint.graphs import axes

    if op.name not in TRANSPOSED:
        return [live_taps(*axis) for axis in axes(op)]
    extra = op.arguments["output_padding"]
    return [
        transposed_live_taps(size, kernel, stride, padding[0], more, dilation)
        for (size, kernel, stride, padding, dilation), more in zip(axes(op), extra, strict=True)
    ]


def _together(axis: tuple[list[bool], ...]) -> list[bool]:
    return [any(taps) for taps in zip(*axis, strict=True)]


def _fix(network: "Network", path: str, ops: list["Op"], live: list[list[bool]]) -> Fix | None:
    """Return the fix that keeps the live part of the kernel, if that is the same on both ends."""
    from netwright.lint.graphs import axes
    from netwright.lint.rewrite import as_argument, rewritten, with_argument

    constructor = network.constructor(path)
    if constructor is None:
        return None
    kernels, paddings = [], []
    for taps, (_, kernel, _, (before, after), dilation) in zip(live, axes(ops[0]), strict=True):
        first, last = taps.index(True), kernel - 1 - taps[::-1].index(True)
        if before != after or first != kernel - 1 - last or dilation * first > before:
            return None
        kernels.append(last - first + 1)
        paddings.append(before - dilation * first)
    script, call = constructor
    text = with_argument(script.segment(call), "kernel_size", as_argument(kernels), KERNEL)
    return rewritten(network, path, with_argument(text, "padding", as_argument(paddings), PADDING))


RULE = Rule("warning", "unsafe", network=look)
