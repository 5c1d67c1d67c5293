"""How the values of a metric are written and judged, as plain data that runs and studies keep."""

from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Annotated

from pydantic import Field

Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
"""A text on one line, without characters that control a terminal."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How the value of a metric is written and judged.

    Args:
        unit: What stands after the number: "%", "px", or nothing. Differences in "%" are points.
        factor: What the value is multiplied by before it is written: 100 for "%".
        lower_is_better: The direction.
        counted: Whether the value is a share of examples, so that one example of n moves it by 1 / n.
        label: What the metric is called in a sentence, where that is not its name: "pixel error".

    >>> Scale(unit="%", factor=100).text(0.0241), Scale(lower_is_better=False).text(0.8731)
    ('2.41 %', '0.873')
    """

    unit: Line = ""
    factor: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    lower_is_better: bool = True
    counted: bool = False
    label: Line = ""

    @property
    def title(self) -> str:
        """The label with the unit: `error (%)`."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def heading(self) -> str:
        """The label with the unit in words: `error in percent`."""
        unit = "percent" if self.unit == "%" else self.unit
        return f"{self.label} in {unit}" if unit else self.label

    @property
    def best(self) -> str:
        """The word for the best value: "lowest" or "highest"."""
        return "lowest" if self.lower_is_better else "highest"

    def order(self, value: float) -> float:
        """Return a number that is lower for a better value; what is not a number comes last."""
        if value != value:
            return float("inf")
        return value if self.lower_is_better else -value

    def decimals(self, value: float) -> int:
        """Return how many decimals a value has: two in percent, else those of three significant digits."""
        return 2 if self.unit == "%" else _decimals(self.factor * value, 3)

    def number(self, value: float) -> str:
        """Write a value without its unit."""
        return f"{self.factor * value:.{self.decimals(value)}f}"

    def text(self, value: float) -> str:
        """Write a value with its unit."""
        return f"{self.number(value)} {self.unit}".rstrip()

    def difference(self, value: float) -> str:
        """Write a difference of two values without its unit.

        >>> error = Scale(unit="%", factor=100)
        >>> error.difference(0.541), error.difference(0.0042), error.difference(1e-5)
        ('54.1', '0.42', '0.00')
        >>> Scale().difference(0.0213)
        '0.021'
        """
        value = self.factor * value
        if self.unit == "%":
            return f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"
        return f"{value:.{_decimals(value, 2)}f}"

    def gap(self, value: float) -> str:
        """Write a difference of two values with its unit.

        >>> Scale(unit="%", factor=100).gap(0.541), Scale(unit="px").gap(0.541), Scale().gap(0.541)
        ('54.1 points', '0.54 px', '0.54')
        """
        unit = "points" if self.unit == "%" else self.unit
        return f"{self.difference(value)} {unit}".rstrip()


def _decimals(value: float, significant: int) -> int:
    """Return how many decimals show that many significant digits.

    >>> [_decimals(value, 3) for value in (0.873, 28.31, 1234.5, 0.0525, 0.0)]
    [3, 1, 0, 4, 2]
    """
    if not isfinite(value) or value == 0:
        return significant - 1
    return min(12, max(0, significant - 1 - floor(log10(abs(value)))))
