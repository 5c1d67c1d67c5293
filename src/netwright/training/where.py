"""Conditions on the fields of runs, such as `lr > 0.05`: they are parsed, and never evaluated as code."""

import json
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

from netwright.errors import UsageError

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
FORM = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(<=|>=|==|!=|<|>|=)\s*(.*\S)\s*")


@dataclass(frozen=True)
class Condition:
    """A comparison of a field with a value.

    Args:
        field: The name of the field.
        sign: One of `COMPARISONS`.
        value: A number, a text, a truth value, or None.
    """

    field: str
    sign: str
    value: float | str | bool | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a condition; what is not a number, `true`, `false` or `null` is a text, quoted or not.

        Raises:
            UsageError: The text is not a comparison.

        >>> Condition.parse("lr > 0.05"), Condition.parse("optimizer=adamw").value
        (Condition(field='lr', sign='>', value=0.05), 'adamw')
        """
        match = FORM.fullmatch(text)
        if match is None:
            raise UsageError(
                f"`--where` (={text}) must be a field, one of <, <=, >, >=, ==, !=, and a value, as in "
                '"lr > 0.05".'
            )
        field, sign, written = match.groups()
        value = _value(written)
        if sign in ("<", "<=", ">", ">=") and (isinstance(value, str | bool) or value is None):
            raise UsageError(f"`--where` (={text}): `{sign}` compares numbers, and `{written}` is not one.")
        return cls(field, sign, value)

    def holds(self, fields: Mapping[str, Any]) -> bool:
        """Return whether a run fulfils the condition; a field that it lacks, or of another type, does not."""
        if self.field not in fields:
            return False
        known = fields[self.field]
        numbers = all(
            isinstance(one, int | float) and not isinstance(one, bool) for one in (known, self.value)
        )
        if not numbers and type(known) is not type(self.value):
            return self.sign == "!="
        return bool(COMPARISONS[self.sign](known, self.value))

    def require(self, names: Collection[str]) -> None:
        """Refuse a field that no run has; the nearest ones are named."""
        known(self.field, names)


def known(field: str, names: Collection[str]) -> None:
    """Refuse a field that is not among `names`.

    Raises:
        UsageError: It is not; the nearest names are listed.
    """
    if field not in names:
        ends = [name for name in names if name.endswith(f".{field}")]
        near = ends or get_close_matches(field, names, n=3, cutoff=0.5) or sorted(names)
        raise UsageError(f"no run has a field `{field}`; there are {', '.join(near)}.")


def _value(written: str) -> float | str | bool | None:
    if len(written) > 1 and written[0] == written[-1] and written[0] in "\"'":
        return written[1:-1]
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        return written
    return value if isinstance(value, int | float | bool) or value is None else written
