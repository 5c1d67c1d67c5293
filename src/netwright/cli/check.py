"""`netwright check`: findings at the user's own line, with evidence and a fix."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import track

from netwright.cli.options import Input, Json, Whole
from netwright.cli.stdout import only_results
from netwright.errors import UsageError

if TYPE_CHECKING:
    from netwright.lint.session import Outcome, Session

Codes = Annotated[tuple[str, ...], Parameter(consume_multiple=False)]
Flag = Parameter(negative="")
MANY = 20
"""The least number of targets for which a progress bar is shown."""


@Parameter(name="*")
@dataclass(frozen=True)
class Choice:
    """The rules that run, and the findings that are already accepted."""

    select: Codes = ()
    "Codes or prefixes of the rules to run (NW3, NW301, ALL); repeat the option or separate codes by commas."
    ignore: Codes = ()
    "Codes or prefixes of the rules to leave out."
    baseline: Path | None = None
    "Report only findings that are not in this baseline."
    write_baseline: Path | None = None
    "Accept all present findings: write them to this file."


@Parameter(name="*")
@dataclass(frozen=True)
class Fixing:
    """The fixes that are applied."""

    fix: Annotated[bool, Flag] = False
    "Apply the safe fixes."
    unsafe_fixes: Annotated[bool, Flag] = False
    "Apply the unsafe fixes too, which may change the state_dict or the results."
    diff: Annotated[bool, Flag] = False
    "Show what the fixes would change, and write nothing."


@Parameter(name="*")
@dataclass(frozen=True)
class View:
    """The form in which findings are shown."""

    format: Literal["text", "json", "sarif", "github"] = "text"
    "The format of the findings."
    json: Json = False
    statistics: Annotated[bool, Flag] = False
    "Print the number of findings of each rule instead."
    watch: Annotated[bool, Flag] = False
    "Check again whenever a file is saved, until Ctrl-C."


def check(
    *targets: str,
    input: Input = None,
    whole: Whole = False,
    choice: Choice | None = None,
    fixing: Fixing | None = None,
    view: View | None = None,
) -> int:
    """Look for faults in networks and training scripts.

    Args:
        targets: Source files and folders, which are only read; specs of networks, which are recorded.
    """
    from netwright.lint.session import Session
    from netwright.slicing.loader import whole_files

    choice, fixing, view = choice or Choice(), fixing or Fixing(), view or View()
    if not targets:
        raise UsageError(
            "there is nothing to check: give a file, a folder or a network, as in `netwright check train.py`."
        )
    if choice.baseline and choice.write_baseline:
        raise UsageError(
            "`--baseline` reads a baseline and `--write-baseline` writes one; give only one of them."
        )
    session = Session(
        targets,
        input,
        select=split(choice.select),
        ignore=split(choice.ignore),
        baseline=choice.baseline,
    )
    with whole_files(whole):
        if view.watch:
            return _watch(session, fixing, view)
        return _once(session, choice, fixing, view)


def split(codes: Sequence[str]) -> tuple[str, ...]:
    """Return single codes from options that may hold several, separated by commas.

    >>> split(["NW1,NW301", "NW7"])
    ('NW1', 'NW301', 'NW7')
    """
    return tuple(code.strip().upper() for text in codes for code in text.split(","))


def _once(session: "Session", choice: Choice, fixing: Fixing, view: View) -> int:
    from netwright.lint import baseline

    with only_results():
        if fixing.fix or fixing.unsafe_fixes or fixing.diff:
            outcome = session.fix(unsafe=fixing.unsafe_fixes, write=not fixing.diff)
        else:
            outcome = session.check(progress)
    _tell(outcome)
    if choice.write_baseline:
        count = baseline.save(outcome.findings, choice.write_baseline)
        _say(f"{count} findings accepted in {choice.write_baseline}")
        return 2 if outcome.failures else 0
    if fixing.diff:
        sys.stdout.write(outcome.diff)
    else:
        _show(outcome, view)
    return outcome.code


def _show(outcome: "Outcome", view: View) -> None:
    from netwright.lint.report import FORMATS, statistics

    findings = outcome.findings
    if view.statistics:
        sys.stdout.write(statistics(findings))
        return
    chosen = "json" if view.json else view.format
    if chosen == "text":
        _text(outcome)
    else:
        sys.stdout.write(FORMATS[chosen](findings))


def _text(outcome: "Outcome") -> None:
    from netwright.lint.report import coloured, grouped, summary

    console = Console(soft_wrap=True, highlight=False)
    for group in grouped(outcome.findings):
        console.print(coloured(group))
    if outcome.findings or not outcome.failures:
        _say(summary(outcome.findings))


def _tell(outcome: "Outcome") -> None:
    for text in (*outcome.failures, *outcome.notes):
        _say(text)


def _say(text: str) -> None:
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)


def progress(targets: list[str]) -> Iterable[str]:
    """Return the targets; if they are many and standard error is a terminal, show a progress bar."""
    console = Console(stderr=True)
    if len(targets) < MANY or not console.is_terminal:
        return targets
    return track(targets, "checking", console=console, transient=True)


def _watch(session: "Session", fixing: Fixing, view: View) -> int:
    from netwright.lint.watch import changes

    if fixing.fix or fixing.unsafe_fixes or fixing.diff:
        raise UsageError(
            "`--watch` only shows findings; it cannot be combined with `--fix`, `--unsafe-fixes` or `--diff`."
        )
    try:
        for files in changes(session.files):
            if files:
                _say(f"\n{', '.join(files)} changed")
            _again(session, view)
    except KeyboardInterrupt:
        _say("")
    return 0


def _again(session: "Session", view: View) -> None:
    try:
        with only_results():
            outcome = session.check()
    except UsageError as error:
        _say(f"error: {error}")
        return
    _tell(outcome)
    _show(outcome, view)
