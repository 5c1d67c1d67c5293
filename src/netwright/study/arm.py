"""A design under comparison, and an arm: a design trained with a recipe, over several seeds."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from statistics import fmean

from netwright.data.scale import Line
from netwright.study.stats import Spread, spread
from netwright.study.trial import Count, Trial, measured


@dataclass(frozen=True)
class Design:
    """A network under comparison.

    `spec` is the text it was given as; for a function, its name. `fingerprint` tells whether the network is
    still the one that was trained. `params` counts parameters, `macs` the multiply-accumulates of one
    example; both are None where they cannot be counted.
    """

    name: Line
    spec: Line
    fingerprint: Line
    params: Count | None
    macs: Count | None


@dataclass(frozen=True)
class Arm:
    """A design trained with a recipe, both by name, and its trials by ascending seed.

    The word is that of clinical trials: an arm is what is compared.
    """

    design: Line
    recipe: Line
    trials: list[Trial]

    @property
    def finished(self) -> list[Trial]:
        """The trials that reached their end."""
        return [trial for trial in self.trials if trial.finished]

    def values(self, split: str, metric: str) -> dict[int, float]:
        """Return the metric at the end of each finished trial, by its seed."""
        return {trial.seed: trial.value(split, metric) for trial in self.finished}

    def spread(self, split: str, metric: str) -> Spread | None:
        """Return mean and deviation of the metric at the end, or None if no trial has a value."""
        return spread([value for value in self.values(split, metric).values() if isfinite(value)])

    def curve(self, split: str, metric: str) -> Iterator[tuple[int, Spread]]:
        """Yield each epoch, and the metric over the finished trials that have a value there."""
        epochs: dict[int, list[float]] = {}
        for trial in self.finished:
            for row in trial.epochs:
                epochs.setdefault(int(row["epoch"]), []).append(measured(row, split, metric))
        for epoch, values in sorted(epochs.items()):
            if (over_seeds := spread([value for value in values if isfinite(value)])) is not None:
                yield epoch, over_seeds

    @property
    def seconds(self) -> float | None:
        """The mean duration of a finished trial."""
        return fmean(trial.seconds for trial in self.finished) if self.finished else None

    @property
    def failures(self) -> list[str]:
        """Why trials failed: `seed 1: …`, or one entry without a seed where all seeds failed alike."""
        reasons = {trial.seed: trial.failure for trial in self.trials if trial.failure}
        if len(reasons) == len(self.trials) and len(set(reasons.values())) == 1:
            return list(dict.fromkeys(reasons.values()))
        return [f"seed {seed}: {reason}" for seed, reason in reasons.items()]
