"""Ignore comments, `# netwright: ignore[NW301] reason`, and those that suppress nothing."""

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
    """One code in an ignore comment: findings of that code (or prefix) on its line are not reported."""

    code: str
    place: Place

    def covers(self, finding: Finding) -> bool:
        """Return True when the comment stands on a line of the finding."""
        lines = range(finding.line, (finding.place.end_line or finding.line) + 1)
        same = finding.file == self.place.file and self.place.line in lines
        return same and bool(self.code) and finding.code.startswith(self.code)


def ignores(script: Script) -> Iterator[Ignore]:
    """Yield every ignore in the comments of a file (not in its strings).

    >>> [ignore.code for ignore in ignores(Script.parse("x = 1  # netwright: ignore[NW301] tied"))]
    ['NW301']
    """
    if "netwright:" not in script.text:
        return
    for token in tokenize.generate_tokens(io.StringIO(script.text).readline):
        comment = _COMMENT.search(token.string) if token.type == tokenize.COMMENT else None
        if comment is None:
            continue
        line, start = token.start[0], token.start[1] + comment.start() + 1
        place = Place(script.path, line, start, line, token.start[1] + comment.end() + 1)
        for code in comment["codes"].split(","):
            yield Ignore(code.strip(), place)


def kept(findings: Iterable[Finding], written: Iterable[Ignore]) -> tuple[list[Finding], set[Ignore]]:
    """Return the findings that no ignore covers, and the ignores that cover one."""
    written, kept_findings, used = list(written), [], set[Ignore]()
    for finding in findings:
        covering = [ignore for ignore in written if ignore.covers(finding)]
        used.update(covering)
        if not covering:
            kept_findings.append(finding)
    return kept_findings, used
