"""A trained network on the splits of a data set, as it was evaluated in its training."""

from dataclasses import replace
from typing import TYPE_CHECKING

from torch import nn

from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.data.task import Details
from netwright.errors import RecipeError, RunError
from netwright.training.folder import Folder
from netwright.training.job import launch
from netwright.training.loop import Evaluation
from netwright.training.output import grid, input_shape, output_shape
from netwright.training.placement import placed
from netwright.training.recipe import Recipe
from netwright.training.states import Counted, Progress, count
from netwright.training.windows import suited

if TYPE_CHECKING:
    from netwright.training.result import Run


def evaluation(run: "Run", data: Data | str, module: nn.Module) -> Evaluation:
    """Return a network on `data`, without metrics: device, precision, batch and normalisation of the run.

    Args:
        run: The run.
        data: A name for `netwright.Data.load`, or the data.
        module: The network, in evaluation mode: that of the run, or one that reads and gives the same.

    Raises:
        RunError: The data has other channels or classes, or the task is not installed.
    """
    if isinstance(data, str):
        data = Data.load(data)
    resolved = resolved_recipe(run)
    if reason := foreign(run, data):
        raise RunError(f"{data.name} does not fit the run in `{run.folder}`: {reason}")
    if not data.uniform and resolved.patch is None:
        resolved = resolved.changed(patch=suited(data))
    input = input_shape(data, resolved.patch)
    shape = output_shape(module, input, run.spec or type(module).__name__)
    low, high = run.data["range"]
    normalised = replace(data, mean=tuple(run.data["mean"]), std=tuple(run.data["std"]), range=(low, high))
    fabric = launch(resolved.device, resolved.precision)
    loader = placed(fabric, normalised, resolved.changed(augment=()), module)
    fabric.setup_module(module)
    return Evaluation(fabric, module, run.purpose(), loader, {}, grid(module, input, shape))


def detailed(evaluation: Evaluation, part: str) -> dict[str, float]:
    """Return the further scores of a split; what they depend on is chosen on the validation split."""
    details = evaluation.task.details()
    if details.tunable and part != "valid":
        replace(evaluation, metrics=details.metrics).count("valid")
        details = details.tuned()
    replace(evaluation, metrics=details.metrics).count(part)
    return details.compute()


def counted(evaluation: Evaluation, part: str, progress: Progress | None = None) -> tuple[Counted, Details]:
    """Evaluate a split with the state of each example, for the metrics of the task and for its details.

    The details are as `detailed` leaves them; their metrics are in `Counted` as "details NAME".

    Args:
        evaluation: The network and the loader.
        part: The split.
        progress: Called with the number of examples of the split that were evaluated.
    """
    details = evaluation.task.details()
    if details.tunable and part != "valid":
        count(evaluation, "valid", details.metrics)
        details = details.tuned()
    metrics = {name: measure.metric for name, measure in evaluation.task.metrics().items()}
    more = {f"details {name}": metric for name, metric in details.metrics.items()}
    return count(evaluation, part, metrics | more, progress, losses=True), details


def foreign(run: "Run", data: Data) -> str:
    """Return why data has other examples than those of the training; empty if it has the same."""
    mine = tuple(run.data["input"])
    if (mine[0], len(mine)) != (data.channels, len(data.input)):
        return f"its examples are {show(data.input)}, those of the training were {show(mine)}."
    if list(data.classes) != run.data["classes"]:
        shown, known = (", ".join(names) for names in (data.classes, run.data["classes"]))
        return f"its classes are {shown}; those of the training were {known}{_remedy(run)}."
    return ""


def _remedy(run: "Run") -> str:
    """Return how the classes of masks are named as in the training."""
    names, values = run.data["classes"], run.data["values"]
    if len(names) != len(values):
        return ""
    named = ",".join(f"{value}={name}" for value, name in zip(values, names, strict=True))
    return f"; where the masks mean the same, name them as there: --classes {named}"


def resolved_recipe(run: "Run") -> Recipe:
    """Return the recipe of a run as it was resolved for its data.

    Raises:
        RunError: It is damaged.
    """
    try:
        return Recipe(**Folder(run.folder).about()["resolved"])
    except RecipeError as error:
        raise RunError(f"`{run.folder}` does not describe a run: {error}") from error
