"""Apply the fixes of findings to a text: whole fixes or none, never two that touch each other."""

import ast
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from netwright.lint.finding import Edit, Finding, Place


@dataclass(frozen=True)
class Fixed:
    """A text after fixes, and the findings that were fixed."""

    text: str
    findings: tuple[Finding, ...]


def applicable(findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """The findings whose fix applies by itself: the safe ones, with `unsafe` the others too."""
    return [found for found in findings if found.fix and found.fix.edits and (unsafe or found.fix.safe)]


def apply(text: str, findings: Sequence[Finding]) -> Fixed:
    """Apply each finding's fix unless one before it changes the same place, or it would break the syntax."""
    apart = _apart(findings, _starts(text))
    fixed = most(apart, lambda some: _parses(_splice(text, _edits(some))))
    return Fixed(_splice(text, _edits(fixed)), tuple(fixed))


def most(findings: Sequence[Finding], right: Callable[[Sequence[Finding]], bool]) -> list[Finding]:
    """The findings that are right together: all, or what halving leaves without the wrong ones."""
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
    """The findings whose fixes do not touch what one before them changes."""
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
    """True when a stretch overlaps one of the sorted, separate ones; insertions at one point do not."""
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
    """The edits of the fixes; one that two findings share is made once."""
    return list(dict.fromkeys(edit for found in findings if found.fix for edit in found.fix.edits))


def diff(before: str, after: str, path: str) -> str:
    """What a fix changes, as a unified diff."""
    lines = unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _starts(text: str) -> list[int]:
    """Where each line starts."""
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
