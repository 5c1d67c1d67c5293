"""Write docs/models.md and a picture of each family: `python docs/build_models.py`.

A picture is drawn from a recorded run. It has a box for each part of the network, whose height is the size of
its map and whose width is the number of its channels, both on a logarithmic scale, and an arc where a later
part takes the output of an earlier one.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log2, prod
from pathlib import Path
from typing import NamedTuple

import torch

from netwright.arithmetic.shape import show
from netwright.design.budget import fitted_argument
from netwright.models.registry import Entry, entries
from netwright.receptive.fields import fields
from netwright.spec import load
from netwright.trace.graph import Graph, Op
from netwright.trace.record import record

HERE = Path(__file__).parent
PAGE = HERE / "models.md"
INTRODUCTION = """# The networks

This page is written by `make docs`. It shows every named network with its counts, which the tests compare
with the published ones. Parameters are the trainable ones; MACs are the multiply-accumulates of convolutions
and matrix products for one example of the input. The receptive field is that of a unit after the last
convolution or attention, without norms: its size, the /step to the next unit, and where the first unit
begins; `whole` is the whole input. In the pictures, the height of a box is the size of the map and its width
the number of channels, both on a logarithmic scale; arcs are skip connections between the parts.

`netwright models` lists the names, `netwright parameters NAME` the weights; a name takes arguments, as in
`resnet50(classes=7)`, and so does a family, as in `resnet(depth=14)`.

