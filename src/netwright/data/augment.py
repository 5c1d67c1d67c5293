"""Random changes of training inputs, by name: `crop(padding=4)`, `flip`, `RandomErasing(p=0.5)`.

`crop` and `flip` are ours and fast; every other name is a 2-D augmentation of kornia that keeps the shape and
the targets. All work on whole batches of uint8 inputs, before normalisation; kornia sees them as floats in
0..1 and its result is rounded back. Every random number comes from torch's global generator.
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
from netwright.data.shift import Crop, Flip
from netwright.errors import USER_ERRORS, CallError, RecipeError

Stage = Callable[[Tensor], Tensor]
OWN: Mapping[str, Callable[..., Stage]] = {"crop": Crop, "flip": Flip}


@dataclass(frozen=True)
class Augment:
    """Changes a batch by each stage in turn; without stages it changes nothing."""

    stages: tuple[Stage, ...] = ()

    def __call__(
        self, inputs: UInt8[Tensor, "b c h w"], targets: Tensor
    ) -> tuple[UInt8[Tensor, "b c h w"], Tensor]:
        """Changed inputs, and the targets as they are."""
        for stage in self.stages:
            inputs = stage(inputs)
        return inputs, targets


class Borrowed:
    """Neighbouring kornia augmentations, with one conversion to floats in 0..1 and back."""

    def __init__(self, modules: Sequence[nn.Module]):
        self.modules = nn.Sequential(*modules)

    def __call__(self, inputs: UInt8[Tensor, "b c h w"]) -> UInt8[Tensor, "b c h w"]:
        """The augmented batch."""
        changed = self.modules(inputs.float().div_(255))
        return changed.mul(255).round_().clamp_(0, 255).to(torch.uint8)


def build(names: Sequence[str], *, input: tuple[int, ...], mean: Sequence[float] = ()) -> Augment:
    """The augmentation that applies `names` in order.

    Args:
        names: calls with literal arguments, see the module's text.
        input: shape of one input without the batch.
        mean: mean colour of the training split in 0..1, for the border of `crop`.

    Raises:
        RecipeError: an unknown name (the nearest are shown), an argument that does not fit (the signature is
            shown), or an augmentation that cannot work on such inputs.
    """
    calls = [_parse(name) for name in names]
    stages: list[Stage] = []
    for own, group in groupby(calls, key=lambda call: call.target in OWN):
        if own:
            stages += [_made(OWN[call.target], call, **_facts(call.target, mean)) for call in group]
        else:
            stages.append(Borrowed([_borrow(call, input) for call in group]))
    return Augment(tuple(stages))


def _parse(text: str) -> LiteralCall:
    try:
        return parse(text)
    except CallError as error:
        raise RecipeError(f"augmentation {error}") from error


def _facts(name: str, mean: Sequence[float]) -> dict[str, Any]:
    """What an augmentation takes from the data instead of its text."""
    return {"mean": mean} if name == "crop" else {}


def _made(make: Callable[..., Any], call: LiteralCall, **facts: Any) -> Any:
    found = signature(make).parameters.values()
    takes = Signature([p.replace(annotation=p.empty) for p in found if p.name not in facts])
    try:
        takes.bind(*call.args, **call.options)
        return make(*call.args, **call.options, **facts)
    except USER_ERRORS as error:
        raise RecipeError(f"augmentation `{call.text}`: {error}; it takes {call.target}{takes}.") from error


def _borrow(call: LiteralCall, input: tuple[int, ...]) -> nn.Module:
    known = _kornia()
    if call.target not in known:
        near = get_close_matches(call.target, [*OWN, *known], n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join([*OWN, *known])}."
        raise RecipeError(f"no augmentation is called `{call.target}`; {hint}")
    module = _made(known[call.target], call)
    if reason := _misfit(module, input):
        raise RecipeError(f"augmentation `{call.text}` does not work on inputs of {show(input)}: {reason}.")
    return module


def _kornia() -> dict[str, type[nn.Module]]:
    """Kornia's 2-D augmentations that leave the targets alone; mixing ones are not among them."""
    import kornia.augmentation  # slow to import, and seldom needed

    bases = kornia.augmentation.AugmentationBase2D
    found = vars(kornia.augmentation).items()
    return {name: c for name, c in found if isclass(c) and issubclass(c, bases) and "Base2D" not in name}


def _misfit(module: nn.Module, input: tuple[int, ...]) -> str:
    """Why a module cannot take such inputs, found by trying grey ones; empty text: it can."""
    with torch.random.fork_rng(devices=[]):
        try:
            shape = tuple(module(torch.full((16, *input), 0.5)).shape[1:])
        except USER_ERRORS as error:
            return str(error).strip().splitlines()[0].rstrip(".")
    return "" if shape == input else f"it makes them {show(shape)}, and a network has one input size"
