"""Write docs/blocks.md and a picture of each block: `python docs/build_blocks.py`.

A picture is drawn from a recorded run: operations that follow one another without a branch share a box, and
an edge is a tensor that flows from one box to another.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from inspect import Parameter, getdoc, getsourcefile, getsourcelines, isclass, signature
from pathlib import Path
from typing import Any, get_args

import torch
from torch import nn

import netwright as nw
from netwright.arithmetic.shape import show
from netwright.blocks.fractal import similarity, tanimoto
from netwright.trace.graph import Graph, Op
from netwright.trace.record import record

HERE = Path(__file__).parent
PAGE = HERE / "blocks.md"
INTRODUCTION = """# The blocks

Written by `make docs`: every block with its picture, its shapes, its parameters and its paper. A block is a
plain `torch.nn.Module`; `import netwright as nw` and `nw.blocks.NormedConv(16, 32)` build one. Blocks with
the option `dims` work in one, two and three dimensions, and so do most of the others without an option; the
examples are in two. In a shape, `b` is the batch and `*space` are the axes of the map; the tables leave the
batch out. A picture shows the operations of the example in the order in which they run, without those that
only reorder elements.

[models.md](models.md) shows the networks that are built from these blocks, and
[add-a-block.md](add-a-block.md) how to write another one.
"""
MAP = (16, 8, 8)
EXAMPLES: Mapping[str, tuple[str, tuple[tuple[int, ...], ...]]] = {
    "NormedConv": ("NormedConv(16, 32, stride=2)", (MAP,)),
    "Point": ("Point(16, 32)", (MAP,)),
    "Halve": ("Halve(16, 32)", (MAP,)),
    "Double": ("Double(16, 32)", (MAP,)),
    "PreConv": ("PreConv(16, 32)", (MAP,)),
    "Maxout": ("Maxout(2)", (MAP,)),
    "Blur": ("Blur(2)", (MAP,)),
    "GlobalAverage": ("GlobalAverage()", (MAP,)),
    "Residual": ("Residual(NormedConv(16, 16))", (MAP,)),
    "StochasticDepth": ("StochasticDepth(0.2)", (MAP,)),
    "Subsample": ("Subsample(2, 16)", (MAP,)),
    "Basic": ("Basic(16, 32, stride=2, shortcut=option_b)", (MAP,)),
    "Bottleneck": ("Bottleneck(16, 32, stride=2, shortcut=option_b)", (MAP,)),
    "OriginalBottleneck": ("OriginalBottleneck(16, 32, stride=2, shortcut=option_b)", (MAP,)),
    "Plain": ("Plain(16, 32, stride=2)", (MAP,)),
    "PreBasic": ("PreBasic(16, 32, stride=2)", (MAP,)),
    "PreBottleneck": ("PreBottleneck(16, 32, stride=2)", (MAP,)),
    "Wide": ("Wide(16, 32, stride=2, dropout=0.3)", (MAP,)),
    "Inception": ("Inception(16, 8, (8, 16), (4, 8), 8)", (MAP,)),
    "NaiveInception": ("NaiveInception(16, 8, 16, 8)", (MAP,)),
    "DenseBlock": ("DenseBlock(16, 2, 8)", (MAP,)),
    "DenseLayer": ("DenseLayer(16, 8)", (MAP,)),
    "Transition": ("Transition(16, 8)", (MAP,)),
    "SelfAttention": ("SelfAttention(16, 4)", ((10, 16),)),
    "PositionAttention": ("PositionAttention(16)", (MAP,)),
    "ChannelAttention": ("ChannelAttention()", (MAP,)),
    "SqueezeExcite": ("SqueezeExcite(16, reduction=4)", (MAP,)),
    "FractalAttention": ("FractalAttention(16, depth=1)", (MAP,)),
    "FractalUnit": ("FractalUnit(16, depth=1)", (MAP,)),
    "Hourglass": ("Hourglass(16, 1)", (MAP,)),
    "HalfBottleneck": ("HalfBottleneck(16, 32)", (MAP,)),
    "Pair": ("Pair(16, 32)", (MAP,)),
    "Down": ("Down(16, 32)", (MAP,)),
    "Up": ("Up(32, 16, 16)", ((32, 4, 4), MAP)),
    "CroppedUp": ("CroppedUp(32, 16, 16)", ((32, 4, 4), (16, 12, 12))),
}
"""The example of each block: its text, and the shapes of its inputs without the batch."""

HIDDEN = {
    *(
        "view",
        "reshape",
        "flatten",
        "unflatten",
        "permute",
        "transpose",
        "contiguous",
        "squeeze",
        "unsqueeze",
    ),
    *("chunk", "split", "unbind", "expand", "view_as", "to", "movedim", "clone", "T"),
}
"""Operations that only reorder or pick elements."""

SIGNS = {
    "add": "+",
    "mul": "×",
    "sub": "-",
    "div": "÷",
    "cat": "concat",
    "matmul": "matrix product",
    "bmm": "matrix product",
}
ALONE = {"mul": "scale", "div": "scale", "add": "shift", "sub": "shift"}
"""The same with a number instead of a second tensor."""

WORDS = {
    "batch_norm": "batch norm",
    "relu": "ReLU",
    "max_pool2d": "max pool",
    "avg_pool2d": "average pool",
    "adaptive_avg_pool2d": "global average",
    "scaled_dot_product_attention": "attention",
    "pow": "square",
}
CHARACTER, LINE, GAP, MARGIN = 6.2, 14, 34, 14


@dataclass(eq=False)
class Box:
    """Operations that follow one another, the boxes that they read, and where the box is drawn."""

    lines: list[str]
    sources: list["Box"] = field(default_factory=list)
    joins: bool = False
    column: int = 0
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        """In pixels."""
        return 24.0 if self.joins and len(self.lines[0]) == 1 else 14 + CHARACTER * max(map(len, self.lines))

    @property
    def height(self) -> float:
        """In pixels."""
        return 24.0 if self.joins and len(self.lines[0]) == 1 else 8.0 + LINE * len(self.lines)


def blocks() -> dict[str, type[nn.Module]]:
    """Return the public blocks by their names."""
    named = {name: getattr(nw.blocks, name) for name in nw.blocks.__all__}
    return {name: thing for name, thing in named.items() if isclass(thing) and issubclass(thing, nn.Module)}


def example(name: str) -> nn.Module:
    """Build the example of a block, with the same weights every time."""
    torch.manual_seed(0)
    return eval(EXAMPLES[name][0], {each: getattr(nw.blocks, each) for each in nw.blocks.__all__})  # noqa: S307  # the texts above


@cache
def run(name: str) -> Graph:
    """Record one training pass of the example."""
    shapes = EXAMPLES[name][1]
    graph = record(example(name), shapes if len(shapes) > 1 else shapes[0], training=True)
    assert graph.failure is None, f"{name}: {graph.failure}"
    return graph


def hidden(op: Op) -> bool:
    """Whether an operation only reorders or picks elements; a strided slice drops some, and is shown."""
    if op.name == "getitem":
        return not any(isinstance(part, slice) and (part.step or 1) > 1 for part in op.arguments["index"])
    return op.name in HIDDEN


def label(op: Op) -> str:
    """Say what an operation is, in a few characters."""
    if op.name.startswith("conv"):
        kernel = op.arguments["weight"].shape[2:]
        stride = max(op.arguments["stride"])
        kind = "transposed" if "transpose" in op.name else "conv"
        parts = [f"{kind} {show(kernel)}", f"/{stride}" if stride > 1 else ""]
        groups, dilation = op.arguments["groups"], max(op.arguments["dilation"])
        parts += [f"{groups} groups" if groups > 1 else "", f"dilation {dilation}" if dilation > 1 else ""]
        return " ".join(filter(None, parts))
    if op.name in SIGNS:
        scaled = [tensor.parameter for tensor in op.inputs if tensor.parameter]
        if scaled:
            return f"{SIGNS[op.name]} {scaled[0].rpartition('.')[2]}"
        alone = len(op.inputs) < 2
        return ALONE.get(op.name, SIGNS[op.name]) if alone else SIGNS[op.name]
    if op.name == "getitem":
        return f"every {op.arguments['index'][-1].step}nd position"
    return WORDS.get(op.name, op.name.strip("_").replace("_", " "))


def folded(graph: Graph) -> dict[int, int]:
    """Return the operations inside calls of `similarity`, each with the first operation of its call."""
    start = getsourcelines(tanimoto)[1]
    end = getsourcelines(similarity)[1] + len(getsourcelines(similarity)[0])
    inside = [
        op
        for op in graph.ops
        if op.where and op.where.file == getsourcefile(tanimoto) and start <= op.where.line < end
    ]
    call: dict[int, int] = {}
    for op in inside:
        joined = {call[tensor.producer] for tensor in op.inputs if tensor.producer in call}
        first = min(joined, default=op.index)
        call = {index: first if known in joined else known for index, known in call.items()} | {
            op.index: first
        }
    return call


def wiring(graph: Graph) -> tuple[list[Box], list[Box], list[Box]]:
    """Return the boxes in the order they run, those of the inputs first, and the inputs and the outputs."""
    inputs = [Box([show(tensor.shape[1:])]) for tensor in graph.inputs]
    made: dict[int, list[Box]] = {tensor.key: [box] for tensor, box in zip(graph.inputs, inputs, strict=True)}
    readers = reading(graph)
    boxes, last = list(inputs), {id(box): -1 for box in inputs}
    calls, called = folded(graph), {}
    for op in graph.ops:
        sources = unique(box for tensor in op.inputs for box in made.get(tensor.key, []))
        if op.index in calls:
            box = called.setdefault(calls[op.index], Box(["Tanimoto similarity"]))
            boxes += [box] if box not in boxes else []
            box.sources = unique(each for each in [*box.sources, *sources] if each is not box)
            box.joins, last[id(box)] = True, op.index
            made |= {tensor.key: [box] for tensor in op.outputs}
            continue
        if not sources or not op.outputs:
            continue
        if hidden(op):
            made |= {tensor.key: sources for tensor in op.outputs}
            continue
        join = len(sources) > 1
        box = sources[0]
        follows = not join and not box.joins and box not in inputs and readers.get(last[id(box)], 2) == 1
        if follows and len(box.lines) < 9:
            box.lines.append(label(op))
        else:
            box = Box([label(op)], sources, join)
            boxes.append(box)
        last[id(box)] = op.index
        made |= {tensor.key: [box] for tensor in op.outputs}
    outputs = [Box([show(tensor.shape[1:])], made[tensor.key]) for tensor in graph.outputs]
    return [*boxes, *outputs], inputs, outputs


def reading(graph: Graph) -> dict[int, int]:
    """Count the operations that read what each operation makes, looking through hidden ones."""
    origin: dict[int, int] = {}
    counts: dict[int, int] = {}
    for op in graph.ops:
        read = {origin[tensor.key] for tensor in op.inputs if tensor.key in origin}
        if hidden(op) and read:
            origin |= {tensor.key: min(read) for tensor in op.outputs}
            continue
        for index in read:
            counts[index] = counts.get(index, 0) + 1
        origin |= {tensor.key: op.index for tensor in op.outputs}
    for tensor in graph.outputs:
        counts[origin.get(tensor.key, -1)] = counts.get(origin.get(tensor.key, -1), 0) + 1
    return counts


def unique(boxes: Iterator[Box]) -> list[Box]:
    """Keep the first of each box."""
    return list({id(box): box for box in boxes}.values())


def place(boxes: Sequence[Box], outputs: Sequence[Box]) -> tuple[float, float]:
    """Give every box its column and its position; return the size of the picture."""
    for box in boxes:
        box.column = 1 + max((source.column for source in box.sources), default=-1)
    for box in outputs:
        box.column = max(each.column for each in boxes)
    columns = [[box for box in boxes if box.column == at] for at in range(1 + boxes[-1].column)]
    high = max(sum(box.height + MARGIN for box in column) for column in columns)
    lanes = 1 + max(lanes_of(boxes).values(), default=-1)
    x = float(MARGIN)
    for column in columns:
        wide = max(box.width for box in column)
        y = 12.0 * lanes + MARGIN + (high - sum(box.height + MARGIN for box in column)) / 2
        for box in column:
            box.x, box.y = x + wide / 2, y + box.height / 2
            y += box.height + MARGIN
        x += wide + GAP
    return x - GAP + MARGIN, high + 12.0 * lanes + MARGIN


def lanes_of(boxes: Sequence[Box]) -> dict[tuple[int, int], int]:
    """Return the lane above the boxes for every edge that passes over a column; the shortest lie lowest."""
    edges = [(source, box) for box in boxes for source in box.sources if box.column - source.column > 1]
    taken: list[list[tuple[int, int]]] = []
    lanes = {}
    for source, box in sorted(edges, key=lambda edge: edge[1].column - edge[0].column):
        start, end = source.column, box.column
        free = [
            at for at, spans in enumerate(taken) if all(end <= low or high <= start for low, high in spans)
        ]
        lane = free[0] if free else len(taken)
        taken += [[]] if lane == len(taken) else []
        taken[lane].append((start, end))
        lanes[id(source), id(box)] = lane
    return lanes


def picture(graph: Graph) -> str:
    """Draw a block as SVG; the same block gives the same text."""
    boxes, inputs, outputs = wiring(graph)
    width, height = place(boxes, outputs)
    lanes = lanes_of(boxes)
    count = 1 + max(lanes.values(), default=-1)
    drawn = []
    for box in boxes:
        for source in box.sources:
            start, end = source.x + source.width / 2, box.x - box.width / 2
            if (id(source), id(box)) in lanes:
                lane = 12.0 * (count - lanes[id(source), id(box)]) - 4
                path = f"M{start:.0f} {source.y:.0f}h10V{lane:.0f}H{end - 12:.0f}V{box.y:.0f}H{end:.0f}"
            else:
                middle = (start + end) / 2
                curve = f"{middle:.0f} {source.y:.0f} {middle:.0f} {box.y:.0f} {end:.0f} {box.y:.0f}"
                path = f"M{start:.0f} {source.y:.0f}C{curve}"
            drawn.append(f'<path d="{path}" class="line" marker-end="url(#a)"/>')
    for box in boxes:
        drawn += shape(box, plain=box in inputs or box in outputs)
    style = (
        "text{font:11px sans-serif;fill:#555;text-anchor:middle}.box{fill:#dbe8f1;stroke:#46708a}"
        ".line{stroke:#888;fill:none}.tip{fill:#888}"
    )
    tip = (
        '<marker id="a" markerWidth="7" markerHeight="6" refX="6" refY="3" orient="auto">'
        '<path d="M0 0L7 3L0 6z" class="tip"/></marker>'
    )
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, f"<style>{style}</style><defs>{tip}</defs>", *drawn, "</svg>"]) + "\n"


def shape(box: Box, *, plain: bool) -> Iterator[str]:
    """Draw one box: a circle where tensors meet in a sign, only text for inputs and outputs."""
    if box.joins and len(box.lines[0]) == 1:
        yield f'<circle cx="{box.x:.0f}" cy="{box.y:.0f}" r="12" class="box"/>'
    elif not plain:
        corner = f'x="{box.x - box.width / 2:.0f}" y="{box.y - box.height / 2:.0f}"'
        yield f'<rect {corner} width="{box.width:.0f}" height="{box.height:.0f}" rx="4" class="box"/>'
    top = box.y - LINE * (len(box.lines) - 1) / 2 + 4
    for index, line in enumerate(box.lines):
        yield f'<text x="{box.x:.0f}" y="{top + LINE * index:.0f}">{escape(line)}</text>'


def paper(block: type[nn.Module]) -> str:
    """Return the paper that a block's docstring names in brackets, or its file's docstring."""
    module = sys.modules[block.__module__].__doc__ or ""
    for text in (getdoc(block) or "", module):
        if cited := re.search(r"\(([^()]*(?:19|20)\d\d[^()]*)\)", text):
            return " ".join(cited[1].split())
    return ""


def prose(block: type[nn.Module]) -> str:
    """Return a docstring as a paragraph, without its examples and its sections."""
    lines = (block.__doc__ or "").partition(">>>")[0].partition("Args:")[0].partition("Raises:")[0]
    return " ".join(lines.split())


def row(name: str) -> dict[str, Any]:
    """Return the figures of a block's example."""
    graph = run(name)
    return {
        "example": f"`{EXAMPLES[name][0]}`",
        "input": ", ".join(show(tensor.shape[1:]) for tensor in graph.inputs),
        "output": ", ".join(show(tensor.shape[1:]) for tensor in graph.outputs),
        "parameters": sum(parameter.elements for parameter in graph.parameters.values()),
        "macs": sum(op.macs for op in graph.ops) // graph.batch,
    }


