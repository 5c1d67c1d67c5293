"""What is known to limit a run, from its data, its network and its scores, one sentence each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netwright.arithmetic.shape import show
from netwright.training.model_card.facts import Facts, Sizes
from netwright.training.model_card.header import dataset
from netwright.training.model_card.markdown import code, plain

if TYPE_CHECKING:
    from netwright.training.result import Run

RARE = 0.01
FEW = 30
"""Fewer test examples than these say little; classes with fewer are named."""
NAMED = 10
"""So many classes are named at most."""


def limits(run: "Run", facts: Facts) -> Iterator[str]:
    """Yield the known limits of a run as Markdown, the most general ones first."""
    if not run.finished:
        yield "The training has not ended: the weights are those of the best epoch so far."
    yield from _against_the_trivial_answer(run, facts)
    yield (
        f"The test examples come from the same data set, {plain(dataset(run.data['name']))}, as the training "
        "examples. On data of another origin the metrics can be worse; measure them before use."
    )
    yield (
        f"This is one training with the seed {run.recipe.seed}. The intervals say how the metrics depend on "
        "the choice of the test examples, and not how they depend on the seed."
    )
    if facts.data:
        yield from _of_test_split(facts, facts.data)
        yield from _of_data(run, facts.data)
    yield from _of_network(run, facts)


def _against_the_trivial_answer(run: "Run", facts: Facts) -> Iterator[str]:
    """Yield a warning where the interval, or else the value, is not better than the trivial answer."""
    trivial = run.baseline.values.get(run.monitor)
    if run.best is None or trivial is None:
        return
    scale = run.measures[run.monitor]
    ends = [run.best["test"][run.monitor]]
    interval = (facts.metrics or {}).get(run.monitor)
    if interval is not None and interval.low is not None and interval.high is not None:
        ends += [interval.low, interval.high]
    if max(map(scale.order, ends)) >= scale.order(trivial):
        yield (
            f"**The {plain(scale.label)} on the test split is not clearly better than that of the trivial "
            f"answer ({plain(run.baseline.answer)}).**"
        )


def _of_test_split(facts: Facts, data: Sizes) -> Iterator[str]:
    over = next(iter(facts.metrics.values())).over if facts.metrics else ""
    if "too narrow" in over:
        yield f"The test split has {plain(over)}."
    elif data.examples["test"] < FEW:
        yield f"The test split has only {_counted(data.examples['test'])}."


def _of_data(run: "Run", data: Sizes) -> Iterator[str]:
    unit = "positions" if "mask" in run.data["kinds"] else "examples"
    if data.skipped:
        yield f"{data.skipped:,} files could not be read and were left out of the data."
    labels = run.data["classes"]
    if not data.classes or any(len(sizes) != len(labels) for sizes in data.classes.values()):
        return
    train, test = data.classes["train"], data.classes["test"]
    rare = [name for name, size in zip(labels, train, strict=True) if size < RARE * sum(train)]
    if rare:
        yield f"Less than 1 % of the training {unit} are of {_names(rare)}."
    least = FEW if unit == "examples" else 1
    few = [name for name, size in zip(labels, test, strict=True) if size < least]
    if few:
        amount = f"fewer than {FEW} test examples" if unit == "examples" else "no test positions"
        each = "each class" if len(few) == len(labels) else _names(few)
        yield f"There are {amount} of {each}, so their scores say little."


def _counted(count: int) -> str:
    return "1 example" if count == 1 else f"{count:,} examples"


def _names(labels: list[str]) -> str:
    """Return the names of classes, of which many are cut short."""
    shown = ", ".join(plain(label) for label in labels[:NAMED])
    more = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
    return f"{'class' if len(labels) == 1 else 'the classes'} {shown}{more}"


def _of_network(run: "Run", facts: Facts) -> Iterator[str]:
    network = facts.network
    if network is None:
        yield "The network was not recorded, so its cost and its faults are not known."
        return
    if network.short:
        side = show(tuple(run.data["input"][1:]))
        yield f"A value of the output sees {plain(network.sees)}, which has {side}."
    if network.tiling:
        yield (
            "Large inputs that are cut into tiles do not give exactly what the whole input gives: "
            f"{plain(network.tiling)}."
        )
    for fault in network.faults:
        yield (
            f"{plain(fault.code)} {plain(fault.name)} ({fault.severity}, at {code(fault.place)}): "
            f"{plain(fault.message)}"
        )
    if not network.faults:
        yield "`netwright check` finds no fault in the network."
