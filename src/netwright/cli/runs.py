"""`netwright runs`: the runs in a folder, one line each."""

import csv
import sys
from collections.abc import Sequence
from io import StringIO
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from netwright.cli.options import Json
from netwright.errors import RunError, UsageError

if TYPE_CHECKING:
    from netwright.training.listing import Row

FLAG = Parameter(negative="")
COLUMNS = ("run", "spec", "data", "state", "done", "epoch", "params")
RIGHT = {"done", "epoch", "params", "time"}


def runs(
    folder: Path = Path("runs"),
    /,
    *,
    where: Annotated[list[str] | None, Parameter(negative="")] = None,
    sort: str = "",
    reverse: Annotated[bool, FLAG] = False,
    top: int | None = None,
    out: Path | None = None,
    json: Json = False,
) -> None:
    """List the runs in a folder and in the folders below it, the best by validation first.

    Fields are those of the table, the options of the recipe (`lr`), and the metrics of the best epoch
    (`valid.error`, `test.error`). The table shows the options in which the runs differ.

    Args:
        folder: Where to look; a study is such a folder.
        where: Only runs for which this comparison holds, as in "lr > 0.05"; repeat it for several.
        sort: The field to sort by; by default the metric that chooses the best epoch, on validation.
        reverse: Sort from the worst, or from the highest.
        top: Only so many runs.
        out: Write all fields to this file as well, whose name ends in .csv, .parquet or .json.
    """
    from netwright.training.listing import ordered
    from netwright.training.where import Condition, known

    if out is not None and out.suffix not in (".csv", ".parquet", ".json"):
        raise UsageError(f"`--out` (={out}) must end in .csv, .parquet or .json.")
    if top is not None and top < 1:
        raise UsageError(f"`--top` (={top}) must be positive.")
    conditions = [Condition.parse(text) for text in where or ()]
    rows = _read(folder)
    names = {name: None for row in rows for name in row.flat()}
    for condition in conditions:
        condition.require(names)
    if sort:
        known(sort, names)
    chosen = [row for row in rows if all(condition.holds(row.flat()) for condition in conditions)]
    chosen = ordered(chosen, sort, reverse=reverse)[:top]
    if out is not None:
        _write(chosen, out)
    sys.stdout.write(_json(chosen) if json else _table(chosen))


def _read(folder: Path) -> list["Row"]:
    """Return the runs in a folder; one that cannot be read is named and left out."""
    from netwright.training.listing import Row, folders

    if not folder.is_dir():
        raise UsageError(f"there is no folder `{folder}`; give the folder that holds the runs.")
    rows = []
    for place in folders(folder):
        try:
            rows.append(Row.read(place, place.relative_to(folder).as_posix()))
        except RunError as error:
            sys.stderr.write(f"left out: {error}\n")
    if not rows:
        raise UsageError(f"`{folder}` holds no run.")
    return rows


def _json(rows: Sequence["Row"]) -> str:
    return dumps([row.to_json() for row in rows], indent=2) + "\n"


def _write(rows: Sequence["Row"], out: Path) -> None:
    """Write all fields of the rows as CSV, parquet or JSON."""
    from netwright.durable import replace, replacing

    names = list({name: None for row in rows for name in row.flat()})
    if out.suffix == ".json":
        replace(out, _json(rows).encode())
    elif out.suffix == ".csv":
        text = StringIO()
        table = csv.DictWriter(text, names, lineterminator="\n")
        table.writeheader()
        table.writerows(row.flat() for row in rows)
        replace(out, text.getvalue().encode())
    else:
        import pyarrow as pa
        from pyarrow import parquet

        columns = {name: _column([row.flat().get(name) for row in rows]) for name in names}
        with replacing(out) as draft:
            parquet.write_table(pa.table(columns), draft)


def _column(values: list[Any]) -> list[Any]:
    """Return the values of a column with one type: as texts where numbers and texts are mixed."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        return [None if value is None else float(value) for value in values] if float in kinds else values
    return values if len(kinds) == 1 else [None if value is None else str(value) for value in values]


def _table(rows: Sequence["Row"]) -> str:
    """Return the table; every column is as wide as its widest cell, so that no text is cut."""
    if not rows:
        return "no run fulfils the conditions\n"
    lines = [_cells(row, rows) for row in rows]
    widths = {name: max(len(name), *(len(line[name]) for line in lines)) for name in lines[0]}
    right = RIGHT | {name for name in lines[0] if name.startswith(("valid ", "test "))}
    shown = [{name: name for name in widths}, *lines]
    return "".join(
        "  ".join(
            line[name].rjust(width) if name in right else line[name].ljust(width)
            for name, width in widths.items()
        ).rstrip()
        + "\n"
        for line in shown
    )


def _cells(row: "Row", rows: Sequence["Row"]) -> dict[str, str]:
    flat = row.flat()
    cells = {name: _text(flat[name]) for name in COLUMNS}
    for monitor in dict.fromkeys(each.monitor for each in rows):
        for part in ("valid", "test"):
            value = getattr(row, part).get(monitor) if row.monitor == monitor else None
            cells[f"{part} {monitor}"] = "" if value is None else row.scale.text(value)
    cells["time"] = f"{row.seconds:.0f} s"
    return cells | {name: _text(flat.get(name, "")) for name in _differing(rows)}


def _differing(rows: Sequence["Row"]) -> list[str]:
    """Return the options of the recipe that are not the same in all rows."""
    options = {name: None for row in rows for name in row.recipe}
    return [name for name in options if len({repr(row.recipe.get(name)) for row in rows}) > 1]


def _text(value: Any) -> str:
    """Return a value on one line, without characters that control a terminal."""
    if value is None or isinstance(value, bool):
        return {None: "-", True: "yes", False: "no"}[value]
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return "".join(each if each.isprintable() else "?" for each in text)
