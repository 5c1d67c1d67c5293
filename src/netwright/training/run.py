"""One training in one folder: `train` prepares it and combines the loop with saving and listeners."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from torch import nn

from netwright.data.catalogue import choose
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import RecipeError, RunError
from netwright.training import randomness
from netwright.training.card import Card
from netwright.training.fastest import fastest, left_open
from netwright.training.folder import Folder, newest, numbered
from netwright.training.job import launch
from netwright.training.listener import Listener, Listeners, first_process
from netwright.training.output import input_shape
from netwright.training.pictures import Pictures
from netwright.training.planned import PLANNED, Comparison, filled, kept, peak_of, planned, unplanned
from netwright.training.preparation import Training, network
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.runner import Runner
from netwright.training.tensorboard import TensorBoard

RUNS = Path("runs")


def train(
    net: nn.Module | str,
    data: Data | str,
    recipe: Recipe | None = None,
    *,
    out: str | Path | None = None,
    task: Task | str | None = None,
    resume: bool = False,
    listeners: Sequence[str | Listener] = (),
) -> Run:
    """Train `net` on `data` in the folder `out`.

    Where every position of an example has a target and the recipe gives neither patch nor batch, the largest
    ones are planned that fit into 0.9 of the free memory; see `netwright.design.plan`.

    Args:
        net: A spec, which is built after seeding so that the recipe's seed decides its weights; or a module,
            which is trained in place.
        data: A name for `netwright.Data.load`, or the data.
        recipe: How to train; the standard recipe by default.
        out: A new or empty folder; by default `runs/SPEC-DATA-N` with the next free number, which is written
            to standard error.
        task: What the network is for: a name, or the task itself; without it, the one that the targets fit.
        resume: Go on from the last checkpoint in `out`. In an empty folder a run starts; a finished run is
            read.
        listeners: Functions that are called with every event, after it was saved, and names of installed
            listeners: "mlflow", "trackio" or those of plug-ins. The run does not depend on installed ones.

    Raises:
        RunError: The folder is in use, or it holds something else, a finished run, or one of other settings.
        CheckpointError: The checkpoint is damaged; the folder stays as it was.
        DivergenceError: The loss is no longer a finite number.
    """
    if not isinstance(recipe, Recipe | None):
        raise RecipeError(f"`recipe` (={recipe!r}) must be a Recipe, as in Recipe.preset('he2015').")
    if isinstance(data, str):
        data = Data.load(data)
    if out is None and resume:
        raise _which(_words(net, data))
    notify = Listeners(listeners, [Pictures, Card])
    begun = Path(out) if out and resume else None
    recipe, comparison = _planned(net, data, recipe or Recipe(), task, begun)
    recipe = _settled(net, data, recipe, task, begun)
    if comparison is not None:
        notify.own.insert(0, comparison)
    return conduct(net, data, recipe, out=out, task=task, resume=resume, listeners=notify)


def conduct(
    net: nn.Module | str,
    data: Data,
    recipe: Recipe,
    *,
    out: str | Path | None,
    task: Task | str | None,
    resume: bool,
    listeners: Listeners,
) -> Run:
    """Train as `train` does, but plan and time nothing: an open recipe means the same on every machine.

    Args:
        net: As for `train`.
        data: The data.
        recipe: How to train.
        out: As for `train`.
        task: As for `train`.
        resume: As for `train`.
        listeners: Those of the caller, and what makes further ones.
    """
    if first_process():
        listeners.own.insert(0, TensorBoard())
    training = Training()
    with randomness.scoped():
        training.prepare(net, data, task, recipe)
        if first_process():
            listeners.own += [maker(training.job, data) for maker in listeners.makers]
        return _run(training, _words(net, data) if out is None else Path(out), listeners, resume)


def _planned(
    net: nn.Module | str, data: Data, recipe: Recipe, task: Task | str | None, begun: Path | None
) -> tuple[Recipe, Comparison | None]:
    """Return the recipe with the patch and batch of a plan, and what compares it with the memory in truth.

    Nothing is planned where several processes share the work, where the recipe or the task leaves nothing
    open, and where a training goes on in the folder `begun`, which has its plan already.
    """
    if task is None or isinstance(task, str):
        task = choose(data, task, **recipe.task_options())
    if not unplanned(recipe, task) or os.environ.get("WORLD_SIZE", "1") != "1":
        return recipe, None
    again = kept(recipe, begun, PLANNED) if begun else None
    if again is not None:
        return again, None
    with randomness.scoped():
        device = launch(recipe.device, recipe.plain().precision).device
        randomness.seed(recipe.seed)
        module = network(net, data, task, input_shape(data, recipe.patch))[1]
        made = planned(module, data, task, recipe, device.type)
    return filled(recipe, made, data), Comparison(made, peak_of(device))


def _settled(
    net: nn.Module | str, data: Data, recipe: Recipe, task: Task | str | None, begun: Path | None
) -> Recipe:
    """Return the recipe with the number format, the memory layout and the compiler that are fastest here.

    A training that goes on in the folder `begun` keeps its own, and several processes take the plain ones.
    """
    if begun and (again := kept(recipe, begun, left_open(recipe))):
        return again
    if os.environ.get("WORLD_SIZE", "1") != "1":
        return recipe.plain()
    settled, reason = fastest(net, data, task, recipe)
    if reason:
        sys.stderr.write(f"{reason}\n")
    return settled


def _run(training: Training, place: Path | Sequence[str], listeners: Listeners, resume: bool) -> Run:
    """Train in a folder, or go on there; words name a folder that is new and numbered."""
    path = place if isinstance(place, Path) else _numbered(training, place)
    Runner(training.job, Folder(path), listeners, **training.limits).run(training.manifest, resume)
    return Run.read(path, training.job.task)


def _numbered(training: Training, words: Sequence[str]) -> Path:
    """Create the next numbered folder in the first process, and tell the user and the other processes."""
    path = RUNS
    if training.fabric.is_global_zero:
        path = numbered(RUNS, words)
        sys.stderr.write(f"run folder: {path}\n")
    return training.fabric.broadcast(path)


def _words(net: nn.Module | str, data: Data) -> tuple[str, str]:
    """Return what a folder is named after: the network and the data."""
    return net if isinstance(net, str) else type(net).__name__, Path(data.name).name


def _which(words: tuple[str, str]) -> RunError:
    last = newest(RUNS, words)
    if last is None:
        return RunError(
            f"there is no run of {' on '.join(words)} in `{RUNS}` to resume; name its folder by `out`."
        )
    return RunError(f"`resume` needs the folder of a run as `out`; the newest one is `{last}`.")
