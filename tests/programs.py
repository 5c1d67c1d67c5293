"""Programs beside the tests of rules: what must be found in them is written in them.

A line that a rule must report ends in a comment with its code, `# NW701`. A program about a network has
a line `# check: Net 3x32x32`; without one it is a script.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from netwright.lint.finding import Finding
from netwright.lint.run import check

HOME = Path(__file__).parent / "lint" / "rules" / "programs"
_TARGET = re.compile(r"^# check: (?P<name>\S+) (?P<input>[\dx]+)$", re.MULTILINE)


def program(code: str, kind: str) -> Path:
    """The file of a rule's `bad` or `good` program."""
    return HOME / f"{code.lower()}_{kind}.py"


def target(path: Path, copy: Path | None = None) -> tuple[str, str | None]:
    """What a program's first line says to check, and the input; for a copy of it where one is given."""
    said = _TARGET.search(path.read_text(encoding="utf-8"))
    file = str(copy or path)
    return (f"{file}:{said['name']}", said["input"]) if said else (file, None)


def findings(path: Path, **options: Iterable[str]) -> list[Finding]:
    """What is found in a program when it is checked as its first line says."""
    spec, input = target(path)
    shape = tuple(int(size) for size in input.split("x")) if input else None
    return check(spec, shape, **options)


def reported(path: Path, code: str) -> list[int]:
    """The lines at which a rule reports."""
    wanted = [] if code == "NW001" else [code]
    return [finding.line for finding in findings(path, select=wanted) if finding.code == code]


def marked(path: Path, code: str) -> list[int]:
    """The lines whose comment says that a rule must report."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, start=1) if re.search(rf"#.*\b{code}\b", line)]


def loud(path: Path) -> list[str]:
    """The errors and warnings of all rules."""
    return [str(finding) for finding in findings(path) if finding.severity != "info"]


def script(text: str, code: str) -> list[int]:
    """The lines at which a rule reports in a script given as text."""
    from netwright.lint.catalogue import rules
    from netwright.lint.run import examine
    from netwright.lint.script import Script

    return [finding.line for finding in examine(Script.parse(text), {code: rules()[code]})]
