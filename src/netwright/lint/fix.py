"""Apply the fixes of findings to a text: whole fixes or none, never two that touch each other."""

import ast
from collections.abc import Iterable, Sequence
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
    edits: list[Edit] = []
    fixed: list[Finding] = []
    for finding in findings:
        wanted = [edit for edit in (finding.fix.edits if finding.fix else ()) if edit not in edits]
        if any(_touch(edit.place, other.place) for edit in wanted for other in edits):
            continue
        if _parses(_splice(text, [*edits, *wanted])):
            edits += wanted
            fixed.append(finding)
    return Fixed(_splice(text, edits), tuple(fixed))


def diff(before: str, after: str, path: str) -> str:
    """What a fix changes, as a unified diff."""
    lines = unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _splice(text: str, edits: Iterable[Edit]) -> str:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    spans = sorted((*_span(edit.place, starts), edit.text) for edit in edits)
    for start, end, new in reversed(spans):
        text = text[:start] + new + text[end:]
    return text


def _span(place: Place, starts: Sequence[int]) -> tuple[int, int]:
    start = starts[place.line - 1] + place.column - 1
    return start, starts[(place.end_line or place.line) - 1] + (place.end_column or place.column) - 1


def _touch(one: Place, other: Place) -> bool:
    """True when two places overlap; two insertions at one point do not."""
    first = (one.line, one.column), (one.end_line or one.line, one.end_column or one.column)
    second = (other.line, other.column), (other.end_line or other.line, other.end_column or other.column)
    if first[0] == first[1] and second[0] == second[1]:
        return False
    return first[0] < second[1] and second[0] < first[1]


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
