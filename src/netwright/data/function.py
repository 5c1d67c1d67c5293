"""Functions of the user as augmentations: of a batch, or of (inputs, targets); their results are checked."""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data.kinds import Targets
from netwright.errors import RecipeError


class UserFunction:
    """A function of a batch of inputs, or, if `joint`, from (inputs, targets) to both.

    A function is joint if it has two parameters without a default. A function of inputs alone must leave
    every object where it is.
    """

    def __init__(self, function: Callable[..., Any]):
        self.function, self.joint = function, _required(function) == 2

    def __call__(self, inputs: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
        """Return the augmented batch, with its targets.

        Raises:
            RecipeError: The function returned anything but a batch and targets of the same shapes and types.
        """
        changed, moved = self._both(inputs, targets) if self.joint else (self.function(inputs), targets)
        self._require_alike("", changed, inputs)
        for kind, before in targets.items():
            if isinstance(before, Tensor):
                self._require_alike(f"{kind} as ", moved[kind], before)
            elif len(moved[kind]) != len(before):
                raise RecipeError(f"{self} returned {kind} of {len(moved[kind])} examples for {len(before)}.")
        return changed, moved

    def __str__(self) -> str:
        return f"the augmentation `{named(self.function)}`"

    def _both(self, inputs: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
        both = self.function(inputs, targets)
        if not isinstance(both, tuple) or len(both) != 2 or not isinstance(both[1], Mapping):
            raise RecipeError(f"{self} must return (inputs, targets), and it returned {type(both)}.")
        if set(both[1]) != set(targets):
            raise RecipeError(f"{self} returned targets {sorted(both[1])} for {sorted(targets)}.")
        return both

    def _require_alike(self, what: str, after: Any, before: Tensor) -> None:
        if not isinstance(after, Tensor) or (after.shape, after.dtype) != (before.shape, before.dtype):
            kind = f"{show(after.shape)} of {after.dtype}" if isinstance(after, Tensor) else type(after)
            raise RecipeError(
                f"{self} returned {what}{kind} for a batch of {show(before.shape)} of {before.dtype}; "
                "it must keep both."
            )


def named(augmentation: str | Callable[..., Any]) -> str:
    """Return what a message calls an augmentation: its text, or the name of the function."""
    return (
        augmentation
        if isinstance(augmentation, str)
        else getattr(augmentation, "__qualname__", repr(augmentation))
    )


def _required(function: Callable[..., Any]) -> int:
    """Return how many positional arguments a function requires; 1 where it does not say."""
    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):  # a built-in function without a signature
        return 1
    positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.kind in positional and each.default is each.empty for each in parameters)
