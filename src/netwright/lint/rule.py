"""A rule: its severity, what it looks at, and its manual page."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from netwright.lint.finding import SEVERITIES, Finding, Remark, Severity
from netwright.lint.script import Script

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.lint.survey.survey import Survey

Level = Severity | Literal["off"]
LEVELS = (*SEVERITIES, "off")
SECTIONS = ("What", "Why", "Guard", "Instead")
"""The sections of a page, in this order; `Guard` may be missing."""


@dataclass(frozen=True)
class Rule:
    """One check.

    Args:
        severity: The severity of its findings. A rule that is `off` runs only if its whole code is selected.
        fix: The best kind of fix that it offers: `safe`, `unsafe` or `manual`.
        script: The function that looks at a source file, which is never imported.
        network: The function that looks at a recorded network.
        data: The function that looks at the survey of a data set.
        code: The code, as in `NW703`. It comes from the name of the rule's file, as does `name`.
        name: The name, as in `parameter-ignored`.
        page: The docstring of the rule's file.
        package: The package that the rule belongs to, with its version.

    Raises:
        ValueError: The severity is not one of those above.
    """

    severity: Level
    fix: Literal["safe", "unsafe", "manual"] = "manual"
    script: Callable[[Script], Iterable[Remark]] | None = None
    network: Callable[["Network"], Iterable[Remark]] | None = None
    data: Callable[["Survey"], Iterable[Remark]] | None = None
    code: str = ""
    name: str = ""
    page: str = ""
    package: str = ""

    def __post_init__(self) -> None:
        if self.severity not in LEVELS:
            raise ValueError(f"`severity` (={self.severity!r}) must be one of {', '.join(LEVELS)}")

    @property
    def title(self) -> str:
        """The first sentence of the page."""
        return self.page.strip().partition("\n")[0]

    @cached_property
    def sections(self) -> dict[str, str]:
        """The sections of the page by their names."""
        pieces = re.split(rf"^({'|'.join(SECTIONS)})\.\s", self.page, flags=re.MULTILINE)
        return {name: text.strip("\n") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}

    def finding(self, remark: Remark) -> Finding:
        """Return the remark under this rule's code; a rule that is off by default reports it as info."""
        severity = remark.severity or ("info" if self.severity == "off" else self.severity)
        return Finding(
            self.code,
            self.name,
            severity,
            remark.message,
            remark.place,
            remark.module,
            remark.evidence,
            remark.fix,
        )

    def findings(self, subject: "Script | Network | Survey") -> Iterator[Finding]:
        """Yield the findings on a subject; the same message at the same place is given once."""
        look: Callable[[Any], Iterable[Remark]] | None = getattr(self, subject.side)
        remarks = look(subject) if look else ()
        seen = set()
        for remark in remarks:
            if (remark.place, remark.message) not in seen:
                seen.add((remark.place, remark.message))
                yield self.finding(remark)
