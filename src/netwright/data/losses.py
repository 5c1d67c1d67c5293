"""Losses of segmentation: the output [b, k, *space] of a network against a class for each position.

The target [b, *space] holds class indices. Positions that hold `IGNORE` take no part: neither the value
nor the gradient of a loss depends on what the network gives there. Every loss is 0 for a perfect output, and
is finite where all positions are ignored.
"""

from collections.abc import Callable
from difflib import get_close_matches

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from netwright.data.kinds import IGNORE
from netwright.errors import RecipeError

Output = Float[Tensor, "b k *space"]
Classes = Int[Tensor, "b *space"]
Scalar = Float[Tensor, ""]

SMOOTH = 1e-5
"""Added to numerator and denominator of the overlaps, so that neither is zero."""


def cross_entropy(output: Output, target: Classes) -> Scalar:
    """Return the mean of -log p of the true class over the positions that count.

    >>> cross_entropy(torch.zeros(1, 4, 3), torch.tensor([[0, 3, IGNORE]])).exp()
    tensor(4.)
    """
    total = F.cross_entropy(_wide(output), target, ignore_index=IGNORE, reduction="sum")
    return total / (target != IGNORE).sum().clamp(min=1)


def focal(output: Output, target: Classes, *, gamma: float = 2.0) -> Scalar:
    """Return the mean of -(1 - p)^gamma log p of the true class (Lin et al. 2017, eq. 4).

    With `gamma` 0 it is the cross-entropy; the larger it is, the less the positions count that are right.
    """
    log_p = -F.cross_entropy(_wide(output), target, ignore_index=IGNORE, reduction="none")
    # log p is 0 where the position is ignored, and so is the loss there
    return -((1 - log_p.exp()) ** gamma * log_p).sum() / (target != IGNORE).sum().clamp(min=1)


def dice(output: Output, target: Classes) -> Scalar:
    """Return 1 - the mean soft Dice coefficient of the classes that occur in the target.

    The sums run over the whole batch (batch Dice), so that an example without a class costs nothing. The
    coefficient of a class is 2 sum(p t) / (sum(p) + sum(t)) (Milletari et al. 2016, without the squares).
    """
    return tversky(output, target, alpha=0.5, beta=0.5)


def tversky(output: Output, target: Classes, *, alpha: float = 0.3, beta: float = 0.7) -> Scalar:
    """Return 1 - the mean Tversky index of the classes that occur in the target (Salehi et al. 2017, eq. 4).

    The index of a class is TP / (TP + alpha FP + beta FN), with sums of probabilities over the batch. A
    `beta` above `alpha` punishes what was missed more than what was wrongly found.
    """
    overlap, predicted, true = _sums(output, target)
    index = (overlap + SMOOTH) / (overlap + alpha * (predicted - overlap) + beta * (true - overlap) + SMOOTH)
    present = true > 0
    return ((1 - index) * present).sum() / present.sum().clamp(min=1)


def generalised_dice(output: Output, target: Classes) -> Scalar:
    """Return 1 - the Dice coefficient of all classes together, weighted by 1 / size² (Sudre et al. 2017)."""
    overlap, predicted, true = _sums(output, target)
    weights = torch.where(true > 0, 1 / true.clamp(min=1) ** 2, 0.0)
    return 1 - (2 * (weights * overlap).sum() + SMOOTH**2) / (weights * (predicted + true)).sum().add(
        SMOOTH**2
    )


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross-entropy": cross_entropy,
    "dice": dice,
    "focal": focal,
    "generalised-dice": generalised_dice,
    "tversky": tversky,
}
"""The losses that a recipe may name; "dice+cross-entropy" is the sum of two."""


def named(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss of a name, or the sum of several that `+` joins.

    >>> named("dice+cross-entropy")(torch.zeros(1, 2, 2), torch.tensor([[0, 1]]))
    tensor(1.1931)

    Raises:
        RecipeError: One of the names is not that of a loss.
    """
    parts = [part.strip() for part in name.split("+")]
    for part in parts:
        if part not in LOSSES:
            near = get_close_matches(part, LOSSES, n=1)
            hint = f" did you mean {near[0]}?" if near else ""
            raise RecipeError(
                f"`loss` (={name}) names {part!r};{hint} segmentation has {', '.join(LOSSES)}, and sums such "
                "as dice+cross-entropy."
            )
    return lambda output, target: torch.stack([LOSSES[part](output, target) for part in parts]).sum()


def _sums(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return for each class, over the positions that count, the sums of p t, of p and of t."""
    p = _wide(output).softmax(1).transpose(0, 1).flatten(1)
    flat = target.flatten()
    classes = torch.arange(len(p), device=flat.device)
    own = flat == classes[:, None]
    return (p * own).sum(1), (p * (flat != IGNORE)).sum(1), own.sum(1).to(p.dtype)


def _wide(output: Tensor) -> Tensor:
    """Return at least 32 bits: sums over a million positions overflow in 16."""
    return output if output.dtype == torch.float64 else output.float()
