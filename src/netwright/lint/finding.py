"""A finding, which is data; text, JSON, SARIF and annotations are views of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

Severity = Literal["error", "warning", "info"]
SEVERITIES = get_args(Severity)
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span of a source file: lines and columns (in characters) count from 1, and the end is exclusive.

    Line 0 stands for a whole file or folder, as in findings about data.
    """

    file: str
    line: int = 0
    column: int = 1
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        """Return `net.py:14:9`, the form that editors and CI understand, or the name of a whole file."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Edit:
    """The replacement of a place by `text`; an empty place inserts the text."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write instead; without `edits` it is advice.

    A fix is `safe` if the results of a correct program stay the same.
    """

    text: str
    safe: bool = False
    edits: tuple[Edit, ...] = ()

    @property
    def kind(self) -> str:
        """`safe`, `unsafe` or `manual`."""
        if not self.edits:
            return "manual"
        return "safe" if self.safe else "unsafe"


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule yields: a finding without the code of the rule; its severity is optional."""

    place: Place
    message: str
    module: str = ""
    evidence: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    fix: Fix | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: the code and name of the rule, the message, the place, the evidence and the fix."""

    code: str
    name: str
    severity: Severity
    message: str
    place: Place
    module: str = ""
    evidence: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    fix: Fix | None = None

    @property
    def file(self) -> str:
        """The file."""
        return self.place.file

    @property
    def line(self) -> int:
        """The line, from 1; 0 for a whole file."""
        return self.place.line

    @property
    def column(self) -> int:
        """The first column, from 1."""
        return self.place.column

    def __str__(self) -> str:
        """Return the first line of the text output.

        >>> print(Finding("NW103", "padded-1x1", "error", "the map grows.", Place("net.py", 14, 9)))
        net.py:14:9: NW103 [error] padded-1x1: the map grows.
        """
        return f"{self.place}: {self.code} [{self.severity}] {self.name}: {self.message}"

    def to_json(self) -> dict[str, Any]:
        """Return plain data for `--json`; `safe` is None if there is no fix with edits."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity,
            "message": self.message,
            "module": self.module,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "evidence": dict(self.evidence),
            "fix": self.fix.text if self.fix else None,
            "safe": self.fix.safe if self.fix and self.fix.edits else None,
        }
