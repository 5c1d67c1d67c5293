"""Apply the fixes of findings to a text: each fix as a whole, and never two that touch each other."""

import ast
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import partial

from netwright.lint.finding import Edit, Finding, Fix, Place

Examine = Callable[[str], list[Finding]]
Accept = Callable[[str, Sequence[Finding]], bool]
ROUNDS = 10
"""The most rounds of fixes; a fix that another one touches is applied in the next round."""


@dataclass(frozen=True)
class Fixed:
    """A text after fixes: the findings that were fixed, that are left, and whose fix was refused."""

    text: str
    findings: tuple[Finding, ...]
    left: tuple[Finding, ...] = ()
    refused: tuple[Finding, ...] = ()


def applicable(findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """Return the findings whose fix can be applied: the safe ones, with `unsafe` the others too."""
    return [
        finding for finding in findings if finding.fix and finding.fix.edits and (unsafe or finding.fix.safe)
    ]


def fix_all(text: str, examine: Examine, accept: Accept, *, unsafe: bool) -> Fixed:
    """Apply fixes round after round, until none is left that applies.

    Fixes that touch each other are applied in different rounds.

    Args:
        text: The source text.
        examine: A function that returns the findings of a text.
        accept: A function that says whether the fixes of some findings may be applied to a text together.
        unsafe: True to apply the unsafe fixes too.
    """
    fixed = list[Finding]()
    refused = list[Finding]()
    for _ in range(ROUNDS):
        wanted = applicable(examine(text), unsafe=unsafe)
        batch = apply(text, [finding for finding in wanted if not _alike(finding, refused)]).findings
        if not batch:
            break
        accepted = most(batch, partial(accept, text))
        refused += [finding for finding in batch if finding not in accepted]
        text, fixed = apply(text, accepted).text, [*fixed, *accepted]
    left = [_put_back(finding) if _alike(finding, refused) else finding for finding in examine(text)]
    return Fixed(text, tuple(fixed), tuple(left), tuple(refused))


def _alike(finding: Finding, others: list[Finding]) -> bool:
    return any((finding.code, finding.module) == (other.code, other.module) for other in others)


def _put_back(finding: Finding) -> Finding:
    """Return a finding whose fix was refused, with that fix as advice only."""
    if finding.fix is None:
        return finding
    return replace(finding, fix=Fix(f"{finding.fix.text} (not applied: the output shapes would change)"))


def apply(text: str, findings: Sequence[Finding]) -> Fixed:
    """Apply the fix of each finding unless an earlier one changes the same place or the syntax breaks."""
    apart = _apart(findings, _starts(text))
    fixed = most(apart, lambda some: _parses(_splice(text, _edits(some))))
    return Fixed(_splice(text, _edits(fixed)), tuple(fixed))


def most(findings: Sequence[Finding], right: Callable[[Sequence[Finding]], bool]) -> list[Finding]:
    """Return all findings if they are right together; otherwise leave out wrong ones, found by halving."""
    kept: list[Finding] = []
    waiting = [list(findings)]
    while waiting:
        some = waiting.pop()
        if not some or right([*kept, *some]):
            kept += some
        elif len(some) > 1:
            waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
    return kept


def _apart(findings: Sequence[Finding], starts: Sequence[int]) -> list[Finding]:
    """Return the findings whose fixes do not touch what an earlier one changes."""
    taken: list[tuple[int, int]] = []
    made: set[Edit] = set()
    free = []
    for finding in findings:
        wanted = [edit for edit in (finding.fix.edits if finding.fix else ()) if edit not in made]
        spans = [_span(edit.place, starts) for edit in wanted]
        if not any(_touches(span, taken) for span in spans):
            free.append(finding)
            made.update(wanted)
            for span in spans:
                insort(taken, span)
    return free


def _touches(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    """Return True when a span overlaps one of the sorted, disjoint spans; insertions at one point do not."""
    start, end = span
    index = bisect_left(taken, span)
    if index and taken[index - 1][1] > start and taken[index - 1][0] < end:
        return True
    while index < len(taken) and taken[index][0] < end:
        if taken[index][1] > start:
            return True
        index += 1
    return False


def _edits(findings: Iterable[Finding]) -> list[Edit]:
    """Return the edits of the fixes; an edit that two findings share is made once."""
    return list(dict.fromkeys(edit for finding in findings if finding.fix for edit in finding.fix.edits))


def diff(before: str, after: str, path: str) -> str:
    """Return the difference between two texts as a unified diff."""
    lines = unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _starts(text: str) -> list[int]:
    """Return the offset at which each line starts."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _splice(text: str, edits: Iterable[Edit]) -> str:
    starts = _starts(text)
    pieces, done = [], 0
    for start, end, new in sorted((*_span(edit.place, starts), edit.text) for edit in edits):
        pieces += [text[done:start], new]
        done = end
    return "".join([*pieces, text[done:]])


def _span(place: Place, starts: Sequence[int]) -> tuple[int, int]:
    start = starts[place.line - 1] + place.column - 1
    return start, starts[(place.end_line or place.line) - 1] + (place.end_column or place.column) - 1


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
