"""The settings of a project, in `[tool.netwright]` of the nearest `pyproject.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netwright.errors import UsageError

KEYS = ("baseline", "ignore", "input", "select")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project; the options of a command take precedence over them."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    input: tuple[str, ...] = ()
    baseline: str | None = None


def load(folder: Path) -> Config:
    """Return the `[tool.netwright]` of the nearest `pyproject.toml` that has one, in `folder` or above it.

    Raises:
        UsageError: The file is not TOML, or a key is unknown or of the wrong type.
    """
    for above in (folder.resolve(), *folder.resolve().parents):
        path = above / "pyproject.toml"
        if path.is_file():
            table = _table(path)
            if table is not None:
                return _read(table, path)
    return Config()


def _table(path: Path) -> Mapping[str, Any] | None:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("netwright")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise UsageError(f"`{path}` cannot be read: {error}.") from error
    if table is not None and not isinstance(table, dict):
        raise UsageError(
            f"`netwright` (={table!r}) under `[tool]` in {path} must be a table, `[tool.netwright]`."
        )
    return table


def _read(table: Mapping[str, Any], path: Path) -> Config:
    for key, value in table.items():
        if key not in KEYS:
            raise UsageError(
                f"`[tool.netwright]` in {path} has the unknown key `{key}`; the keys are {', '.join(KEYS)}."
            )
        if not _fits(key, value):
            raise UsageError(f"`{key}` (={value!r}) of `[tool.netwright]` in {path} must be {_WANTED[key]}.")
    baseline, given = table.get("baseline"), table.get("input", ())
    return Config(
        tuple(code.upper() for code in table.get("select", ())),
        tuple(code.upper() for code in table.get("ignore", ())),
        tuple([given] if isinstance(given, str) else given),
        str(path.parent / baseline) if baseline else None,
    )


_WANTED = {
    "select": 'a list of codes, as in ["NW3"]',
    "ignore": 'a list of codes, as in ["NW3"]',
    "input": 'a shape, as in "3x32x32", or a list of them',
    "baseline": "a text",
}


def _fits(key: str, value: Any) -> bool:
    listed = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return listed if key in ("select", "ignore") else isinstance(value, str) or (key == "input" and listed)
