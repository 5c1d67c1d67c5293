"""What a training needs before its first step, made from a recipe; what does not fit is refused here."""

from typing import TYPE_CHECKING, Any

from torch import nn

from netwright.arithmetic.grid import Grid
from netwright.data.catalogue import choose
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import RecipeError, SpecError
from netwright.spec import load, remember
from netwright.training import randomness
from netwright.training.allocator import keep_pages
from netwright.training.job import Job, assemble, launch
from netwright.training.manifest import describe
from netwright.training.output import grid, input_shape, output_shape
from netwright.training.recipe import Recipe

if TYPE_CHECKING:
    from lightning_fabric import Fabric


class Training:
    """A training in one process: `prepare` makes every part from the recipe."""

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
        self.fabric = launch(recipe.device, recipe.plain().precision)
        if self.fabric.device.type == "cpu":
            keep_pages()
        resolved = recipe.resolved(data, self.fabric.world_size)
        if task is None or isinstance(task, str):
            task = choose(data, task, **options)
        randomness.seed(resolved.seed)
        spec, module, grid = network(net, data, task, input_shape(data, resolved.patch))
        self.manifest = describe(spec, module, data, task, recipe, resolved)
        self.job = assemble(self.fabric, module, task, data, resolved, grid)
        self.limits = {"early_stopping": resolved.early_stopping, "save_every": resolved.save_every}


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
