"""Random changes of training inputs and their targets, by name: `crop(padding=4)`, `flip`, `affine(10)`.

`crop`, `flip`, `rotate90`, `affine`, `elastic` and `grid_elastic` are ours and move the targets of every kind
with the image. Other names are those of installed packages (entry points `netwright.augmentations`) and of
kornia. From Python, a function of a batch is one too, or a function from (inputs, targets) to both. All work
on whole batches before normalisation: of uint8, or of floats in units in which the range of the data is 0..1;
kornia sees bytes as floats in 0..1, and its result is rounded back. Every random number must come from the
global generator of torch, so that a run can be resumed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Signature, signature
from typing import Any

import torch
from torch import Tensor

from netwright.arithmetic.call import LiteralCall, parse
from netwright.arithmetic.shape import show
from netwright.data.borrowed import Kornia, misfit, offered, refused
from netwright.data.deform import Affine, Elastic, GridElastic, Resample
from netwright.data.examples import Data
from netwright.data.function import UserFunction, named
from netwright.data.guard import require_agreement
from netwright.data.kinds import Kind, Targets
from netwright.data.phantom import comfortable
from netwright.data.shift import Crop, Flip, Pairs, Rotate90
from netwright.errors import USER_ERRORS, CallError, RecipeError
from netwright.plugins import Plugin, accept

Stage = Callable[[Tensor, Targets], tuple[Tensor, Targets]]
OWN: Mapping[str, Callable[..., Any]] = {
    "crop": Crop,
    "flip": Flip,
    "rotate90": Rotate90,
    "affine": Affine,
    "elastic": Elastic,
    "grid_elastic": GridElastic,
}
"""Our augmentations by name. The data give those that have an option `mean` the mean colour of the training
split, and those that have `pairs` the pairs of points that a mirror swaps."""


@dataclass(frozen=True)
class Augment:
    """Applies each stage to a batch in turn; without stages it changes nothing."""

    stages: tuple[Stage, ...] = ()

    def __call__(self, inputs: Tensor, targets: Targets) -> tuple[Tensor, Targets]:
        """Return changed inputs [b, c, *space] and their targets."""
        for stage in self.stages:
            inputs, targets = stage(inputs, targets)
        return inputs, targets


def augmentation(
    names: Sequence[str | Callable[..., Any]], data: Data, input: tuple[int, ...] | None = None
) -> Augment:
    """Return the augmentation that applies `names` to batches of `data`, or to its patches of shape `input`.

    Raises:
        RecipeError: See `build`.
    """
    dtype = torch.uint8 if data.train.inputs[0].dtype == torch.uint8 else torch.float32
    return build(names, input=input or data.input, mean=data.mean, kinds=data.kinds, dtype=dtype)


def build(
    names: Sequence[str | Callable[..., Any]],
    *,
    input: tuple[int, ...],
    mean: Sequence[float] = (),
    kinds: Collection[Kind] = (),
    dtype: torch.dtype = torch.uint8,
    pairs: Pairs | None = None,
) -> Augment:
    """Return the augmentation that applies `names` in order.

    Args:
        names: Calls with literal arguments (see the docstring of this module), or functions.
        input: Shape of one input without the batch.
        mean: Mean colour of the training split in 0..1, for what comes in from outside the image.
        kinds: The kinds of targets. Where one is spatial, every stage is tried on synthetic images first.
        dtype: Type of the batches: uint8, or float32 for data of any other type.
        pairs: Pairs of points that a mirror swaps; None where they are not known, so that flip is refused.

    Raises:
        RecipeError: A name is unknown (the nearest are listed), an argument does not fit (the signature is
            shown), an augmentation cannot work on such inputs, or it moves image and targets differently.
    """
    spatial = frozenset(kind for kind in kinds if kind.spatial)
    stages: list[Stage] = []
    for name in names:
        if isinstance(name, str):
            stage = _by_name(_parse(name), input, bool(spatial), {"mean": mean, "pairs": pairs})
            _require_fit(name, stage, input, dtype)
        else:
            stage = UserFunction(name)
        if spatial:
            moves = not isinstance(stage, Kornia) and getattr(stage, "joint", True)
            shape = input if isinstance(stage, UserFunction) else comfortable(input)
            require_agreement(named(name), stage, input=shape, kinds=spatial, dtype=dtype, moves=moves)
        stages[-1:] = _together(stages[-1], stage) if stages else [stage]
    return Augment(tuple(stages))


def _parse(text: str) -> LiteralCall:
    try:
        return parse(text)
    except CallError as error:
        raise RecipeError(f"augmentation {error}") from error


def _by_name(call: LiteralCall, input: tuple[int, ...], spatial: bool, facts: Mapping[str, Any]) -> Stage:
    """Return the stage that a call names; `facts` are options that the data give."""
    installed = _installed()
    make = OWN.get(call.target) or installed.get(call.target)
    if make is None:
        return _borrow(call, input, spatial, [*OWN, *installed])
    made = _made(make, call, {name: facts[name] for name in facts if name in signature(make).parameters})
    if isinstance(made, Affine | Elastic | GridElastic):
        return Resample([made], mean=facts["mean"])
    return made if make in OWN.values() else UserFunction(made)


def _installed() -> dict[str, Callable[..., Any]]:
    """Return the augmentations of installed packages: each is called with options and returns a function."""
    table: dict[str, Callable[..., Any]] = {}

    def add(plugin: Plugin) -> None:
        if not callable(plugin.value):
            raise TypeError(f"{plugin.value!r} cannot be called with options to make an augmentation")
        if plugin.name in OWN or plugin.name in table:
            raise ValueError(f"there is an augmentation `{plugin.name}` already")
        table[plugin.name] = plugin.value

    accept("augmentations", add)
    return table


def _made(make: Callable[..., Any], call: LiteralCall, facts: Mapping[str, Any]) -> Any:
    """Call `make` as the text says; `facts` are options that the data give and the text may not."""
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


def _borrow(call: LiteralCall, input: tuple[int, ...], spatial: bool, ours: list[str]) -> Kornia:
    """Return the augmentation of kornia that a call names."""
    dims = len(input) - 1
    known = offered(dims, spatial=spatial)
    if call.target not in known:
        if reason := refused(call.target, dims):
            raise RecipeError(f"augmentation `{call.text}` cannot be used: {reason}.")
        near = get_close_matches(call.target, [*ours, *known], n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join([*ours, *known])}."
        raise RecipeError(f"there is no augmentation called `{call.target}`; {hint}")
    module = _made(known[call.target], call, {})
    if reason := misfit(module, input):
        raise RecipeError(f"augmentation `{call.text}` does not work on inputs of {show(input)}: {reason}.")
    return Kornia([module])


def _require_fit(name: str, stage: Stage, input: tuple[int, ...], dtype: torch.dtype) -> None:
    """Try an augmentation of ours or of a package on one empty input."""
    if isinstance(stage, Kornia):
        return
    with torch.random.fork_rng(devices=[]):
        try:
            stage(torch.zeros(1, *input, dtype=dtype), {})
        except (*USER_ERRORS, RecipeError) as error:
            reason = str(error).rstrip(".")
            raise RecipeError(
                f"augmentation `{name}` does not work on inputs of {show(input)}: {reason}."
            ) from error


def _together(first: Stage, second: Stage) -> list[Stage]:
    """Return two neighbouring stages, as one stage where that saves a conversion or a resampling."""
    if isinstance(first, Kornia) and isinstance(second, Kornia):
        return [Kornia([*first.modules, *second.modules])]
    if isinstance(first, Resample) and isinstance(second, Resample) and not first.deformations[-1].bends:
        return [first.followed(second)]
    return [first, second]
