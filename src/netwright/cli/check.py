"""`netwright check`: findings at the user's own line, with evidence and a fix."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import track

from netwright.cli.options import Input, Json, Whole
from netwright.cli.stdout import only_results
from netwright.errors import UsageError

if TYPE_CHECKING:
    from netwright.lint.finding import Finding
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

    @property
    def form(self) -> str:
        """The format, or `statistics`."""
        return "statistics" if self.statistics else "json" if self.json else self.format


def check(
    *targets: str,
    input: Input = None,
    whole: Whole = False,
    choice: Choice | None = None,
    fixing: Fixing | None = None,
    view: View | None = None,
    deep: Annotated[bool, Flag] = False,
) -> int:
    """Look for faults in networks and training scripts.

    Args:
        targets: Source files and folders, which are only read; specs of networks, which are recorded.
        deep: Run large networks with numbers too, which some rules do with small networks only.
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
        deep=deep,
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

    if not (fixing.fix or fixing.unsafe_fixes or fixing.diff or choice.write_baseline):
        return _check(session, view)
    with only_results():
        if choice.write_baseline:
            outcome = session.check(progress)
        else:
            outcome = session.fix(unsafe=fixing.unsafe_fixes, write=not fixing.diff)
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


def _check(session: "Session", view: View) -> int:
    """Check the targets; text is printed as soon as it is known, and every other format at the end."""
    with only_results() as results:
        stream = Stream(results)
        outcome = session.check(stream.through, stream.show if view.form == "text" else None)
    stream.finish()
    _tell(outcome)
    if view.form != "text":
        _show(outcome, view)
    else:
        _sum_up(outcome)
    return outcome.code


@dataclass
class Stream:
    """Print findings as soon as they are known, or at the end if there is a progress bar."""

    results: Callable[[], AbstractContextManager[None]]
    waiting: list["Finding"] = field(default_factory=list)
    _bar: bool = False

    def through(self, targets: list[str]) -> Iterable[str]:
        """Return the targets, with a progress bar if they are many."""
        shown = progress(targets)
        self._bar = shown is not targets
        return shown

    def show(self, findings: Sequence["Finding"]) -> None:
        """Print findings, or keep them for the end."""
        if self._bar:
            self.waiting += findings
            return
        with self.results():
            _print(findings)

    def finish(self) -> None:
        """Print the findings that were kept."""
        _print(self.waiting)


def _show(outcome: "Outcome", view: View) -> None:
    from netwright.lint.report import FORMATS, statistics

    if view.form == "statistics":
        sys.stdout.write(statistics(outcome.findings))
    elif view.form == "text":
        _print(outcome.findings)
        _sum_up(outcome)
    else:
        sys.stdout.write(FORMATS[view.form](outcome.findings))


def _print(findings: Sequence["Finding"]) -> None:
    from netwright.lint.report import coloured, grouped

    console = Console(soft_wrap=True, highlight=False)
    for group in grouped(findings):
        console.print(coloured(group))


def _sum_up(outcome: "Outcome") -> None:
    from netwright.lint.report import summary

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
        _check(session, view)
    except UsageError as error:
        _say(f"error: {error}")
