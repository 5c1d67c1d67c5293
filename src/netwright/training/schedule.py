"""Learning rates as plain functions of the step, so that nothing of a schedule has to be stored."""

from collections.abc import Sequence
from math import cos, pi

from netwright.training.recipe import Recipe

START, END = 25.0, 1e4  # Smith & Topin 2018, with the divisors of torch's OneCycleLR
SWING = 0.05  # of the momentum to either side, as torch's OneCycleLR swings 0.85 to 0.95
THRESHOLD = 1e-4  # a validation loss is better by at least this share, as in torch's ReduceLROnPlateau


def lr(recipe: Recipe, step: int, total: int, losses: Sequence[float] = ()) -> float:
    """Learning rate of `step` (from 0) of `total`; `losses` are the validation losses so far.

    >>> [lr(Recipe(schedule="step", lr=1.0), step, 8) for step in (0, 3, 4, 6)]
    [1.0, 1.0, 0.1, 0.01...]
    """
    if step < recipe.warmup_steps:
        return recipe.lr * (step + 1) / recipe.warmup_steps
    match recipe.schedule:
        case "onecycle":
            return recipe.lr * onecycle(step, total, recipe.pct_start)
        case "cosine":
            return recipe.lr * between(
                1.0, 0.0, (step - recipe.warmup_steps) / max(1, total - recipe.warmup_steps)
            )
        case "step":
            cuts = sum(step >= round(share * total) for share in recipe.milestones)
            return recipe.lr * recipe.factor**cuts
        case "plateau":
            return recipe.lr * recipe.factor ** plateau(losses, recipe.patience)
        case "constant":
            return recipe.lr


def between(start: float, end: float, share: float) -> float:
    """Half a cosine from `start` (share 0) to `end` (share 1).

    >>> between(1.0, 0.0, 0.5)
    0.5
    """
    return end + (start - end) * (1 + cos(pi * share)) / 2


def onecycle(step: int, total: int, pct_start: float) -> float:
    """Return the one-cycle factor (Smith & Topin 2018): 1/25 to 1 over `pct_start`, then to 1/250,000."""
    return swing((1 / START, 1.0, 1 / START / END), step, total, pct_start)


def swing(values: tuple[float, float, float], step: int, total: int, pct_start: float) -> float:
    """From the first value to the second over `pct_start` of the run, then to the third, by half cosines."""
    peak = max(0.0, pct_start * total - 1)
    if step < peak:
        return between(values[0], values[1], step / peak)
    return between(values[1], values[2], (step - peak) / max(1e-9, total - 1 - peak))


def momentum(recipe: Recipe, step: int, total: int) -> float:
    """Return the momentum of `step`: onecycle lowers it by 0.05 while the learning rate is high.

    A high learning rate with an unmoved momentum throws deep networks off (Smith & Topin 2018, section 4).

    >>> recipe = Recipe(momentum=0.9, pct_start=0.3)
    >>> [round(momentum(recipe, step, 10), 3) for step in (0, 2, 9)]
    [0.95, 0.85, 0.95]
    """
    if recipe.schedule != "onecycle" or not recipe.momentum:
        return recipe.momentum
    high, low = min(recipe.momentum + SWING, 0.99), max(recipe.momentum - SWING, 0.0)
    return swing((high, low, high), step, total, recipe.pct_start)


def plateau(losses: Sequence[float], patience: int) -> int:
    """How often the learning rate was cut: each time more than `patience` epochs brought no better loss.

    >>> plateau([3.0, 2.0, 2.0, 2.0, 2.0], patience=1)
    1
    """
    best, waited, cuts = float("inf"), 0, 0
    for loss in losses:
        if loss < best * (1 - THRESHOLD):
            best, waited = loss, 0
        else:
            waited += 1
        if waited > patience:
            cuts, waited = cuts + 1, 0
    return cuts
