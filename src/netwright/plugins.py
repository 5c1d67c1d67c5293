"""Objects that other installed packages add to Netwright through entry points.

A package names its objects in its `pyproject.toml`:

    [project.entry-points."netwright.rules"]
    ABC101 = "their_package.rules.abc101_tiny_kernel"

The groups are `netwright.rules`, `netwright.models`, `netwright.optimizers`, `netwright.listeners`,
`netwright.sources`, `netwright.tasks` and `netwright.augmentations`. The package of ours that reads a group
says what its objects must be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any
from warnings import warn

from netwright.errors import USER_ERRORS, NetwrightError


class PluginWarning(UserWarning):
    """An installed package offers an object that cannot be used; everything else works without it."""


@dataclass(frozen=True)
class Plugin:
    """One object that an installed package adds: its name, the package (`their-package 1.2`), the object."""

    name: str
    package: str
    value: Any


@cache
def plugins(group: str) -> tuple[Plugin, ...]:
    """Return the objects that installed packages add to `netwright.{group}`, ordered by package and name.

    An entry point that cannot be loaded is reported by one `PluginWarning` and left out.
    """
    points = sorted(entry_points(group=f"netwright.{group}"), key=lambda point: (_package(point), point.name))
    return tuple(
        Plugin(point.name, _package(point), value) for point in points for value in _load(point, group)
    )


def accept(group: str, add: Callable[[Plugin], None]) -> None:
    """Call `add` with each plug-in of a group; one for which `add` raises is reported and left out."""
    for plugin in plugins(group):
        try:
            add(plugin)
        except (*USER_ERRORS, NetwrightError) as error:
            _report(plugin.name, plugin.package, group, error)


def _load(point: EntryPoint, group: str) -> list[Any]:
    try:
        return [point.load()]
    except (*USER_ERRORS, NetwrightError, SyntaxError) as error:
        _report(point.name, _package(point), group, error)
        return []


def _report(name: str, package: str, group: str, error: Exception) -> None:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    warn(f"`{name}` of {package} (netwright.{group}) is left out: {reason}", PluginWarning, stacklevel=3)


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unnamed package"
