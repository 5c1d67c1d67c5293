"""Refuses an augmentation that moves images and their targets differently, before anything is trained.

Every stage is drawn, on random numbers of its own, until it changed something, on synthetic images that are
painted from their own labels: regions, dots and boxes. What the moved labels say must still be what the moved
images show. A stage that is to change intensities only must leave the edges of the images where they are.
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from netwright.arithmetic.shape import show
from netwright.data import overlay
from netwright.data.agreement import regions, unmoved
from netwright.data.kinds import IGNORE, Kind, Targets
from netwright.data.objects import dots, rectangles
from netwright.data.phantom import EXAMPLES, Phantom, levels, phantom, unit
from netwright.errors import USER_ERRORS, RecipeError

DRAWS = 64
PATIENCE = 4  # draws that changed something, of a stage that is to leave edges where they are
UNMOVED = 0.6
"""Share of the tiles in which edges must be where they were; noise and blur can hide some."""
SEED = 20150518  # of the random numbers of the guard, so that it says the same every time

Stage = Callable[[Tensor, Targets], tuple[Tensor, Targets]]
PICTURE = 256  # the least height of a panel of the picture, in pixels


def require_agreement(
    name: str,
    stage: Stage,
    *,
    input: tuple[int, ...],
    kinds: Collection[Kind],
    dtype: torch.dtype,
    moves: bool,
) -> None:
    """Try a stage on synthetic images, for each spatial kind of target.

    Args:
        name: What messages call the stage.
        stage: What is tried.
        input: Shape of one input without the batch.
        kinds: The spatial kinds of targets that the data have.
        dtype: Type of the batches.
        moves: Whether the stage may move images with their targets; else it may change intensities only.

    Raises:
        RecipeError: Images and targets no longer agree; the message says by how much, and names a picture.
    """
    with _own_randomness():
        if not moves:
            _require_still(name, stage, phantom(Kind.MASK, [Kind.MASK], input, dtype))
            return
        for kind in sorted(kinds):
            trial = phantom(kind, kinds, input, dtype)
            if evidence := _evidence(name, stage, trial):
                reason, image, other = evidence
                raise RecipeError(_moves_apart(name, kind, reason, _picture(image, other)))


def _evidence(name: str, stage: Stage, trial: Phantom) -> tuple[str, Tensor, Tensor] | None:
    """Return why a stage moves image and target differently, with both; None if it does not.

    A single draw may be too wild to be judged, so what the first one shows must not be refuted by two more.
    """
    evidence, refuted = None, 0
    for inputs, targets, changed in _fired(name, stage, trial):
        reasons = {k: _disagreement(trial, unit(inputs[k]), targets, k) for k in changed}
        wrong = next((k for k in changed if reasons[k]), None)
        if wrong is None:
            refuted += 1
        elif evidence:
            return evidence
        else:
            evidence = reasons[wrong], unit(inputs[wrong]), trial.paint(targets)[wrong]
        if not evidence or refuted == 2:
            return None
    return evidence


def _require_still(name: str, stage: Stage, trial: Phantom) -> None:
    """Refuse a stage that moves the edges of images; the tiles of several draws count together."""
    still = judged = 0
    for inputs, _, changed in islice(_fired(name, stage, trial), PATIENCE):
        for k in changed:
            before, after = unit(trial.inputs[k]), unit(inputs[k])
            here, of = unmoved(before, after)
            still, judged = still + here, judged + of
    if still < UNMOVED * judged:
        raise RecipeError(
            f"augmentation `{name}` moves the image, and it was given as a change of intensity, which "
            f"leaves the targets as they are: in {still / judged:.0%} of the image edges stay in place, "
            f"and in {UNMOVED:.0%} they must. The picture {_picture(after, before)} shows a synthetic image "
            "after and before it. Write it as a function of (inputs, targets) that moves both."
        )


def _fired(name: str, stage: Stage, trial: Phantom) -> Iterator[tuple[Tensor, Targets, list[int]]]:
    """Yield what a stage makes of the images in each of `DRAWS` draws, with the examples that it changed."""
    for _ in range(DRAWS):
        inputs, targets = _tried(name, stage, trial)
        if changed := [k for k in range(EXAMPLES) if _changed(trial, inputs, targets, k)]:
            yield inputs, targets, changed


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Seed what an augmentation may draw from, and put everything back."""
    python, legacy = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        random.seed(SEED)
        np.random.seed(SEED)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(legacy)


def _tried(name: str, stage: Stage, trial: Phantom) -> tuple[Tensor, Targets]:
    copies = {kind: _copied(target) for kind, target in trial.targets.items()}
    try:
        return stage(trial.inputs.clone(), copies)
    except USER_ERRORS as error:
        raise RecipeError(
            f"augmentation `{name}` fails on a batch {show(trial.inputs.shape)} of {trial.inputs.dtype} with "
            f"targets {', '.join(sorted(copies))}: {type(error).__name__}: {error}"
        ) from error


def _copied(target: Any) -> Any:
    return target.clone() if isinstance(target, Tensor) else [each.clone() for each in target]


def _changed(trial: Phantom, inputs: Tensor, targets: Targets, k: int) -> bool:
    pairs = [(trial.inputs[k], inputs[k])]
    pairs += [(trial.targets[kind][k], targets[kind][k]) for kind in trial.targets]
    return any(before.shape != after.shape or not torch.equal(before, after) for before, after in pairs)


def _disagreement(trial: Phantom, image: Tensor, targets: Mapping[Kind, Any], k: int) -> str:
    """Return why the moved target of one example does not describe its moved image; empty if it does."""
    target = targets[trial.subject][k]
    colours = levels(len(image))[k]
    match trial.subject:
        case Kind.POINTS:
            return dots(image, target, colours)
        case Kind.BOXES:
            return rectangles(image, target, colours)
        case Kind.IMAGE:
            return regions(image, _labels(unit(target), colours), colours)
        case _:
            return regions(image, target, colours)


def _labels(image: Tensor, colours: Tensor) -> Tensor:
    """Return the label of each position of an image in two colours, and `IGNORE` at any other colour."""
    errors = (image[None] - colours.reshape(2, -1, *[1] * (image.ndim - 1))).abs().amax(1)
    return torch.where(errors.amin(0) < 0.1, errors.argmin(0), IGNORE)


def _moves_apart(name: str, kind: Kind, reason: str, picture: Path) -> str:
    return (
        f"augmentation `{name}` moves the image and its {kind} differently: {reason}. The picture {picture} "
        f"shows a synthetic image after it, and beside it what its {kind} then says. Use one that moves both "
        "alike, such as flip, rotate90, crop, affine or elastic."
    )


def _picture(image: Tensor, other: Tensor) -> Path:
    """Write two images side by side to a new folder, and return the file; of a volume, the middle slice."""
    panels = [overlay.section(each).mul(255).byte().permute(1, 2, 0).numpy() for each in (image, other)]
    gap = np.full((panels[0].shape[0], 2, 3), 255, np.uint8)
    row = np.concatenate([panels[0], gap, panels[1]], 1)
    factor = max(1, -(-PICTURE // row.shape[0]))
    path = Path(mkdtemp(prefix="netwright-")) / "augmentation.png"
    Image.fromarray(row.repeat(factor, 0).repeat(factor, 1)).save(path)
    return path
