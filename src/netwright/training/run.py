"""One training in one folder: `train` prepares it and combines the loop with saving and listeners."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from netwright.arithmetic.grid import Grid
from netwright.data.catalogue import choose
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import RecipeError, RunError, SpecError
from netwright.spec import load, remember
from netwright.training import randomness
from netwright.training.card import Card
from netwright.training.folder import Folder, newest, numbered
from netwright.training.job import Job, assemble, launch
from netwright.training.listener import Listener, Listeners, first_process
from netwright.training.manifest import describe
from netwright.training.output import grid, input_shape, output_shape
from netwright.training.pictures import Pictures
from netwright.training.planned import Comparison, filled, kept, left_open, peak_of, planned
from netwright.training.recipe import Recipe
from netwright.training.result import Run
from netwright.training.runner import Runner
from netwright.training.tensorboard import TensorBoard

if TYPE_CHECKING:
    from lightning_fabric import Fabric

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
    recipe, comparison = _planned(net, data, recipe or Recipe(), task, Path(out) if out and resume else None)
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
    """Train as `train` does, but without a plan, so that an open recipe means the same on every machine.

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
        return training.run(_words(net, data) if out is None else Path(out), listeners, resume)


def _planned(
    net: nn.Module | str, data: Data, recipe: Recipe, task: Task | str | None, begun: Path | None
) -> tuple[Recipe, Comparison | None]:
    """Return the recipe with the patch and batch of a plan, and what compares it with the memory in truth.

    Nothing is planned where several processes share the work, where the recipe or the task leaves nothing
    open, and where a training goes on in the folder `begun`, which has its plan already.
    """
    if task is None or isinstance(task, str):
        task = choose(data, task, **recipe.task_options())
    if not left_open(recipe, task) or os.environ.get("WORLD_SIZE", "1") != "1":
        return recipe, None
    again = kept(recipe, begun) if begun else None
    if again is not None:
        return again, None
    with randomness.scoped():
        device = launch(recipe.device, recipe.precision).device
        randomness.seed(recipe.seed)
        module = network(net, data, task, input_shape(data, recipe.patch))[1]
        made = planned(module, data, task, recipe, device.type)
    return filled(recipe, made, data), Comparison(made, peak_of(device))


class Training:
    """A training in one process: `prepare` makes every part from the recipe, `run` trains in a folder."""

    fabric: "Fabric"
    job: Job
    manifest: dict[str, Any]
    limits: dict[str, int | None]

    def prepare(self, net: nn.Module | str, data: Data, task: Task | str | None, recipe: Recipe) -> None:
        """Resolve the recipe and hand each part what it needs; whatever does not fit is refused here."""
        options = recipe.task_options()
        if task is not None and not isinstance(task, str) and options:
            name, value = next(iter(options.items()))
            raise RecipeError(f"`{name}` (={value}) is an option of the task; give it to the task itself.")
        self.fabric = launch(recipe.device, recipe.precision)
        resolved = recipe.resolved(data, self.fabric.world_size)
        if task is None or isinstance(task, str):
            task = choose(data, task, **options)
        randomness.seed(resolved.seed)
        spec, module, grid = network(net, data, task, input_shape(data, resolved.patch))
        self.manifest = describe(spec, module, data, task, recipe, resolved)
        self.job = assemble(self.fabric, module, task, data, resolved, grid)
        self.limits = {"early_stopping": resolved.early_stopping, "save_every": resolved.save_every}

    def run(self, place: Path | Sequence[str], listeners: Listeners, resume: bool) -> Run:
        """Train in a folder, or go on there; words name a folder that is new and numbered."""
        path = place if isinstance(place, Path) else self._numbered(place)
        folder = Folder(path)
        Runner(self.job, folder, listeners, **self.limits).run(self.manifest, resume)
        return Run.read(path, self.job.task)

    def _numbered(self, words: Sequence[str]) -> Path:
        """Create the next numbered folder in the first process, and tell the user and the other processes."""
        path = RUNS
        if self.fabric.is_global_zero:
            path = numbered(RUNS, words)
            sys.stderr.write(f"run folder: {path}\n")
        return self.fabric.broadcast(path)


def network(
    net: nn.Module | str, data: Data, task: Task, input: tuple[int, ...]
) -> tuple[str | None, nn.Module, Grid | None]:
    """Return the spec, where there is one, the module, which is checked against data and task, and its grid.

    Args:
        net: A spec or a module.
        data: The data.
        task: What the network is for.
        input: Shape of what the network reads, without the batch: an example, or a window of one.

    Raises:
        SpecError: The network cannot read the examples, or its output does not fit the task.
    """
    spec = net if isinstance(net, str) else None
    module = load(net, input=input, classes=task.outputs(data)) if isinstance(net, str) else net
    name = spec or type(module).__name__
    shape = output_shape(module, input, name)
    if reason := task.check(shape, data):
        raise SpecError(f"`{name}` does not fit the task: {reason}")
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise SpecError(f"`{name}` has no parameter that requires a gradient, so there is nothing to train.")
    if spec is not None:
        remember(spec)
    return spec, module, grid(module, input, shape)


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
