"""Findings as text, as JSON, or as annotations of a GitHub workflow; SARIF has its own file."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from rich.text import Text

from netwright.lint.excerpt import INDENT, excerpt
from netwright.lint.finding import Finding, Severity
from netwright.lint.sarif import sarif

COLOURS: Mapping[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}
NAMED = 5
"""The most further layers that are named where one line builds many."""
LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def text(findings: Sequence[Finding]) -> str:
    """Return one block for each place and rule: the finding, the underlined line and the fix."""
    return "".join(line + "\n" for group in grouped(findings) for line in block(group))


def grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Group the findings of one rule at one line: a line that builds many layers is fixed once.

    Findings about whole files are not grouped.
    """
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        own = "" if finding.line else finding.message
        groups.setdefault((finding.code, str(finding.place), own), []).append(finding)
    return list(groups.values())


def block(group: Sequence[Finding]) -> list[str]:
    """Return the lines for a group: the first finding in full, then the other layers that it holds for."""
    finding, *others = group
    lines = [str(finding), *excerpt(finding.place)]
    lines += [f"{INDENT}{row}" for row in finding.evidence.get("table", ())]
    if finding.fix:
        lines.append(f"{INDENT}fix ({finding.fix.kind}): {finding.fix.text}")
    if others:
        modules = dict.fromkeys(other.module for other in others)
        named = [module for module in modules if module and module != finding.module]
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        lines.append(f"{INDENT}also: {', '.join(named[:NAMED])}{more}" if named else f"{INDENT}×{len(group)}")
    return lines


def coloured(group: Sequence[Finding]) -> Text:
    """Return the same lines for a terminal with colours."""
    finding = group[0]
    head, *rest = block(group)
    place = f"{finding.place}: "
    shown = Text(place, style="bold")
    shown.append(f"{finding.code} [{finding.severity}]", style=COLOURS[finding.severity])
    shown.append(head[len(place) + len(f"{finding.code} [{finding.severity}]") :])
    for line in rest:
        mark = line.lstrip(" |").startswith("^")
        shown.append("\n" + line, style=COLOURS[finding.severity] if mark else "dim")
    return shown


def summary(findings: Sequence[Finding]) -> str:
    """Return the number of findings and of fixes in one line.

    >>> summary([])
    'nothing found'
    """
    if not findings:
        return "nothing found"
    counts = Counter(finding.severity for finding in findings)
    parts = [
        f"{counts[level]} {level}{'s' if counts[level] > 1 else ''}" for level in COLOURS if counts[level]
    ]
    kinds = Counter(finding.fix.kind for finding in findings if finding.fix)
    fixes = [f"{kinds[kind]} {kind}" for kind in ("safe", "unsafe") if kinds[kind]]
    advice = f"; fixable with --fix [--unsafe-fixes]: {', '.join(fixes)}" if fixes else ""
    return ", ".join(parts) + advice


def as_json(findings: Sequence[Finding]) -> str:
    """Return a list of the objects that `Finding.to_json` makes."""
    return json.dumps([finding.to_json() for finding in findings], indent=2) + "\n"


def github(findings: Sequence[Finding]) -> str:
    """Return workflow commands, which GitHub shows at the lines of a pull request."""
    return "".join(_annotation(finding) + "\n" for finding in findings)


def _annotation(finding: Finding) -> str:
    place = finding.place
    where: dict[str, str | int | None] = {"file": place.file}
    if place.line:
        where |= {"line": place.line, "col": place.column, "endLine": place.end_line}
    title = f"{finding.code} {finding.name}"
    words = [f"{key}={_escape(str(value), ':,')}" for key, value in where.items() if value]
    return f"::{LEVELS[finding.severity]} {','.join(words)},title={title}::{_escape(finding.message)}"


def _escape(text: str, more: str = "") -> str:
    """Percent-encode the characters that would end a workflow command or one of its properties.

    >>> _escape("50 %: a,b", ":,")
    '50 %25%3A a%2Cb'
    """
    for sign in "%\r\n" + more:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def statistics(findings: Sequence[Finding]) -> str:
    """Return the number of findings of each rule, the largest first."""
    names = {finding.code: (finding.severity, finding.name) for finding in findings}
    rows = sorted(Counter(finding.code for finding in findings).items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:5}  {code} [{names[code][0]}] {names[code][1]}\n" for code, count in rows)


FORMATS: Mapping[str, Callable[[Sequence[Finding]], str]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}
