"""One training in one folder: `train` composes the loop with saving and recording; `Run` is its result."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from torch import nn

from netwright.data.examples import Data
from netwright.data.task import Classification, Task
from netwright.errors import RecipeError
from netwright.training import randomness
from netwright.training.events import Event
from netwright.training.folder import Folder
from netwright.training.job import assemble, best
from netwright.training.loader import Loader
from netwright.training.manifest import describe, resumable
from netwright.training.network import network
from netwright.training.recipe import Recipe
from netwright.training.resolve import resolve
from netwright.training.runner import run


@dataclass(frozen=True)
class Run:
    """What one training came to.

    `epochs` are the rows of `metrics.jsonl`; `best` is the one that validation chose.
    `spec` is None for a network that was given as a module. `seconds` is time in training and evaluation.
    """

    folder: Path
    spec: str | None
    recipe: Recipe
    params: int
    epochs: list[dict[str, Any]]
    final: dict[str, Any] | None
    best: dict[str, Any] | None
    finished: bool
    seconds: float

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """Read a run, finished or not, from its folder.

        Raises:
            RunError: the folder holds no run.
        """
        files = Folder(folder)
        about, rows = files.about(), files.rows()
        return cls(
            folder=files.path,
            spec=about["spec"],
            recipe=Recipe(**about["recipe"]),
            params=about["params"],
            epochs=rows,
            final=rows[-1] if rows else None,
            best=best(rows, about["monitor"]),
            finished=about["state"] == "finished",
            seconds=sum(row["seconds"] for row in rows),
        )


def train(
    net: nn.Module | str,
    data: Data | str,
    recipe: Recipe | None = None,
    *,
    out: str | Path,
    task: Task | None = None,
    resume: bool = False,
    listen: Callable[[Event], None] | None = None,
) -> Run:
    """Train `net` on `data` in the folder `out`.

    Args:
        net: a spec, built after seeding so that the recipe's seed decides its weights; or a module, which is
            trained in place.
        data: a name for `netwright.data.source.load`, or the data.
        recipe: how; the standard one by default.
        out: a new or empty folder.
        task: what the network is for; classification by default.
        resume: go on from the last checkpoint in `out`. An empty folder starts, a finished run is read.
        listen: called with every event, after it was saved and recorded.

    Raises:
        RunError: the folder is in use, holds something else, a finished run, or one of other settings.
        CheckpointError: the checkpoint is damaged; the folder stays as it was.
        DivergenceError: the loss is no longer a number.
    """
    from netwright.training.launch import launch

    recipe = recipe or Recipe()
    if task is not None and recipe.label_smoothing:
        raise RecipeError(
            f"`label_smoothing` (={recipe.label_smoothing}) belongs to classification; give it to the task."
        )
    if isinstance(data, str):
        from netwright.data.source import load

        data = load(data)
    fabric = launch(recipe)
    resolved = resolve(recipe, data, fabric.world_size)
    task = task or Classification(len(data.classes), resolved.label_smoothing)
    folder = Folder(out)
    with randomness.scoped(), folder.claimed() if fabric.is_global_zero else nullcontext():
        randomness.seed(resolved.seed)
        spec, module = network(net, data, task)
        loader = _feed(data, resolved, fabric)
        if fabric.is_global_zero:
            resumable(folder, describe(spec, module, data, task, recipe, resolved), resume)
        fabric.barrier()
        about = folder.about()  # as the first process left it
        if about["state"] != "finished":
            job = assemble(fabric, module, task, loader, resolved)
            run(job, folder, about, listen or (lambda event: None))
    return Run.read(out)


def _feed(data: Data, recipe: Recipe, fabric: Any) -> Loader:
    import torch

    from netwright.data.augment import build

    assert recipe.batch != "auto"
    half = {"16-true": torch.float16, "bf16-true": torch.bfloat16, "64-true": torch.float64}
    return Loader(
        data,
        build(recipe.augment, input=data.input, mean=data.mean),
        batch=recipe.batch,
        device=fabric.device,
        dtype=half.get(recipe.precision, torch.float32),
        memory_format=torch.channels_last if recipe.channels_last else torch.contiguous_format,
        share=(fabric.global_rank, fabric.world_size),
    )
