"""`netwright summary`: show what every operation of a network costs and sees, before the first epoch."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from netwright.cli.options import Input, Json, Whole
from netwright.cli.stdout import only_results

if TYPE_CHECKING:
    from netwright.analysis.facts import Facts
    from netwright.analysis.memory import Memory
    from netwright.analysis.summary import Summary


@dataclass(frozen=True)
class View:
    """What the table shows.

    Args:
        depth: levels of the tree that are shown.
        columns: names joined by commas: operation, input, output, parameters, trainable, MACs, FLOPs,
            backward, saved, sees, norms (what it sees with the statistics of norms counted), line. By default
            operation, output, parameters, MACs, saved and sees, as far as the terminal has room.
    """

    depth: int = 3
    columns: str | None = None


def summary(  # noqa: PLR0913  # each is a flag, and a command has no better place for them
    spec: str,
    *,
    input: Input = None,
    batch: int = 1,
    optimizer: str | None = None,
    evaluation: Annotated[bool, Parameter(name="--eval", negative="")] = False,
    view: Annotated[View, Parameter(name="*")] = View(),  # frozen
    whole: Whole = False,
    json: Json = False,
) -> int:
    """Show shapes, parameters, MACs, memory and receptive field of a network.

    Args:
        spec: a registered name, net.py:Net, or package:Net.
        batch: examples in the recorded run; it scales the memory columns.
        optimizer: also estimate the peak memory of a training step with sgd, momentum, adam or adamw.
        evaluation: record the network in evaluation mode instead of the mode in which it is built.
    """
    from netwright.analysis.memory import memory
    from netwright.slicing.loader import whole_files

    with whole_files(whole):
        facts = summarised(spec, input, batch, training=False if evaluation else None)
    needed = memory(facts.graph, optimizer) if optimizer else None
    if json:
        from netwright.analysis.document import json as as_json

        sys.stdout.write(as_json(facts, needed) + "\n")
    else:
        _print(facts, needed, view)
    return 1 if facts.failure else 0


def summarised(spec: str, input: list[str] | None, batch: int, *, training: bool | None = None) -> "Summary":
    """Build the network that a spec names, and record it."""
    from netwright.analysis.summary import summary as summarise
    from netwright.spec import load
    from netwright.trace.inputs import single_shape

    given = inputs(spec, input)
    with only_results():
        net = load(spec, input=single_shape(given) or None)
        return summarise(net, given, batch=batch, training=training, name=spec)


def inputs(spec: str, texts: list[str] | None) -> Any:
    """Return the inputs that were asked for, or the one that a registered network was published with."""
    from netwright.errors import UsageError
    from netwright.models.registry import entries
    from netwright.spec import load, parse
    from netwright.trace.inputs import parse_inputs

    if texts:
        return parse_inputs(texts)
    parsed = parse(spec)
    if parsed.home:
        raise UsageError(f"`{spec}` needs the shape of its input without the batch, as in --input 3x32x32")
    if parsed.name not in entries():
        load(spec)  # raises an error that names the nearest ones
    return entries()[parsed.name].input


def _print(facts: "Facts", needed: "Memory | None", view: View) -> None:
    from rich.console import Console

    from netwright.analysis.table import text

    console = Console(highlight=False)
    names = view.columns.split(",") if view.columns else None
    width = console.width if console.is_terminal else None
    first, *rest = text(facts, names, view.depth, width).splitlines()
    console.print(first, markup=False, soft_wrap=True, style="bold")
    for line in [*rest, *(_memory(needed) if needed else [])]:
        console.print(line, markup=False, soft_wrap=True)


def _memory(needed: "Memory") -> list[str]:
    from netwright.analysis.words import size

    parts = {
        "weights": needed.weights + needed.buffers,
        "gradients": needed.gradients,
        f"{needed.optimizer}": needed.state,
        "saved": needed.saved,
    }
    listed = ", ".join(f"{name} {size(value)}" for name, value in parts.items())
    examples = "one example" if needed.batch == 1 else f"{needed.batch} examples"
    return [f"training     about {size(needed.peak)} at the peak of a step on {examples}: {listed}"]
