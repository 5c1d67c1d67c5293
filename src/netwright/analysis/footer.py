"""What stands below the table of a summary: totals, what dominates, and what the reader must know."""

from collections.abc import Callable

from netwright.analysis.collapse import lines
from netwright.analysis.summary import Summary
from netwright.analysis.tree import Row
from netwright.analysis.words import number, size
from netwright.receptive.fields import LONGEST, counting

LABEL = 13
"""Every line begins with its label in so many columns."""
STRICT = "†"
"""Marks a receptive field that is larger with the statistics of norms counted."""
_WRAPS = 1.1
"""A row that holds all but a tenth says nothing: its parts do."""
_MODES = {"meta": "without data", "fake": "with fake tensors", "real": "by a real run on the CPU"}


def foot(summary: Summary, depth: int | None) -> list[str]:
    """Totals, what dominates, what the marks mean, what is not counted, and notes: a line each."""
    graph = summary.graph
    found = [*_totals(summary), *(f"most {what:<8}{line}" for what, line in _dominating(summary))]
    if any(line.count > 1 for line in lines(summary.tree, depth)):
        found.append("×n           n equal blocks: the figures are those of one, `sees` that of the last")
    found += _seen(summary, depth)
    found += [f"~            {reason}" for reason in summary.tree.inexact]
    if summary.uncounted:
        found.append(f"not counted  {', '.join(summary.uncounted)}: they may cost MACs and have no rule")
    found.append(
        f"recorded     {_MODES[graph.mode]}, in {'training' if graph.training else 'evaluation'} mode"
    )
    return [*found, *(f"note         {note}" for note in (*graph.notes, *summary.remarks))]


def _totals(summary: Summary) -> list[str]:
    count, batch = summary.parameters, summary.graph.batch
    examples = "one example" if batch == 1 else f"{batch} examples"
    return [
        f"parameters   {number(count.total)}, {number(count.trainable)} trainable, {size(count.bytes)}",
        f"MACs         {number(summary.macs)} forward, {number(summary.backward_macs)} backward, an example "
        f"({number(summary.flops)} FLOPs forward)",
        f"saved        {size(summary.saved_bytes)} for the backward pass of {examples}",
    ]


def _seen(summary: Summary, depth: int | None) -> list[str]:
    """What the marks in the receptive fields mean, where there are any, and what is never read."""
    shown = [line.last for line in lines(summary.tree, depth)]
    texts = [summary.sees(row) for row in shown]
    found = []
    if any("/" in text for text in texts):
        found.append(
            "a /b c       an output sees a input positions an axis, the next b further on, the first from c"
        )
    if any("∘" in text.replace("∘?", "") for text in texts):
        found.append("∘n           n positions inside the field are not read: gaps of dilation or stride")
    if any("∘?" in text for text in texts):
        found.append(f"∘?           may have holes: axes of more than {LONGEST:,} positions are not searched")
    if any(summary.sees_with_norms(row) for row in shown):
        found.append(f"{STRICT}            {_strictly(summary)}")
    several = len(summary.graph.inputs) > 1
    for gone in summary.unread:
        of = f"of input {gone.input}: " if several else ""
        found.append(f"never read   {of}{gone.text()}")
    return found


def _strictly(summary: Summary) -> str:
    """Which norms see more than the field says, and what the output then sees."""
    graph = summary.graph
    norms = [graph.ops[index] for index in sorted(counting(graph, evaluated=True))]
    layers = list(dict.fromkeys(op.module or op.name for op in norms))
    more = f" and {len(layers) - 1} more" if len(layers) > 1 else ""
    strict = summary.sees_with_norms(summary.tree)
    output = f", the output then sees {strict}" if strict else ""
    return f"sees more through the statistics that norms take (`{layers[0]}`{more}){output}"


def _dominating(summary: Summary) -> list[tuple[str, str]]:
    """Where most of each is: the smallest row with half of it, or the three largest in a mere wrapper."""
    facts: dict[str, Callable[[Row], int]] = {
        "weights": lambda row: row.params,
        "MACs": lambda row: row.macs,
        "memory": lambda row: row.saved,
    }
    found = [(what, _most(summary.tree, fact)) for what, fact in facts.items()]
    return [(what, where) for what, where in found if where]


def _most(whole: Row, fact: Callable[[Row], int]) -> str:
    total, row = fact(whole), whole
    while row.children:
        largest = max(row.children, key=fact)
        if not total or 2 * fact(largest) < total:
            break
        row = largest
    wraps = row.children and _WRAPS * fact(row) >= total
    top = sorted(row.children, key=fact, reverse=True)[:3] if wraps else [row]
    return ", ".join(f"{r.path.lstrip(':')} {100 * fact(r) / total:.0f} %" for r in top if total and fact(r))
