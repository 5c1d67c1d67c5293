"""The results of a run in its model card: metrics with intervals, scores of each class, and pictures."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from netwright.data.scale import Scale
from netwright.training import pictures
from netwright.training.bootstrap import Interval
from netwright.training.model_card.facts import Facts
from netwright.training.model_card.markdown import Side, fold, plain, table

if TYPE_CHECKING:
    from netwright.training.result import Run

MANY = 30
"""A table of more classes than these is folded."""


def results(run: "Run", facts: Facts) -> str:
    """Return the metrics of the best epoch; say so where no epoch has been evaluated."""
    if run.best is None:
        return "No epoch has been evaluated yet."
    parts = [_metrics(run, run.best, facts.metrics), _below(run, run.best, facts.metrics)]
    return "\n\n".join([*parts, *_classes(run, facts), *_pictures(run)])


def headline(run: "Run", facts: Facts) -> str:
    """Return the monitored metric on the test split in a sentence; empty where there is none."""
    if run.best is None:
        return ""
    scale, value = run.measures[run.monitor], run.best["test"][run.monitor]
    between = within(scale, (facts.metrics or {}).get(run.monitor))
    interval = f" (95 % interval: {between})" if between else ""
    trivial = run.baseline.values.get(run.monitor)
    beside = ""
    if trivial is not None:
        beside = f" The trivial answer ({plain(run.baseline.answer)}) has {plain(scale.text(trivial))}."
    label = plain(scale.label[:1].upper() + scale.label[1:])
    return f"**{label} on the test split: {plain(scale.text(value))}**{interval}.{beside}"


def within(scale: Scale, interval: Interval | None) -> str:
    """Return the ends of an interval; empty where there is none, or where no resample differed.

    >>> within(Scale(unit="%", factor=100), Interval(0.1, 0.08, 0.125, ""))
    '8.00 to 12.50'
    """
    if interval is None or interval.low is None or interval.high is None or interval.low == interval.high:
        return ""
    return f"{scale.number(interval.low)} to {scale.number(interval.high)}"


def _metrics(run: "Run", row: Mapping[str, Any], known: Mapping[str, Interval] | None) -> str:
    rows = []
    for name, scale in run.measures.items():
        trivial = run.baseline.values.get(name)
        test, valid, train = (_number(scale, row[part][name]) for part in ("test", "valid", "train"))
        between = within(scale, (known or {}).get(name))
        beside = "" if trivial is None else _number(scale, trivial)
        rows.append([plain(scale.title), f"**{test}**", between, valid, train, beside])
    header = ["metric", "test", "95 % interval", "validation", "training", "trivial answer"]
    sides: list[Side] = ["left", "right", "right", "right", "right", "right"]
    return table(header, rows, sides)


def _number(scale: Scale, value: float) -> str:
    return scale.number(value) if isfinite(value) else "-"


def _below(run: "Run", row: Mapping[str, Any], known: Mapping[str, Interval] | None) -> str:
    """Say how the numbers of the table came about."""
    scale = run.measures[run.monitor]
    direction = "lower" if scale.lower_is_better else "higher"
    lines = [
        f"The weights are those of epoch {row['epoch']} of {len(run.epochs)}, which has the {scale.best} "
        f"{plain(scale.label)} on the validation split ({direction} is better). The test split had no part "
        "in that choice. The training metrics were taken during the epoch, while the weights changed and the "
        "inputs were augmented.",
    ]
    if known:
        over = next(iter(known.values())).over
        lines.append(f"The intervals are bootstrap percentiles over the test split: {plain(over)}.")
    else:
        lines.append("No intervals were computed: that takes the test split.")
    return " ".join(lines)


def _classes(run: "Run", facts: Facts) -> Iterator[str]:
    """Yield the table of the classes, with their sizes and their scores as far as they are known."""
    labels = run.data["classes"]
    if not labels:
        return
    columns: dict[str, Sequence[str]] = {"": [str(number) for number in range(len(labels))]}
    columns["class"] = [plain(label) for label in labels]
    if run.data["values"]:
        columns["value in files"] = [str(value) for value in run.data["values"]]
    if facts.data and facts.data.classes:
        columns["share of training"] = _shares(facts.data.classes["train"])
        columns[f"test {_unit(run)}"] = [f"{size:,}" for size in facts.data.classes["test"]]
    for name, scores in (facts.classes or {}).items():
        scale = run.measures.get(name, Scale(label=name.replace("_", " "), lower_is_better=False))
        columns[plain(f"{scale.title} (95 % interval)")] = [_score(scale, score) for score in scores]
    sides = ["left" if name == "class" else "right" for name in columns]
    whole = table(list(columns), list(zip(*columns.values(), strict=True)), sides)  # type: ignore[arg-type]
    title = f"The {len(labels)} classes, in the order of the outputs"
    yield fold(title, whole) if len(labels) > MANY else f"{title}:\n\n{whole}"


def _unit(run: "Run") -> str:
    return "positions" if "mask" in run.data["kinds"] else "examples"


def _shares(sizes: Sequence[int]) -> list[str]:
    """Return what share of all each class has.

    >>> _shares([1, 999])
    ['0.1 %', '99.9 %']
    """
    return [f"{100 * size / max(1, sum(sizes)):.1f} %" for size in sizes]


def _score(scale: Scale, score: Interval | None) -> str:
    if score is None:
        return "-"
    between = within(scale, score)
    return f"{_number(scale, score.value)} ({between})" if between else _number(scale, score.value)


def _pictures(run: "Run") -> Iterator[str]:
    """Yield the pictures in the folder of the run, with the example and the metric of each."""
    drawn = [each for each in pictures.read(run.folder) if (run.folder / each.file).is_file()]
    if not drawn:
        return
    scale = run.measures[run.monitor]
    yield "The worst, the median and the best example of the test split: the prediction beside the truth."
    ranks: dict[str, list[pictures.Picture]] = {}
    for each in drawn:  # of a few examples one may be both the worst and the median
        ranks.setdefault(f"{each.name}, {scale.label} {scale.text(each.value)}", []).append(each)
    for name, alike in ranks.items():
        title = plain(f"{' and '.join(each.rank for each in alike).capitalize()}: {name}")
        yield f"![{title}]({alike[0].file.as_posix()})\n\n{title}"
