"""What a study tells its listener while it runs."""

from dataclasses import dataclass

from netwright.study.result import Trial


@dataclass(frozen=True)
class Planned:
    """Training begins: the share of the whole work that each (design, seed) still to train takes.

    `kept` trials were finished before; `jobs` train at a time.
    """

    shares: dict[tuple[str, int], float]
    kept: int
    jobs: int


@dataclass(frozen=True)
class Moved:
    """A trial is `done` (0..1); behind an epoch, its number and the validation error."""

    design: str
    seed: int
    done: float
    epoch: int | None = None
    error: float | None = None


@dataclass(frozen=True)
class Ended:
    """A trial finished or failed."""

    design: str
    trial: Trial


Event = Planned | Moved | Ended
