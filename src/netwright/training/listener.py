"""The events of a training, and the listeners that receive them.

A listener is a function of one event. Installed listeners are asked for by name: ours are `mlflow` and
`trackio`, and another package adds its own through the entry points `netwright.listeners`, each of which
names a class or function without arguments that returns a listener for one run.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from warnings import warn

from netwright.errors import DivergenceError, UsageError
from netwright.plugins import PluginWarning, plugins
from netwright.trace.usercode import UserCode, format_error
from netwright.training import randomness

Listener = Callable[[Any], None]
Maker = Callable[[Any, Any], Listener]
"""Returns a listener for the `Job` and the `Data` of a training."""

OURS = ("mlflow", "trackio")
"""Our own listeners: each is the class `Listener` of the file of that name, and needs that extra."""


@dataclass(frozen=True)
class Started:
    """Training starts, or resumes after `step` of `total` steps; an epoch has `batches` steps.

    `folder` is the run's folder, `about` the content of its `run.json`, and `rows` are the epochs so far.
    """

    step: int
    total: int
    batches: int
    folder: Path
    about: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class StepDone:
    """One optimizer step was taken, with the learning rate `lr`.

    `loss` is the last known one (an accelerator is not asked after every step). The `last` step of an epoch
    is followed by the evaluation, and its `EpochDone` is the place to save.
    """

    step: int
    epoch: int
    batch: int
    lr: float
    loss: float | None
    last: bool


@dataclass(frozen=True)
class EpochDone:
    """An epoch was trained and evaluated; `row` is its line in `metrics.jsonl`."""

    row: dict[str, Any]


@dataclass(frozen=True)
class Diverged:
    """The loss of the split `part` was `loss` at `step`, which was taken with the learning rate `lr`."""

    step: int
    lr: float
    part: str
    loss: float


@dataclass(frozen=True)
class Ended:
    """Nothing follows: the run is "finished", "diverged", "interrupted" or, after another error, "failed"."""

    state: str


Event = Started | StepDone | EpochDone | Diverged | Ended


class Listeners:
    """Passes every event on to each listener, and at the end of the context how the body ended.

    A function that the caller gave may stop the run by raising an error; it receives the events of its own
    process. An installed listener receives those of the first process, and can neither stop nor change the
    run: when it raises, it is left out with one warning; random numbers that it draws do not affect the run,
    and what it prints goes to standard error.

    Args:
        listeners: Functions, and names of installed listeners.
        makers: What returns further listeners when the training is prepared.

    Raises:
        UsageError: No listener has that name, or the package that it needs is not installed.
    """

    def __init__(self, listeners: Sequence[str | Listener], makers: Sequence[Maker] = ()):
        if isinstance(listeners, str) or not all(
            isinstance(each, str) or callable(each) for each in listeners
        ):
            raise UsageError(
                f'`listeners` (={listeners!r}) must be a list of functions and names, as in ["mlflow"].'
            )
        self.makers = makers
        self.own = [listener for listener in listeners if not isinstance(listener, str)]
        names = [name for name in listeners if isinstance(name, str)]
        self.installed = {name: _installed(name) for name in names if first_process()}

    def __call__(self, event: object) -> None:
        """Pass one event to each listener."""
        for name, listener in list(self.installed.items()):
            with randomness.scoped(), redirect_stdout(sys.stderr), UserCode() as caught:
                listener(event)
            if caught.error is not None:
                del self.installed[name]
                warn(
                    f"the listener `{name}` is left out from here on: {format_error(caught.error)}",
                    PluginWarning,
                    stacklevel=2,
                )
        for listener in self.own:
            listener(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        states = {DivergenceError: "diverged", KeyboardInterrupt: "interrupted"}
        self(Ended("finished" if kind is None else states.get(kind, "failed")))


def first_process() -> bool:
    """Return whether this is the only process, or the first of those that torchrun started."""
    return os.environ.get("RANK", "0") == "0"


def _installed(name: str) -> Listener:
    if name in OURS:
        if find_spec(name) is None:
            raise UsageError(f"the listener `{name}` is not installed: pip install netwright[{name}]")
        return import_module(f"netwright.training.{name}").Listener()
    added = {plugin.name: plugin.value for plugin in plugins("listeners")}
    if name not in added:
        raise UsageError(f"there is no listener called `{name}`; there are {', '.join([*OURS, *added])}.")
    return added[name]()
