"""`# netwright: ignore[NW301] why` on a line, and the ignores that suppress nothing."""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netwright.lint.finding import Finding, Place
from netwright.lint.script import Script

_COMMENT = re.compile(r"#\s*netwright:\s*ignore\[(?P<codes>[^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One code on one line: findings of that code (or prefix) at that line are not reported."""

    code: str
    place: Place

    def covers(self, finding: Finding) -> bool:
        """True when the ignore is on a line of what the finding is about."""
        lines = range(finding.line, (finding.place.end_line or finding.line) + 1)
        same = finding.file == self.place.file and self.place.line in lines
        return same and bool(self.code) and finding.code.startswith(self.code)


def ignores(script: Script) -> Iterator[Ignore]:
    """Every ignore written in a file's comments (not in its strings).

    >>> [found.code for found in ignores(Script.parse("x = 1  # netwright: ignore[NW301] tied"))]
    ['NW301']
    """
    if "netwright:" not in script.text:
        return
    for token in tokenize.generate_tokens(io.StringIO(script.text).readline):
        found = _COMMENT.search(token.string) if token.type == tokenize.COMMENT else None
        if found is None:
            continue
        line, start = token.start[0], token.start[1] + found.start() + 1
        place = Place(script.path, line, start, line, token.start[1] + found.end() + 1)
        for code in found["codes"].split(","):
            yield Ignore(code.strip(), place)


def kept(findings: Iterable[Finding], written: Iterable[Ignore]) -> tuple[list[Finding], list[Ignore]]:
    """The findings no ignore covers, and the ignores that cover none."""
    written, kept_findings, used = list(written), [], set()
    for finding in findings:
        covering = [ignore for ignore in written if ignore.covers(finding)]
        used.update(covering)
        if not covering:
            kept_findings.append(finding)
    return kept_findings, [ignore for ignore in written if ignore not in used]
