"""A baseline: findings that are accepted, so that only new ones are reported.

A finding is recognised by its code, file, module and the text of its line. Its line number does not count,
because that changes with every edit above the line.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from netwright.errors import UsageError
from netwright.lint.excerpt import line_of
from netwright.lint.finding import Finding
from netwright.lint.write import write

VERSION = 1
Key = tuple[str, str, str, str]


def key(finding: Finding, home: Path) -> Key:
    """Return what identifies a finding in a baseline whose folder is `home`."""
    path = Path(finding.file).resolve()
    file = os.path.relpath(path, home.resolve()) if _same_drive(path, home) else str(path)
    return finding.code, Path(file).as_posix(), finding.module, line_of(finding.place).strip()


def _same_drive(path: Path, home: Path) -> bool:
    return path.anchor == home.resolve().anchor


def save(findings: Iterable[Finding], path: Path) -> int:
    """Write the findings as the baseline, and return how many there are."""
    keys = sorted(key(finding, path.parent) for finding in findings)
    rows = [dict(zip(("code", "file", "module", "text"), row, strict=True)) for row in keys]
    write(path, json.dumps({"version": VERSION, "findings": rows}, indent=1) + "\n")
    return len(rows)


def load(path: Path) -> Counter[Key]:
    """Read a baseline.

    Raises:
        UsageError: The file is missing or is not a baseline.
    """
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise ValueError(f"its version is {data['version']}, and this Netwright reads version {VERSION}")
        return Counter((row["code"], row["file"], row["module"], row["text"]) for row in data["findings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"the baseline `{path}` cannot be read ({error}); write one with `--write-baseline {path}`."
        ) from error


def new(findings: Iterable[Finding], path: Path, accepted: Counter[Key] | None = None) -> list[Finding]:
    """Return the findings that are not in the baseline; two equal findings need two entries.

    Args:
        findings: The findings.
        path: The file of the baseline.
        accepted: The entries that are left of it (by default, all); those of the findings are taken out.
    """
    accepted, fresh = load(path) if accepted is None else accepted, []
    for finding in findings:
        known = key(finding, path.parent)
        if accepted[known]:
            accepted[known] -= 1
        else:
            fresh.append(finding)
    return fresh
