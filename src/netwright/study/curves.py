"""The figures of a study: learning curves with a band for each arm, and the monitored metric against MACs.

They are drawn by matplotlib as SVG that takes the colour of its text and its background from the page around
it. Colour is never the only sign: each arm has a marker of its own.
"""

import re
from collections.abc import Callable
from io import StringIO
from math import ceil
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import (
    EngFormatter,
    FixedLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    StrMethodFormatter,
)

from netwright.data.scale import Scale
from netwright.study.arm import Arm
from netwright.study.result import Study

# At least 3:1 against white and #16181d, and distinguishable with each kind of colour blindness.
COLOURS = (
    "#1e78d2", "#e8590c", "#4b9687", "#a54b5a", "#8a5cff",
    "#99780f", "#d63a94", "#7a7a7a", "#c32d0f", "#5f8700",
)  # fmt: skip
MARKERS = "osD^vP*X<>"
INK = "#1b1f24"  # stands for the page's text colour until the SVG is written
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
}
HEIGHT = 4.4  # inches, with up to three rows of the legend
TICKS = (0, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def curves(study: Study) -> Figure:
    """Draw the metric against the epoch: test solid with its band, train dashed (He et al. 2015, Fig. 6)."""
    with rc_context(STYLE):
        scale = study.task.scale
        figure, axes = _axes("epoch", scale.title)
        for index, arm in enumerate(study.arms):
            colour = COLOURS[index % len(COLOURS)]
            for split, line in (("train", "--"), ("test", "-")):
                points = list(arm.curve(split, study.task.monitor))
                epochs = [epoch for epoch, _ in points]
                means = [scale.factor * value.mean for _, value in points]
                width = 0.9 if split == "train" else 1.8
                axes.plot(epochs, means, line, color=colour, linewidth=width)
                if split == "test" and points:
                    reach = [scale.factor * (value.deviation or 0) for _, value in points]
                    low = [max(min(0.0, mean), mean - sd) for mean, sd in zip(means, reach, strict=True)]
                    high = [mean + sd for mean, sd in zip(means, reach, strict=True)]
                    axes.fill_between(epochs, low, high, color=colour, alpha=0.18, linewidth=0)
                    axes.plot(epochs[-1:], means[-1:], MARKERS[index % len(MARKERS)], color=colour)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        lines = [Line2D([], [], color=INK, label="test"), Line2D([], [], color=INK, ls="--", label="train")]
        _finish(figure, axes, study, lines)
    return figure


def costs(study: Study) -> Figure:
    """Draw the test metric at the end of training against the multiply-accumulates of one example."""
    with rc_context(STYLE):
        scale = study.task.scale
        figure, axes = _axes("multiply-accumulates of one example (MACs)", f"test {scale.title}")
        shown = [(study.design(arm).macs, study.spread(arm, "test")) for arm in study.arms]
        for index, (macs, value) in enumerate(shown):
            if value is not None and macs is not None:
                axes.errorbar(
                    macs,
                    scale.factor * value.mean,
                    yerr=scale.factor * (value.deviation or 0),
                    fmt=MARKERS[index % len(MARKERS)],
                    color=COLOURS[index % len(COLOURS)],
                    capsize=3,
                    markersize=7,
                )
        positive = [macs for macs, value in shown if value is not None and macs]
        if positive and max(positive) > 10 * min(positive):
            axes.set_xscale("log")
            axes.xaxis.set_minor_formatter(NullFormatter())
        axes.margins(x=0.12)
        axes.xaxis.set_major_formatter(EngFormatter())
        _finish(figure, axes, study, [])
    return figure


def _axes(x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.0, HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#808080", alpha=0.25, linewidth=0.6)
    return figure, axes


def _finish(figure: Figure, axes: Axes, study: Study, lines: list[Line2D]) -> None:
    """Scale the axis of a percentage that goes down to zero, and add a legend."""
    if logarithmic(study.task.scale):
        _symlog(axes)
    signs = [_sign(index, study, arm) for index, arm in enumerate(study.arms)]
    longest = max((len(str(sign.get_label())) for sign in signs), default=0)
    columns = 3 - (longest > 14) - (longest > 34)
    rows = ceil((len(signs) + len(lines)) / columns)
    figure.set_figheight(HEIGHT + 0.22 * max(0, rows - 3))  # a long legend does not squeeze the axes
    figure.legend(handles=signs + lines, loc="outside lower center", ncols=columns, frameon=False)


def logarithmic(scale: Scale) -> bool:
    """Return whether the axis is logarithmic above 1 %: that of a percentage that goes down to zero."""
    return scale.unit == "%" and scale.lower_is_better


def _symlog(axes: Axes) -> None:
    """Make the axis of values linear up to one point, then logarithmic, so that zero has a place."""
    axes.set_yscale("symlog", linthresh=1, linscale=0.6)
    top = min(100.0, axes.dataLim.y1 * 1.15) if axes.dataLim.y1 > 0 else 100.0
    axes.set_ylim(0, max(top, 1.0))
    axes.yaxis.set_major_locator(FixedLocator(TICKS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))


def _sign(index: int, study: Study, arm: Arm) -> Line2D:
    label = study.label(*(name if len(name) <= 24 else f"{name[:23]}…" for name in (arm.design, arm.recipe)))
    label = label.replace("$", r"\$")  # otherwise matplotlib parses it as mathematics
    label = label if arm.finished else f"{label} (failed)"
    colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
    return Line2D([], [], label=label, color=colour, marker=marker)


def svg(draw: Callable[[Study], Figure], study: Study, label: str) -> str:
    """Return the figure as an `<svg>` element of a page; equal studies give equal text.

    `label` is what a screen reader says.
    """
    name = draw.__name__
    with rc_context(STYLE | {"svg.hashsalt": name}):
        stream = StringIO()
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        draw(study).savefig(stream, format="svg", transparent=True, metadata=metadata)
    text = re.sub(r"^.*?<svg [^>]*viewBox=\"([^\"]*)\"[^>]*>", _open(label), stream.getvalue(), flags=re.S)
    text = re.sub(r"(id=\"|url\(#|href=\"#)", rf"\g<1>{name}-", text)  # two figures share one page
    text = re.sub(
        r"<style type=\"text/css\">.*?</style>", "", text, flags=re.S
    )  # it would apply to the whole page
    text = re.sub(r"'?DejaVu Sans'?(, [^;\"]*)?", "system-ui, sans-serif", text)
    return text.replace(INK, "currentColor")


def _open(label: str) -> str:
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return rf'<svg {spaces} viewBox="\g<1>" role="img" aria-label="{label}">'


def picture(draw: Callable[[Study], Figure], study: Study, path: Path) -> None:
    """Write the figure as a PNG file on white, for a README or a slide."""
    figure = draw(study)
    figure.savefig(path, dpi=160, facecolor="white", metadata={"Software": None})
