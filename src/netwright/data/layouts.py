"""The layouts of data sets on disk, and the choice of the one that a folder has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import netwright.data.sources
from netwright.data.reading import Reading
from netwright.data.stored import Stored
from netwright.errors import DataError
from netwright.plugins import Plugin, accept

LAST = "folders"  # any folder of folders with images looks like classes, so every other layout goes first


@dataclass(frozen=True)
class Source:
    """One layout: its name, how it is recognised and read, and the tasks that it has targets for."""

    name: str
    matches: Callable[[Path], str]
    stored: Callable[[Path, Reading], Stored]
    tasks: tuple[str, ...]


@cache
def sources() -> Mapping[str, Source]:
    """Return every layout by its name: ours, one in each file of `netwright.data.sources`, then others.

    A source of another package that lacks a function is reported by a `PluginWarning` and left out.
    """
    known: dict[str, Source] = {}
    for file in iter_modules(netwright.data.sources.__path__):
        known[file.name] = _source(file.name, import_module(f"netwright.data.sources.{file.name}"))
    accept("sources", partial(_add, known))
    return known


def recognised(path: Path, reading: Reading) -> Stored:
    """Return the data set in a folder or a file.

    Raises:
        DataError: No layout fits (the message says what each one misses), several do, or the one that does
            finds a fault.
    """
    chosen = _choice(path, reading)
    try:
        return chosen.stored(path, reading)
    except OSError as error:
        raise DataError(f"`{path}` cannot be read: {error}.") from error


def _choice(path: Path, reading: Reading) -> Source:
    known = _fitting_task(reading.task)
    if reading.layout:
        if reading.layout not in sources():
            near = get_close_matches(reading.layout, sources(), n=3, cutoff=0.6) or list(sources())
            raise DataError(f"there is no layout called `{reading.layout}`; there are {', '.join(near)}.")
        known = {reading.layout: sources()[reading.layout]}
    try:
        reasons = {name: source.matches(path) for name, source in known.items()}
    except OSError as error:
        raise DataError(f"`{path}` cannot be read: {error}.") from error
    fitting = [name for name, reason in reasons.items() if not reason]
    if len(fitting) > 1:
        fitting = [name for name in fitting if name != LAST]
    if not fitting and reading.layout:
        raise DataError(f"`{path}` is not laid out as {reading.layout}: {reasons[reading.layout]}.")
    if not fitting:
        lines = "\n".join(f"  {name}: {reason}" for name, reason in reasons.items())
        raise DataError(f"`{path}` has no layout that is known:\n{lines}")
    if len(fitting) > 1:
        choices = ", ".join(f"{name} ({', '.join(known[name].tasks)})" for name in fitting)
        raise DataError(f"`{path}` fits several layouts, {choices}; name one by --layout (or --task).")
    return known[fitting[0]]


def _fitting_task(task: str) -> dict[str, Source]:
    """Return the layouts that have targets for a task; all where none is named, or none has any."""
    fitting = {name: source for name, source in sources().items() if task in source.tasks}
    return fitting or dict(sources())


def _source(name: str, module: Any) -> Source:
    return Source(name, module.matches, module.stored, tuple(module.TASKS))


def _add(known: dict[str, Source], plugin: Plugin) -> None:
    """Add the source of another package; raise what keeps it out."""
    if plugin.name in known:
        raise ValueError(f"there is a layout called `{plugin.name}` already")
    known[plugin.name] = _source(plugin.name, plugin.value)
