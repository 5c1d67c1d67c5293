"""The trivial answer that a result is compared with: the most frequent class, all background, the mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Self

from netwright.data.examples import Data
from netwright.data.scale import Line, Scale
from netwright.data.task import Task


@dataclass(frozen=True)
class Baseline:
    """What the trivial answer is, and its metrics on the test split; None where a metric has no value."""

    answer: Line
    values: Mapping[Line, float | None]

    @classmethod
    def of(cls, task: Task, data: Data) -> Self:
        """Return the baseline of a task on a data set."""
        values = {name: float(value) for name, value in task.baseline(data).items()}
        return cls(task.trivial, {name: value if isfinite(value) else None for name, value in values.items()})

    def text(self, measures: Mapping[str, Scale]) -> str:
        """Return the baseline in words; nothing where it has no value.

        >>> dice, error = Scale(label="dice"), Scale(label="pixel error", unit="%", factor=100)
        >>> measures = {"dice": dice, "pixel_error": error}
        >>> Baseline("all background", {"dice": 0.437, "pixel_error": 0.224}).text(measures)
        'baseline (all background): dice 0.437, pixel error 22.40 %'
        """
        known = {name: value for name, value in self.values.items() if value is not None and name in measures}
        shown = [f"{measures[name].label} {measures[name].text(value)}" for name, value in known.items()]
        return f"baseline ({self.answer}): {', '.join(shown)}" if shown else ""
