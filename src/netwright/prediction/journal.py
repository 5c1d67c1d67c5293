"""The folder of predictions, which a later call goes on with.

predictions.json    which run made them, with which weights and options
predictions.jsonl   a line for each finished file, written when all of its results are on the disk
predictions.csv     the table of all lines, written at the end of every call
"""

import csv
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from netwright import durable
from netwright.errors import RunError
from netwright.prediction.inputs import RESULTS, Input
from netwright.prediction.rows import Row, RowType
from netwright.prediction.work import Done

ABOUT, LINES, TABLE = RESULTS, "predictions.jsonl", "predictions.csv"
FORMAT = 1


class Line(TypedDict):
    """A line of the journal: the file, by its path and the stamp that changes with it, and its row."""

    source: str
    stamp: str
    row: dict[str, Any]


@dataclass
class Journal:
    """The finished files of a folder; only the process that has opened it may write."""

    folder: Path
    _known: dict[str, tuple[Line, Row]] = field(default_factory=dict)

    def finished(self, file: Input) -> Row | None:
        """Return the row of a file that is finished and has not changed since; None for every other.

        Raises:
            RunError: The folder holds the prediction for another file of that name.
        """
        if file.name not in self._known:
            return None
        line, row = self._known[file.name]
        if line["source"] != _source(file):
            raise RunError(
                f"`{self.folder}` holds the prediction for `{line['source']}` under the name `{file.name}`, "
                f"which is that of `{file.path}`; give another folder."
            )
        if line["stamp"] == file.stamp() and all((self.folder / name).exists() for name in row.files):
            return row
        del self._known[file.name]
        return None

    def add(self, done: Sequence[Done]) -> None:
        """Append files whose results are on the disk."""
        lines: list[tuple[Line, Row]] = [
            ({"source": _source(each.file), "stamp": each.stamp, "row": each.row.facts()}, each.row)
            for each in done
        ]
        with (self.folder / LINES).open("ab") as journal:
            journal.write("".join(json.dumps(line) + "\n" for line, _ in lines).encode())
            journal.flush()
            os.fsync(journal.fileno())
        self._known |= {row.file: (line, row) for line, row in lines}

    def rows(self, names: Sequence[str]) -> list[Row]:
        """Return the rows of those of these files that are finished."""
        return [self._known[name][1] for name in names if name in self._known]

    def write(self, header: Sequence[str], order: Sequence[str]) -> None:
        """Write the table: the files of `order` in that order, after the others of earlier calls."""
        last = set(order)
        rows = self.rows([*(name for name in self._known if name not in last), *order])
        text = StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([header, *(row.cells() for row in rows)])
        durable.replace(self.folder / TABLE, text.getvalue().encode("utf-8", "surrogateescape"))


@contextmanager
def opened(folder: Path, about: Mapping[str, Any], row: RowType) -> Iterator[Journal]:
    """Yield the journal of a folder, which is created; no other process may write to it meanwhile.

    Args:
        folder: The folder.
        about: The run, its weights and the options, which must be those of the earlier calls.
        row: What the rows are.

    Raises:
        RunError: The folder holds something else, or predictions of another run or with other options, or
            another process writes to it.
    """
    with durable.claimed(folder, ABOUT, "prediction"):
        for draft in folder.rglob(".*.partial"):  # zarr stores of a killed process; they are folders
            shutil.rmtree(draft)
        path = folder / ABOUT
        begun = (folder / LINES).exists()
        if path.exists():
            _same(path, about, begun=begun)
        if not begun or not path.exists():
            durable.replace(path, (json.dumps({"format": FORMAT, **about}, indent=2) + "\n").encode())
        yield Journal(folder, _lines(folder / LINES, row))


def _source(file: Input) -> str:
    return os.path.abspath(file.path)


def _same(path: Path, about: Mapping[str, Any], *, begun: bool) -> None:
    """Refuse a folder whose predictions were made otherwise; before the first one, any options are taken."""
    try:
        known = TypeAdapter(dict[str, Any]).validate_json(durable.read(path))
    except (OSError, ValidationError) as error:
        raise RunError(f"`{path}` does not describe predictions; give another folder.") from error
    if known.get("format") != FORMAT:
        raise RunError(f"`{path}` has format {known.get('format')}; this version reads format {FORMAT}.")
    reasons = [
        f"{key} (={_short(value)}) was {_short(known.get(key))}"
        for key, value in about.items()
        if begun and value != known.get(key)
    ]
    if reasons:
        raise RunError(
            f"`{path.parent}` holds other predictions: {'; '.join(reasons)}. Give another folder, or remove "
            "this one."
        )


def _short(value: Any) -> str:
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:12]}..."


def _lines(path: Path, row: RowType) -> dict[str, tuple[Line, Row]]:
    """Return the lines of a journal by the names of their files, and cut off an incomplete last one."""
    content = durable.read(path) if path.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("rb+") as journal:
            journal.truncate(len(whole))
            os.fsync(journal.fileno())
    lines: dict[str, tuple[Line, Row]] = {}
    for number, text in enumerate(whole.splitlines(), 1):
        try:
            # json, because pydantic refuses the names of files that are not UTF-8
            line = TypeAdapter(Line).validate_python(json.loads(text))
            made = row.of(line["row"])
        except (ValueError, RecursionError) as error:
            raise RunError(f"line {number} of `{path}` is damaged; remove the line.") from error
        lines[made.file] = (line, made)
    return lines
