"""What the training loop tells its callers; they decide what to print, save or stop."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Started:
    """Training begins, or goes on, behind `step` of `total`; an epoch has `batches` steps."""

    step: int
    total: int
    batches: int


@dataclass(frozen=True)
class StepDone:
    """One optimizer step was taken, at `lr`.

    `loss` is the last one known (an accelerator is not asked after every step). Behind the `last` step of an
    epoch the evaluation follows, and its `EpochDone` is the place to save.
    """

    step: int
    epoch: int
    batch: int
    lr: float
    loss: float | None
    last: bool


@dataclass(frozen=True)
class EpochDone:
    """An epoch was trained and evaluated; `row` is its line in `metrics.jsonl`."""

    row: dict[str, Any]


@dataclass(frozen=True)
class Diverged:
    """The loss of `part` was `loss` at `step`, taken at `lr`; nothing follows."""

    step: int
    lr: float
    part: str
    loss: float


Event = Started | StepDone | EpochDone | Diverged