The column `match` names the argument that `netwright compare --match` changes to fit a network to the cost of
another one. Networks without it cannot be fitted.
"""
ATTENTION = "scaled_dot_product_attention"
LIMIT, STEP, MIDDLE = 14, 80, 150
SHOWN = {"resnet": "resnet20", "autoencoder": "residual_autoencoder", "hourglass": "hourglass2"}
"""The network that the picture of a family shows, where it is not the first of the family."""


class Part(NamedTuple):
    """A box of a picture: its title, the shape of its output, and whether it adds two maps."""

    title: str
    shape: tuple[int, ...]
    adds: bool

    @property
    def side(self) -> float:
        """The geometric mean of the sides of the map."""
        return prod(self.shape[1:]) ** (1 / max(1, len(self.shape) - 1))


def families() -> dict[str, list[Entry]]:
    """Return the complete networks by the file that defines them."""
    members: dict[str, list[Entry]] = {}
    for entry in entries().values():
        if entry.complete:
            members.setdefault(entry.family, []).append(entry)
    return dict(sorted(members.items()))


def run(entry: Entry) -> Graph:
    """Record a forward pass in evaluation mode on the meta device."""
    with torch.device("meta"):
        net = load(entry.name)
    graph = record(net, entry.input, training=False)
    assert graph.failure is None, f"{entry.name}: {graph.failure}"
    return graph


def row(entry: Entry, graph: Graph) -> str:
    """Return a line of the table."""
    params = sum(parameter.elements for parameter in graph.parameters.values() if parameter.trainable)
    macs = sum(op.macs for op in graph.ops) // graph.batch
    mixing = [op for op in graph.ops if op.name.startswith("conv") or op.name == ATTENTION]
    seen = fields(graph)[mixing[-1].outputs[0].key].text() if mixing else "whole"
    fitted = fitted_argument(entry)
    match = f"`{fitted}`" if fitted else ""
    return f"| `{entry.name}` | {show(entry.input)} | {params:,} | {macs:,} | {match} | {seen} |"


def parts(graph: Graph) -> list[str]:
    """Return the modules to draw: the outermost, with large containers opened while that stays readable."""
    paths = [path for path, module in graph.modules.items() if path and module.calls]
    drawn = children("", paths)
    while True:
        inside = {path: children(path, paths) for path in drawn}
        fitting = [
            path
            for path in drawn
            if len(inside[path]) > 1
            and len(drawn) + len(inside[path]) - 1 <= LIMIT
            and (graph.modules[path].class_name == "Sequential" or len(drawn) < 4)
        ]
        if not fitting:
            return drawn
        largest = max(fitting, key=lambda path: len(inside[path]))
        at = drawn.index(largest)
        drawn[at : at + 1] = inside[largest]


def children(path: str, paths: Sequence[str]) -> list[str]:
    """Return the modules directly inside `path` that run; a list is represented by its modules."""
    inside = [p for p in paths if p != path and p.startswith(f"{path}." if path else "")]
    return [p for p in inside if not any(p.startswith(f"{other}.") for other in inside)]


def home(op: Op, drawn: Sequence[str]) -> str | None:
    """Return the drawn part in which an operation runs."""
    return next((part for part in drawn if op.module == part or op.module.startswith(f"{part}.")), None)


def wiring(graph: Graph, drawn: Sequence[str]) -> tuple[dict[str, Part], set[tuple[str, str]]]:
    """Return the parts in the order they run, and which part takes the output of which."""
    wired: dict[str, Part] = {}
    edges: set[tuple[str, str]] = set()
    origins: dict[int, set[str]] = {}
    for op in graph.ops:
        here = home(op, drawn)
        sources = set().union(*(origins.get(tensor.key, set()) for tensor in op.inputs))
        if here is not None and op.outputs:
            adds = (op.name == "add" and len(op.inputs) == 2) or (here in wired and wired[here].adds)
            wired[here] = Part(title(graph, here), op.outputs[0].shape[1:], adds)
            edges |= {(source, here) for source in sources if source != here}
        for tensor in op.outputs:
            origins[tensor.key] = sources if here is None else {here}
    return wired, edges


def title(graph: Graph, path: str) -> str:
    """Return the name of a module, or its class or last two names where the name is a number."""
    parent, _, name = path.rpartition(".")
    kind = graph.modules[path].class_name
    if not name.isdigit():
        return name
    return f"{parent.rpartition('.')[2]}.{name}".lstrip(".") if kind == "Sequential" else kind


def picture(graph: Graph) -> str:
    """Return the network as SVG; the same network gives the same text."""
    boxes, edges = wiring(graph, parts(graph))
    at = {name: index * STEP + STEP / 2 for index, name in enumerate(boxes)}
    largest = max(part.side for part in boxes.values())
    drawn = [mark for name, part in boxes.items() for mark in box(part, at[name], largest)]
    for before, after in pairwise(at.values()):
        drawn.append(f'<path d="M{before + 28:.0f} {MIDDLE}H{after - 28:.0f}" class="line"/>')
    for source, target in sorted(edges, key=lambda edge: (at[edge[0]], at[edge[1]])):
        if at[target] - at[source] > STEP:
            drawn.append(arc(at[source], at[target], MIDDLE - 80))
    width = len(boxes) * STEP
    style = (
        "text{font:10px sans-serif;fill:#777;text-anchor:middle}.box{fill:#7aa6c2;stroke:#46708a}"
        ".line{stroke:#999;fill:none}"
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 266" width="{width}" height="266">'
    return "\n".join([head, f"<style>{style}</style>", *drawn, "</svg>"]) + "\n"


def box(part: Part, x: float, largest: float) -> Iterator[str]:
    """Yield a part with its shape and title, and a small arc over it when it adds its input or a branch."""
    high, wide = max(6.0, 150 * (part.side / largest) ** 0.6), min(54.0, 4 + 4.6 * log2(part.shape[0]))
    corner = f'x="{x - wide / 2:.1f}" y="{MIDDLE - high / 2:.1f}"'
    yield f'<rect {corner} width="{wide:.1f}" height="{high:.1f}" class="box"/>'
    yield f'<text x="{x:.0f}" y="{MIDDLE + 92}">{"x".join(map(str, part.shape))}</text>'
    yield f'<text x="{x:.0f}" y="{MIDDLE + 106}">{part.title[:14]}</text>'
    if part.adds:
        top = MIDDLE - high / 2 - 4
        yield f'<path d="M{x - 34:.0f} {MIDDLE}V{top:.0f}H{x + 34:.0f}V{MIDDLE}" class="line"/>'


def arc(start: float, end: float, low: float) -> str:
    """Return a skip connection over the parts between; longer ones pass higher."""
    top = max(4.0, low - 6 - (end - start) / 14)
    curve = f"M{start:.0f} {low:.0f}C{start:.0f} {top:.0f} {end:.0f} {top:.0f} {end:.0f} {low:.0f}"
    return f'<path d="{curve}" class="line"/>'


def section(family: str, rows: Sequence[str]) -> str:
    """Return the section of a family: heading, docstring of its file, picture and table."""
    text = (sys.modules[f"netwright.models.families.{family}"].__doc__ or "").strip().replace("\n", " ")
    heads = ["| name | input | parameters | MACs | match | receptive field |", "|---|---|---:|---:|---|---|"]
    table = [*heads, *rows]
    return f"## {family}\n\n{text}\n\n![{family}](models/{family}.svg)\n\n" + "\n".join(table) + "\n"


def shown(family: str, members: Sequence[Entry]) -> Entry:
    """Return the network that the picture of a family shows."""
    return next((entry for entry in members if entry.name == SHOWN.get(family)), members[0])


def main() -> None:
    """Record every network once, and write the page and a picture of each family."""
    sections = []
    for family, members in families().items():
        graphs = {member.name: run(member) for member in members}
        drawn = picture(graphs[shown(family, members).name])
        (HERE / "models" / f"{family}.svg").write_text(drawn, encoding="utf-8")
        sections.append(section(family, [row(member, graphs[member.name]) for member in members]))
        sys.stderr.write(f"{family}\n")
    PAGE.write_text("\n".join([INTRODUCTION, *sections]), encoding="utf-8")


if __name__ == "__main__":
    main()
