"""What became of the mutants, as data, as a table and as lists of what is not found."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from netwright.lint.catalogue import rules

GOAL = 0.95


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant; `line` is the first line of the fault, `reported` the lines of the rule."""

    operator: str
    code: str | None
    program: str
    line: int
    reported: tuple[int, ...]
    found: bool
    at_line: bool
    others: tuple[str, ...]
    fixed: bool
    restored: bool
    seconds: float
    changed: str


COLUMNS = ("operator", "rule", "mutants", "found", "at line", "other", "fixes", "restored", "seconds")


def grouped(verdicts: Iterable[Verdict], key: Callable[[Verdict], str]) -> dict[str, list[Verdict]]:
    """The verdicts by operator or by program, in the order in which these come first."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(key(verdict), []).append(verdict)
    return groups


def table(verdicts: Iterable[Verdict]) -> str:
    """A line for every operator."""
    rows: list[tuple[object, ...]] = [COLUMNS]
    for name, own in grouped(verdicts, lambda verdict: verdict.operator).items():
        code = own[0].code or "-"
        star = "" if code in rules() or code == "-" else "*"
        right, other, fixes, restored = (
            sum(flags)
            for flags in zip(
                *((one.at_line, bool(one.others) and not one.found, one.fixed, one.restored) for one in own),
                strict=True,
            )
        )
        seconds = f"{sum(one.seconds for one in own):.1f}"
        found = sum(one.found for one in own)
        rows.append((name, code + star, len(own), found, right, other, fixes, restored, seconds))
    return "\n".join(
        f"{row[0]:26}{row[1]:>8}" + "".join(f"{value!s:>9}" for value in row[2:]) for row in rows
    )


def summary(verdicts: list[Verdict]) -> Iterator[str]:
    """How much is found, and what is not covered."""
    operators = grouped(verdicts, lambda verdict: verdict.operator)
    programs = grouped(verdicts, lambda verdict: verdict.program)
    written = {name: own for name, own in operators.items() if own[0].code in rules()}
    shares = {name: sum(one.at_line for one in own) / len(own) for name, own in written.items()}
    right = sum(one.at_line for own in written.values() for one in own)
    yield f"mutants of existing rules: {right} of {sum(map(len, written.values()))} found at the right line"
    reached = sum(share >= GOAL for share in shares.values())
    yield f"operators of existing rules: {reached} of {len(shares)} reach {GOAL:.0%} at the right line"
    short = [f"{name} {share:.0%}" for name, share in shares.items() if share < GOAL]
    yield f"operators below {GOAL:.0%}: {listed(short)}"
    planned = [name for name, own in operators.items() if own[0].code and own[0].code not in rules()]
    yield f"operators whose rule does not exist yet: {listed(planned)}"
    unplanned = [name for name, own in operators.items() if not own[0].code]
    yield f"operators that no rule is planned for: {listed(unplanned)}"
    for title, groups in (("operators", operators), ("programs", programs)):
        silent = [name for name, own in groups.items() if not any(one.found or one.others for one in own)]
        yield f"{title} of which nothing at all is found: {listed(silent)}"


def listed(names: Iterable[str]) -> str:
    """The names in one line, `none` without any."""
    return ", ".join(names) or "none"


def misses(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """The mutants that a rule names and does not find at the right line."""
    for one in verdicts:
        if one.code in rules() and not one.at_line:
            lines = f"at {', '.join(map(str, one.reported))}" if one.found else "not found"
            other = f" ({' '.join(one.others)})" if one.others else ""
            yield f"{one.code} {one.operator}: {one.program}:{one.line} {lines}{other}: {one.changed}"
