"""The result of a prediction: rows in the order of the files, as a table, as JSON and for a notebook."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from netwright.data.kinds import Targets
from netwright.prediction.journal import TABLE
from netwright.prediction.rows import Row
from netwright.prediction.work import Skipped

SHOWN = 20
"""The rows of a table that is printed."""


@dataclass(frozen=True, eq=False)
class Predictions(Sequence[Row]):
    """The predictions for files or arrays: a sequence of rows.

    Args:
        rows: One row for each input, in their order; those of files that were left out are missing.
        header: The names of the columns of the table.
        out: The folder of the results; None where nothing was written.
        targets: For arrays, what the outputs stand for, by kind: classes int64 [n] or masks of class indices;
            empty for files, whose results are in `out`.
        skipped: The files that could not be read, and why.
        earlier: How many of the rows were finished by an earlier call.
        seconds: The time that the others took.
    """

    rows: Sequence[Row]
    header: tuple[str, ...]
    out: Path | None = None
    targets: Targets = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    earlier: int = 0
    seconds: float = 0.0

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __getitem__(self, number: Any) -> Any:
        return self.rows[number]

    def facts(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "out": None if self.out is None else str(self.out),
            "files": [row.facts() for row in self.rows],
            "skipped": [{"file": str(each.file.path), "reason": each.reason} for each in self.skipped],
            "earlier": self.earlier,
            "seconds": self.seconds,
        }

    @property
    def remarks(self) -> list[str]:
        """What a person should know: which files were left out, and why masks are inexact."""
        said = Counter(note for row in self.rows for note in row.remarks)
        lines = [str(each) for each in self.skipped]
        return lines + [f"{note} ({count:,} file{'s' * (count > 1)})" for note, count in said.items()]

    @property
    def summary(self) -> str:
        """How many files were predicted, in what time."""
        new = len(self.rows) - self.earlier
        rate = f", {new / self.seconds:,.1f} files/s" if self.seconds and new else ""
        parts = [f"{new:,} file{'s' * (new != 1)} in {self.seconds:.1f} s{rate}"]
        parts += [f"{self.earlier:,} finished before"] if self.earlier else []
        parts += [f"{len(self.skipped):,} left out"] if self.skipped else []
        parts += [f"table in {self.out / TABLE}"] if self.out is not None else []
        return "; ".join(parts)

    def __str__(self) -> str:
        lines = [row.line() for row in self.rows[:SHOWN]]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        if len(self.rows) > SHOWN:
            table.append(f"... and {len(self.rows) - SHOWN:,} more")
        return "\n".join([*table, self.summary])

    def _repr_html_(self) -> str:
        """Return the first rows as a table for a notebook."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.header)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row.cells())}</tr>"
            for row in self.rows[:SHOWN]
        )
        return f"<table><tr>{head}</tr>{body}</table><p>{escape(self.summary)}</p>"