def written(parameter: Parameter) -> list[str]:
    """Return the names that a caller may write for a parameter."""
    if parameter.kind is Parameter.VAR_KEYWORD:
        return list(get_args(parameter.annotation)[0].__annotations__)
    return [parameter.name]


def section(name: str, block: type[nn.Module]) -> str:
    """Write the part of the page on one block."""
    facts = row(name)
    table = [
        "| example | input | output | parameters | MACs |",
        "|---|---|---|---:|---:|",
        "| {example} | {input} | {output} | {parameters:,} | {macs:,} |".format(**facts),
    ]
    arguments = ", ".join(name for each in signature(block).parameters.values() for name in written(each))
    parts = [f"### {name}", prose(block), f"![{name}](blocks/{name}.svg)", "\n".join(table)]
    parts.append(f"Arguments: `{arguments}`." if arguments else "It takes no arguments.")
    if cited := paper(block):
        parts[-1] += f" Paper: {cited}."
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Record every block once, write the page and a picture of each block."""
    sections, file = [INTRODUCTION], ""
    for name, block in blocks().items():
        if block.__module__ != file:
            file = block.__module__
            headline = (sys.modules[file].__doc__ or "").partition("\n\n")[0].replace("\n", " ").strip()
            sections.append(f"## {file.rpartition('.')[2]}\n\n{headline}\n")
        (HERE / "blocks" / f"{name}.svg").write_text(picture(run(name)), encoding="utf-8")
        sections.append(section(name, block))
    PAGE.write_text("\n".join(sections), encoding="utf-8")


if __name__ == "__main__":
    main()
