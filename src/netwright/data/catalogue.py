"""All tasks: ours, one in each file of `netwright.data.tasks`, and those of other installed packages."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache, partial
from importlib import import_module
from inspect import isclass, signature
from pkgutil import iter_modules
from typing import Any, cast

import netwright.data.tasks
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import USER_ERRORS, RecipeError
from netwright.plugins import Plugin, accept

PARTS = (
    *("name", "needs", "monitor", "trivial", "pipeline"),
    *("from_data", "from_settings", "settings", "outputs", "check"),
    *("encode", "loss", "metrics", "details", "ideal", "decode", "baseline", "draw", "write"),
)
"""What the class of a task must have."""


@cache
def tasks() -> Mapping[str, type[Task]]:
    """Return every task by its name, ours first.

    A task of another package that lacks a part of the protocol is reported by a `PluginWarning` and left out.
    """
    known: dict[str, type[Task]] = {}
    for file in iter_modules(netwright.data.tasks.__path__):
        task = import_module(f"netwright.data.tasks.{file.name}").TASK
        known[task.name] = task
    accept("tasks", partial(_add, known))
    return known


def choose(data: Data, name: str | None = None, **options: Any) -> Task:
    """Return the task that fits the targets of the data; one of another package only where none of ours does.

    Args:
        data: The data.
        name: The task, where the targets fit several.
        options: Options of the task, such as `loss`.

    Raises:
        RecipeError: No task fits, several do and none was named, or the task has no such option.
    """
    if name is not None and name not in tasks():
        near = get_close_matches(name, tasks(), n=3, cutoff=0.4) or list(tasks())
        raise RecipeError(f"there is no task called `{name}`; there are {', '.join(near)}.")
    fitting = [known for known, task in tasks().items() if set(task.needs.values()) <= data.kinds]
    kinds = ", ".join(sorted(data.kinds)) or "no targets"
    if name is not None and name not in fitting:
        needed = ", ".join(tasks()[name].needs.values())
        raise RecipeError(f"{name} needs targets of the kind {needed}; {data.name} has {kinds}.")
    if name is None:  # an installed package must not change what a command did without it
        fitting = [known for known in fitting if _ours(tasks()[known])] or fitting
    if name is None and len(fitting) != 1:
        remedy = f"name one of {', '.join(fitting)} by `task`" if fitting else "no task takes these alone"
        raise RecipeError(f"{data.name} has {kinds}; {remedy}.")
    return _made(tasks()[name or fitting[0]], data, options)


def restored(name: str, settings: Mapping[str, Any]) -> Task:
    """Return the task of a run, from what the run stored of it.

    Raises:
        RecipeError: There is no such task here, or the settings are not its own.
    """
    if name not in tasks():
        raise RecipeError(f"there is no task called `{name}`; there are {', '.join(tasks())}.")
    try:
        return tasks()[name].from_settings(settings)
    except USER_ERRORS as error:
        raise RecipeError(f"the settings of the task {name} cannot be read: {error!r}.") from error


def _made(task: type[Task], data: Data, options: Mapping[str, Any]) -> Task:
    known = [name for name in signature(task.from_data).parameters if name != "data"]
    if unknown := [name for name in options if name not in known]:
        has = f"it has {', '.join(f'`{name}`' for name in known)}" if known else "it has none"
        raise RecipeError(f"`{unknown[0]}` (={options[unknown[0]]}) is not an option of {task.name}; {has}.")
    return task.from_data(data, **options)


def _ours(task: type[Task]) -> bool:
    return task.__module__.startswith("netwright.")


def _add(known: dict[str, type[Task]], plugin: Plugin) -> None:
    """Add the task of another package; raise what keeps it out."""
    if not isclass(plugin.value):
        raise TypeError(f"{plugin.value!r} is not a class; the entry point must name the class of a task")
    if missing := [name for name in PARTS if not hasattr(plugin.value, name)]:
        raise TypeError(f"`{plugin.value.__qualname__}` has no `{missing[0]}`, which every task has")
    task = cast("type[Task]", plugin.value)
    if task.name in known:
        raise ValueError(f"there is a task called `{task.name}` already")
    known[task.name] = task
