"""Learning rates and momentum as functions of the step, so that no state of a schedule has to be stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi

START, END = 25.0, 1e4  # Smith & Topin 2018, with the divisors of torch's OneCycleLR
SWING = 0.05  # of the momentum to either side, as torch's OneCycleLR moves it between 0.85 and 0.95
THRESHOLD = 1e-4  # a validation loss is better by at least this share, as in torch's ReduceLROnPlateau


@dataclass(frozen=True)
class Schedule:
    """The learning rate and the momentum at each step of a run of `total` steps.

    `kind` is a key of `SCHEDULES`; the other fields are the options of the same names in `Recipe`.
    """

    kind: str
    total: int
    lr: float
    momentum: float
    warmup_steps: int
    pct_start: float
    milestones: tuple[float, ...]
    factor: float
    patience: int

    def lr_at(self, step: int, losses: Sequence[float] = ()) -> float:
        """Return the learning rate of `step` (from 0); `losses` are the validation losses so far."""
        if step < self.warmup_steps:
            return self.lr * (step + 1) / self.warmup_steps
        return self.lr * SCHEDULES[self.kind].multiplier(self, step, losses)

    def momentum_at(self, step: int) -> float:
        """Return the momentum of `step`: a cycle lowers it by 0.05 while the learning rate is high.

        A high learning rate with a constant momentum makes deep networks diverge (Smith & Topin 2018,
        section 4).
        """
        if not SCHEDULES[self.kind].cyclic or not self.momentum:
            return self.momentum
        high, low = min(self.momentum + SWING, 0.99), max(self.momentum - SWING, 0.0)
        return self.cycle(high, low, high, step)

    def cycle(self, start: float, peak: float, end: float, step: int) -> float:
        """Go from `start` to `peak` over `pct_start` of the run and then to `end`, by half cosines."""
        turn = max(0.0, self.pct_start * self.total - 1)
        if step < turn:
            return half_cosine(start, peak, step / turn)
        return half_cosine(peak, end, (step - turn) / max(1e-9, self.total - 1 - turn))


@dataclass(frozen=True)
class Kind:
    """A kind of schedule: what multiplies the learning rate, from the schedule, the step and the losses.

    A run may be prolonged where it is `extensible`: the rates so far do not depend on its length. A `cyclic`
    schedule has its own warm-up and moves the momentum against the learning rate.
    """

    multiplier: Callable[[Schedule, int, Sequence[float]], float]
    extensible: bool = False
    cyclic: bool = False


def half_cosine(start: float, end: float, share: float) -> float:
    """Return the value after `share` of the way along half a cosine.

    >>> half_cosine(1.0, 0.0, 0.5)
    0.5
    """
    return end + (start - end) * (1 + cos(pi * share)) / 2


def _milestones(schedule: Schedule, step: int, losses: Sequence[float]) -> float:
    cuts = sum(step >= round(share * schedule.total) for share in schedule.milestones)
    return schedule.factor**cuts


def _cosine(schedule: Schedule, step: int, losses: Sequence[float]) -> float:
    """Loshchilov & Hutter 2017, without restarts."""
    steps = max(1, schedule.total - schedule.warmup_steps)
    return half_cosine(1.0, 0.0, (step - schedule.warmup_steps) / steps)


def _plateau(schedule: Schedule, step: int, losses: Sequence[float]) -> float:
    return schedule.factor ** plateau_cuts(losses, schedule.patience)


def _onecycle(schedule: Schedule, step: int, losses: Sequence[float]) -> float:
    """Smith & Topin 2018."""
    return schedule.cycle(1 / START, 1.0, 1 / START / END, step)


def plateau_cuts(losses: Sequence[float], patience: int) -> int:
    """Count the cuts of the learning rate: one after more than `patience` epochs without a better loss.

    >>> plateau_cuts([3.0, 2.0, 2.0, 2.0, 2.0], patience=1)
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


SCHEDULES: dict[str, Kind] = {
    "constant": Kind(lambda schedule, step, losses: 1.0, extensible=True),
    "step": Kind(_milestones),
    "cosine": Kind(_cosine),
    "onecycle": Kind(_onecycle, cyclic=True),
    "plateau": Kind(_plateau, extensible=True),
}
"""Every kind of schedule by the name that a recipe gives it."""
