"""The recipe on the command line: every option of it is a flag, for each command that trains."""

from typing import TYPE_CHECKING, Annotated, Any, get_args

from cyclopts import Group, Parameter
from typing_extensions import TypedDict

from netwright.training.recipe import Recipe

GROUP = Group("Recipe", help="What the recipe says, changed; beside each the standard value.")


def _flag(name: str) -> Any:
    """A flag's type and help, from the recipe's own field; an optional field is simply left out."""
    field = Recipe.model_fields[name]
    kinds = {"augment": tuple[str, ...], "batch": str}  # "auto" or a value: the recipe tells them apart
    kind = kinds.get(name, field.annotation)
    if type(None) in get_args(kind):
        kind = next(part for part in get_args(kind) if part is not type(None))
    shown = "" if field.default is None else f" [{str(field.default).lower()}]"
    names = (f"--{name.replace('_', '-')}",)
    return Annotated[kind, Parameter(name=names, help=f"{field.description}{shown}", group=GROUP)]


if TYPE_CHECKING:
    Options = dict[str, Any]
else:
    Options = TypedDict("Options", {name: _flag(name) for name in Recipe.model_fields}, total=False)

Changes = Annotated[Options | None, Parameter(name="*")]


def chosen(name: str, changes: Options | None) -> Recipe:
    """The preset or file that `name` names, with the flags that were given.

    Raises:
        RecipeError: no preset is called so, the file cannot be read, or a value is out of range.
    """
    changes = Options(changes or {})
    if changes.get("augment") == ("auto",):
        changes["augment"] = "auto"
    if name.endswith((".json", ".toml")):
        return Recipe.read(name, **changes)
    return Recipe.preset(name, **changes)
