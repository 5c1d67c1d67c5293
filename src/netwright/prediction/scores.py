"""The result of an evaluation, and its views: a table for people, JSON for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from html import escape
from math import isfinite
from pathlib import Path
from typing import Any

from netwright.data.scale import Scale
from netwright.training.baseline import Baseline
from netwright.training.bootstrap import Interval

SHOWN = 10
"""So many of the most frequent confusions are listed."""

Row = tuple[str, ...]


@dataclass(frozen=True)
class ClassScores:
    """The scores of one class.

    Args:
        name: The class.
        count: How many examples, or positions of masks, are of this class.
        scores: Its scores by name, such as "error"; one without a value is missing.
    """

    name: str
    count: int
    scores: Mapping[str, Interval]


@dataclass(frozen=True)
class Confused:
    """How often one class was taken for another.

    Args:
        true: The class in the data.
        predicted: The class that was given instead.
        count: How many of the examples, or positions.
        of: How many there are of the true class.
    """

    true: str
    predicted: str
    count: int
    of: int


@dataclass(frozen=True)
class Worst:
    """One of the worst examples, which was drawn.

    Args:
        file: The picture, relative to the folder of the evaluation.
        example: Its number in the split.
        source: Where it comes from; empty where that is not known.
        value: The monitored metric of this example by itself; NaN where it has none, and the loss chose it.
        loss: The loss of this example by itself.
        true: Its class; None where the target is not one class for an example.
        predicted: The class that was predicted.
        part: Whether the picture shows only a tile of it.
    """

    file: str
    example: int
    source: str
    value: float
    loss: float
    true: str | None = None
    predicted: str | None = None
    part: bool = False


@dataclass(frozen=True)
class Scores:
    """The result of an evaluation; print it, or take `to_json()`.

    Args:
        name: What was evaluated.
        run: The folder of the run, the first one of several.
        epoch: The epoch of its weights; None where several runs vote.
        data: The name of the data.
        digest: What identifies its content.
        part: The split.
        examples: How many examples it has.
        monitor: The metric by which the worst examples were chosen.
        loss: The mean loss.
        metrics: Each metric of the task, with its 95 % interval over examples.
        scales: How each metric is written and judged.
        baseline: The trivial answer on this split.
        over: What was resampled for the intervals.
        details: Further scores of the whole split.
        classes: The scores of each class.
        unit: What the counts of classes count: "examples" or "positions".
        confusions: Which classes were taken for which others, the most frequent first.
        notes: What a reader must know of the numbers.
        worst: The worst examples, the worst first.
        folder: The folder that holds their pictures and these scores as JSON; None where nothing was written.
    """

    name: str
    run: Path
    epoch: int | None
    data: str
    digest: str
    part: str
    examples: int
    monitor: str
    loss: float
    metrics: Mapping[str, Interval]
    scales: Mapping[str, Scale]
    baseline: Baseline
    over: str
    details: Mapping[str, Interval]
    classes: Sequence[ClassScores]
    unit: str
    confusions: Sequence[Confused]
    notes: Sequence[str] = ()
    worst: Sequence[Worst] = ()
    folder: Path | None = None

    def __getitem__(self, name: str) -> float:
        """Return the value of a metric, or the loss."""
        return self.loss if name == "loss" else self.metrics[name].value

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values; a number that is not finite is None."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"format": 1} | _plain(values)

    def table(self) -> list[Row]:
        """Return each metric as a row of cells, under a row of headings."""
        rows: list[Row] = [("metric", "value", "95 % interval", "baseline")]
        for name, found in self.metrics.items():
            scale, trivial = self.scales[name], self.baseline.values.get(name)
            rows.append(
                (scale.title, *_cells(found, scale), "" if trivial is None else scale.number(trivial))
            )
        rows += [(_titled(name), *_cells(found, Scale()), "") for name, found in self.details.items()]
        return [*rows, ("loss", Scale().number(self.loss), "", "")]

    def by_class(self) -> list[Row]:
        """Return the scores of each class as a row of cells, under a row of headings."""
        names = list(dict.fromkeys(name for each in self.classes for name in each.scores))
        scales = {name: self.scales.get(name, Scale(label=_titled(name))) for name in names}
        headings = [cell for name in names for cell in (scales[name].title, "95 % interval")]
        rows: list[Row] = [("class", self.unit, *headings)]
        for each in self.classes:
            cells = (
                cell
                for name in names
                for cell in (_cells(each.scores[name], scales[name]) if name in each.scores else ("", ""))
            )
            rows.append((each.name, f"{each.count:,}", *cells))
        return rows

    def confused(self) -> list[Row]:
        """Return the most frequent confusions as rows of cells, under a row of headings."""
        rows: list[Row] = [("class", "taken for", self.unit, "of the class")]
        for each in self.confusions[:SHOWN]:
            rows.append((each.true, each.predicted, f"{each.count:,}", f"{each.count / each.of:.1%}"))
        return rows

    def lines(self) -> list[str]:
        """Return what is said below the tables."""
        lines = []
        if self.folder and self.worst:
            lines.append(f"the worst examples: {self.folder / 'worst.png'}")
        return lines + [f"note: {note}" for note in self.notes]

    def __str__(self) -> str:
        below = f"intervals over {self.over}; baseline: {self.baseline.answer}"
        parts = [[self._title(), *_aligned(self.table()), below]]
        parts += [_aligned(rows) for rows in (self.by_class(), self.confused()) if len(rows) > 1]
        return "\n\n".join("\n".join(part) for part in [*parts, self.lines()] if part)

    def _repr_html_(self) -> str:
        """Return the tables for a notebook."""
        tables = "".join(
            _html(rows) for rows in (self.table(), self.by_class(), self.confused()) if len(rows) > 1
        )
        below = "".join(f"<p>{escape(line)}</p>" for line in (f"intervals over {self.over}", *self.lines()))
        return f"<p>{escape(self._title())}</p>{tables}{below}"

    def _title(self) -> str:
        count = "1 example" if self.examples == 1 else f"{self.examples:,} examples"
        epoch = f" after epoch {self.epoch}" if self.epoch else ""
        return f"{self.name}{epoch} on the {self.part} split of {self.data}, {count}"


def _titled(name: str) -> str:
    return name.replace("_", " ")


def _cells(found: Interval, scale: Scale) -> tuple[str, str]:
    """Return a value and its interval as text."""
    if found.low is None or found.high is None:
        return scale.number(found.value), ""
    return scale.number(found.value), f"{scale.number(found.low)} to {scale.number(found.high)}"


def _aligned(rows: Sequence[Row]) -> list[str]:
    """Return rows of cells as lines, the first column to the left and the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    ]


def _html(rows: Sequence[Row]) -> str:
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _plain(value: Any) -> Any:
    """Return dataclasses, paths and numbers as JSON values."""
    if isinstance(value, Interval | ClassScores | Confused | Worst | Scale | Baseline):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value
