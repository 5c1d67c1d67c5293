"""`netwright check`: findings at the user's own line, with evidence and a fix."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.progress import track

from netwright.cli.check_data import Dataset, check_data
from netwright.cli.findings import Choice, Flag, View, say, show, split, sum_up, tell, write
from netwright.cli.options import Input, Whole
from netwright.cli.stdout import only_results
from netwright.errors import UsageError

if TYPE_CHECKING:
    from netwright.lint.finding import Finding
    from netwright.lint.session import Session

MANY = 20
"""The least number of targets for which a progress bar is shown."""


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
class Running:
    """How networks are built and run."""

    input: Input = None
    whole: Whole = False
    deep: Annotated[bool, Flag] = False
    "Run large networks with numbers too, which some rules do with small networks only."


def check(
    *targets: str,
    running: Running | None = None,
    dataset: Dataset | None = None,
    choice: Choice | None = None,
    fixing: Fixing | None = None,
    view: View | None = None,
) -> int:
    """Look for faults in networks and training scripts, or in a data set.

    Args:
        targets: Source files and folders, which are only read; specs of networks, which are recorded.
    """
    from netwright.lint.session import Session
    from netwright.slicing.loader import whole_files

    choice, fixing, view = choice or Choice(), fixing or Fixing(), view or View()
    running, dataset = running or Running(), dataset or Dataset()
    _require_sense(targets, dataset, choice, fixing, view)
    if dataset.data is not None:
        _require_no_network(running)
        return check_data(dataset, choice, view)
    session = Session(
        targets,
        running.input,
        select=split(choice.select),
        ignore=split(choice.ignore),
        baseline=choice.baseline,
        deep=running.deep,
    )
    with whole_files(running.whole):
        if view.watch:
            return _watch(session, fixing, view)
        return _once(session, choice, fixing, view)


def _require_sense(
    targets: Sequence[str], dataset: Dataset, choice: Choice, fixing: Fixing, view: View
) -> None:
    """Refuse options that do not go together."""
    if not targets and dataset.data is None:
        raise UsageError(
            "there is nothing to check: give a file, folder or network, as in `netwright check train.py`, "
            "or a data set, as in `netwright check --data FOLDER`."
        )
    if dataset.data is not None and (targets or view.watch or fixing != Fixing()):
        raise UsageError(
            "`--data` is checked by itself, without other targets, and without fixes or `--watch`."
        )
    if dataset.data is None and dataset != Dataset():
        raise UsageError(
            "`--recipe`, `--augment` and how to read files belong to a data set; name it with `--data`."
        )
    if choice.baseline and choice.write_baseline:
        raise UsageError(
            "`--baseline` reads a baseline and `--write-baseline` writes one; give only one of them."
        )


def _require_no_network(running: Running) -> None:
    """Refuse options of networks beside a data set."""
    given = {"--input": running.input, "--deep": running.deep, "--run": running.whole}
    if used := [name for name, value in given.items() if value]:
        raise UsageError(f"`{used[0]}` is for networks, and `--data` checks a data set; leave it out.")


def _once(session: "Session", choice: Choice, fixing: Fixing, view: View) -> int:
    from netwright.lint import baseline

    if not (fixing.fix or fixing.unsafe_fixes or fixing.diff or choice.write_baseline):
        return _check(session, view)
    with only_results():
        if choice.write_baseline:
            outcome = session.check(progress)
        else:
            outcome = session.fix(unsafe=fixing.unsafe_fixes, write=not fixing.diff)
    tell(outcome)
    if choice.write_baseline:
        count = baseline.save(outcome.findings, choice.write_baseline)
        say(f"{count} findings accepted in {choice.write_baseline}")
        return 2 if outcome.failures else 0
    if fixing.diff:
        sys.stdout.write(outcome.diff)
    else:
        show(outcome, view)
    return outcome.code


def _check(session: "Session", view: View) -> int:
    """Check the targets; text is printed as soon as it is known, and every other format at the end."""
    with only_results() as results:
        stream = Stream(results)
        outcome = session.check(stream.through, stream.show if view.form == "text" else None)
    stream.finish()
    tell(outcome)
    if view.form != "text":
        show(outcome, view)
    else:
        sum_up(outcome)
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
            write(findings)

    def finish(self) -> None:
        """Print the findings that were kept."""
        write(self.waiting)


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
                say(f"\n{', '.join(files)} changed")
            _again(session, view)
    except KeyboardInterrupt:
        say("")
    return 0


def _again(session: "Session", view: View) -> None:
    try:
        _check(session, view)
    except UsageError as error:
        say(f"error: {error}")
