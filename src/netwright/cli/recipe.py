"""The recipe on the command line: each of its options is a flag of every command that trains."""

from typing import TYPE_CHECKING, Annotated, Any, get_args

from cyclopts import Group, Parameter
from typing_extensions import TypedDict

from netwright.training.recipe import Recipe

GROUP = Group("Recipe", help="Changes of the recipe; the standard values are in brackets.")

TYPES = {
    "augment": tuple[str, ...],
    "batch": str,
    "channels_last": bool,
    "compile": bool,
    "optimizer": str,
    "patch": str,
}
"""Types of the options that are wider in Python; the recipe tells "auto" from a value by itself."""


def _flag(name: str) -> Any:
    """Return the type and the help of a flag; without the flag an optional option stays None."""
    field = Recipe.model_fields[name]
    kind = TYPES.get(name, field.annotation)
    if type(None) in get_args(kind):
        kind = next(part for part in get_args(kind) if part is not type(None))
    default = "" if field.default is None else f" [{str(field.default).lower()}]"
    names = (f"--{name.replace('_', '-')}",)
    return Annotated[kind, Parameter(name=names, help=f"{field.description}{default}", group=GROUP)]


if TYPE_CHECKING:
    Options = dict[str, Any]
else:
    Options = TypedDict("Options", {name: _flag(name) for name in Recipe.model_fields}, total=False)

Changes = Annotated[Options | None, Parameter(name="*")]


def chosen(name: str, changes: Options | None) -> Recipe:
    """Return the preset or the file that `name` names, with the flags that were given.

    Raises:
        RecipeError: There is no such preset, the file cannot be read, or a value is out of range.
    """
    changes = Options(changes or {})
    if changes.get("augment") == ("auto",):
        changes["augment"] = "auto"
    if name.endswith((".json", ".toml")):
        return Recipe.read(name, **changes)
    return Recipe.preset(name, **changes)
