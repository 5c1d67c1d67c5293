"""The lines below the table of a summary: totals, what dominates, what the marks mean, and notes."""

from collections.abc import Callable

from netwright.analysis.collapse import collapse
from netwright.analysis.facts import Facts
from netwright.analysis.tree import Row
from netwright.analysis.words import number, size
from netwright.receptive.fields import LONGEST, counting

LABEL = 13
"""Each line begins with a label that is padded to this many columns."""
STRICT = "†"
"""Marks a receptive field that is larger when the statistics of norms count."""
_WRAPS = 1.1
"""A row that holds all but a tenth of a total is a wrapper: its largest children are named instead."""
_MODES = {"meta": "without data", "fake": "with fake tensors", "real": "by a real run on the CPU"}


def footer(facts: Facts, depth: int | None) -> list[str]:
    """Return the lines below a table that shows `depth` levels of the tree."""
    graph = facts.graph
    lines = [*_totals(facts), *(f"most {what:<8}{where}" for what, where in _dominating(facts))]
    if any(group.count > 1 for group in collapse(facts.tree, depth)):
        lines.append("×n           n equal blocks: the figures are those of one, `sees` that of the last")
    lines += _seen(facts, depth)
    lines += [f"~            {reason}" for reason in facts.tree.inexact]
    if facts.uncounted:
        lines.append(
            f"not counted  {', '.join(facts.uncounted)}: may cost MACs, but there is no rule for them"
        )
    mode = "training" if graph.training else "evaluation"
    lines.append(f"recorded     {_MODES[graph.mode]}, in {mode} mode")
    return [*lines, *(f"note         {note}" for note in (*graph.notes, *facts.remarks))]


def _totals(facts: Facts) -> list[str]:
    count, batch = facts.parameters, facts.graph.batch
    examples = "one example" if batch == 1 else f"{batch} examples"
    return [
        f"parameters   {number(count.total)}, {number(count.trainable)} trainable, {size(count.bytes)}",
        f"MACs         {number(facts.macs)} forward, {number(facts.backward_macs)} backward, for one example "
        f"({number(facts.flops)} FLOPs forward)",
        f"saved        {size(facts.saved_bytes)} for the backward pass of {examples}",
    ]


def _seen(facts: Facts, depth: int | None) -> list[str]:
    """Explain the marks in the receptive fields, where there are any, and name what is never read."""
    shown = [group.last for group in collapse(facts.tree, depth)]
    texts = [facts.sees(row) for row in shown]
    lines = []
    if any("/" in text for text in texts):
        lines.append(
            "a /b c       each output sees a input positions along an axis; the next output sees those b "
            "further on, and the first begins at c"
        )
    if any("∘" in text.replace("∘?", "") for text in texts):
        lines.append("∘n           n positions inside the field are not read: gaps of dilation or stride")
    if any("∘?" in text for text in texts):
        lines.append(
            f"∘?           there may be holes: axes of more than {LONGEST:,} positions are not searched"
        )
    if any(facts.sees_with_norms(row) for row in shown):
        lines.append(f"{STRICT}            {_with_norms(facts)}")
    for unread in facts.unread:
        of = f"of input {unread.input}: " if len(facts.graph.inputs) > 1 else ""
        lines.append(f"never read   {of}{unread.text()}")
    return lines


def _with_norms(facts: Facts) -> str:
    """Say which norms enlarge the receptive field, and what the output then sees."""
    graph = facts.graph
    norms = [graph.ops[index] for index in sorted(counting(graph, evaluated=True))]
    layers = list(dict.fromkeys(op.module or op.name for op in norms))
    more = f" and {len(layers) - 1} more" if len(layers) > 1 else ""
    strict = facts.sees_with_norms(facts.tree)
    output = f", the output then sees {strict}" if strict else ""
    return f"sees more through the statistics that norms take (`{layers[0]}`{more}){output}"


def _dominating(facts: Facts) -> list[tuple[str, str]]:
    """Return the rows that hold most of the weights, of the MACs and of the memory."""
    quantities: dict[str, Callable[[Row], int]] = {
        "weights": lambda row: row.params,
        "MACs": lambda row: row.macs,
        "memory": lambda row: row.saved,
    }
    holders = [(what, _largest(facts.tree, quantity)) for what, quantity in quantities.items()]
    return [(what, where) for what, where in holders if where]


def _largest(whole: Row, quantity: Callable[[Row], int]) -> str:
    """Name the smallest row that holds half of a quantity, or the three largest rows in a wrapper."""
    total, row = quantity(whole), whole
    while row.children:
        largest = max(row.children, key=quantity)
        if not total or 2 * quantity(largest) < total:
            break
        row = largest
    wraps = row.children and _WRAPS * quantity(row) >= total
    top = sorted(row.children, key=quantity, reverse=True)[:3] if wraps else [row]
    shares = [(r.path.lstrip(":"), quantity(r)) for r in top]
    return ", ".join(f"{path} {100 * share / total:.0f} %" for path, share in shares if total and share)
