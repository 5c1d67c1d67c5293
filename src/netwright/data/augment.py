"""Random changes of training inputs, by name: `crop(padding=4)`, `flip`, `RandomErasing(p=0.5)`.

`crop` and `flip` are ours and fast; every other name is a 2-D augmentation of kornia that keeps the shape and
the targets. From Python, a function of a batch is one too. All work on whole batches of uint8 inputs, before
normalisation; kornia sees them as floats in 0..1 and its result is rounded back. Every random number must
come from the global generator of torch, so that a run can be resumed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Signature, isclass, signature
from itertools import groupby
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from netwright.arithmetic.call import LiteralCall, parse
from netwright.arithmetic.shape import show
from netwright.data.kinds import Targets
from netwright.data.shift import Crop, Flip
from netwright.errors import USER_ERRORS, CallError, RecipeError

Stage = Callable[[Tensor], Tensor]
OWN: Mapping[str, Callable[..., Stage]] = {"crop": Crop, "flip": Flip}
"""Our augmentations by name. Those that have an option `mean` get the mean colour of the training split."""


@dataclass(frozen=True)
class Augment:
    """Applies each stage to a batch in turn; without stages it changes nothing."""

    stages: tuple[Stage, ...] = ()

    def __call__(
        self, inputs: UInt8[Tensor, "b c h w"], targets: Targets
    ) -> tuple[UInt8[Tensor, "b c h w"], Targets]:
        """Return changed inputs, and the targets as they are."""
        for stage in self.stages:
            inputs = stage(inputs)
        return inputs, targets


class Kornia:
    """Neighbouring augmentations of kornia, with one conversion to floats in 0..1 and back."""

    def __init__(self, modules: Sequence[nn.Module]):
        self.modules = nn.Sequential(*modules)

    def __call__(self, inputs: UInt8[Tensor, "b c h w"]) -> UInt8[Tensor, "b c h w"]:
        """Return the augmented batch."""
        changed = self.modules(inputs.float().div_(255))
        return changed.mul(255).round_().clamp_(0, 255).to(torch.uint8)


class UserFunction:
    """A function of the user, whose result is checked."""

    def __init__(self, function: Stage):
        self.function = function

    def __call__(self, inputs: UInt8[Tensor, "b c h w"]) -> UInt8[Tensor, "b c h w"]:
        """Return the augmented batch.

        Raises:
            RecipeError: The function returned anything but a batch of the same shape and type.
        """
        changed = self.function(inputs)
        if not isinstance(changed, Tensor) or (changed.shape, changed.dtype) != (inputs.shape, inputs.dtype):
            kind = (
                f"{show(changed.shape)} of {changed.dtype}" if isinstance(changed, Tensor) else type(changed)
            )
            raise RecipeError(
                f"the augmentation `{getattr(self.function, '__qualname__', self.function)}` returned {kind} "
                f"for a batch of {show(inputs.shape)} of {inputs.dtype}; it must keep both."
            )
        return changed


def build(names: Sequence[str | Stage], *, input: tuple[int, ...], mean: Sequence[float] = ()) -> Augment:
    """Return the augmentation that applies `names` in order.

    Args:
        names: Calls with literal arguments (see the docstring of this module), or functions of a batch.
        input: Shape of one input without the batch.
        mean: Mean colour of the training split in 0..1, for the border of `crop`.

    Raises:
        RecipeError: A name is unknown (the nearest are listed), an argument does not fit (the signature is
            shown), or an augmentation cannot work on such inputs.
    """
    calls = [_parse(name) if isinstance(name, str) else name for name in names]
    stages: list[Stage] = []
    for borrowed, group in groupby(
        calls, key=lambda call: isinstance(call, LiteralCall) and call.target not in OWN
    ):
        if borrowed:
            stages.append(Kornia([_borrow(call, input) for call in group if isinstance(call, LiteralCall)]))
        else:
            stages += [
                _own(call, mean) if isinstance(call, LiteralCall) else UserFunction(call) for call in group
            ]
    return Augment(tuple(stages))


def _parse(text: str) -> LiteralCall:
    try:
        return parse(text)
    except CallError as error:
        raise RecipeError(f"augmentation {error}") from error


def _own(call: LiteralCall, mean: Sequence[float]) -> Stage:
    make = OWN[call.target]
    return _made(make, call, **({"mean": mean} if "mean" in signature(make).parameters else {}))


def _made(make: Callable[..., Any], call: LiteralCall, **facts: Any) -> Any:
    """Call `make` as the text says; `facts` are options that the data gives and the text may not."""
    accepted = Signature(
        [p.replace(annotation=p.empty) for p in signature(make).parameters.values() if p.name not in facts]
    )
    try:
        accepted.bind(*call.args, **call.options)
        return make(*call.args, **call.options, **facts)
    except USER_ERRORS as error:
        raise RecipeError(
            f"augmentation `{call.text}`: {error}; it takes {call.target}{accepted}."
        ) from error


def _borrow(call: LiteralCall, input: tuple[int, ...]) -> nn.Module:
    known = _kornia()
    if call.target not in known:
        near = get_close_matches(call.target, [*OWN, *known], n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join([*OWN, *known])}."
        raise RecipeError(f"there is no augmentation called `{call.target}`; {hint}")
    module = _made(known[call.target], call)
    if reason := _misfit(module, input):
        raise RecipeError(f"augmentation `{call.text}` does not work on inputs of {show(input)}: {reason}.")
    return module


def _kornia() -> dict[str, type[nn.Module]]:
    """Return the 2-D augmentations of kornia that leave the targets alone, which excludes mixing ones."""
    import kornia.augmentation  # slow to import, and seldom needed

    bases = kornia.augmentation.AugmentationBase2D
    return {
        name: value
        for name, value in vars(kornia.augmentation).items()
        if isclass(value) and issubclass(value, bases) and "Base2D" not in name
    }


def _misfit(module: nn.Module, input: tuple[int, ...]) -> str:
    """Return why a module cannot take such inputs, by trying it on grey ones; empty if it can."""
    with torch.random.fork_rng(devices=[]):
        try:
            shape = tuple(module(torch.full((16, *input), 0.5)).shape[1:])
        except USER_ERRORS as error:
            return str(error).strip().splitlines()[0].rstrip(".")
    return "" if shape == input else f"it makes them {show(shape)}, and a network has one input size"
