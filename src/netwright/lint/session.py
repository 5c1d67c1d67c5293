"""All targets of one `netwright check`, checked or fixed together."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.arithmetic.shape import parse as parse_shape
from netwright.errors import UsageError
from netwright.lint import baseline as baselines
from netwright.lint import config
from netwright.lint.catalogue import selection
from netwright.lint.finding import Finding
from netwright.lint.fix import Fixed, diff, fix_all
from netwright.lint.run import by_rule, examine, in_order
from netwright.lint.script import Script
from netwright.lint.target import is_script, scripts, source_of
from netwright.lint.write import write_source

if TYPE_CHECKING:
    from netwright.lint.survey.survey import Survey


@dataclass(frozen=True)
class Outcome:
    """The result of a check: findings, targets that could not be checked, and further notes for the user."""

    findings: tuple[Finding, ...] = ()
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    diff: str = ""

    @property
    def code(self) -> int:
        """The exit code: 2 if a target could not be checked, 1 if an error or a warning remains, else 0."""
        if self.failures:
            return 2
        return int(any(finding.severity != "info" for finding in self.findings))


@dataclass
class Session:
    """The targets of one command, with the rules, the input and the baseline for all of them."""

    targets: Sequence[str]
    input: str | Sequence[str] | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    baseline: Path | None = None
    deep: bool = False
    _failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        asked = config.load(Path.cwd())
        self.running = selection(self.select or asked.select, (*self.ignore, *asked.ignore))
        texts = (self.input,) if isinstance(self.input, str) else tuple(self.input or ())
        self._texts = texts or asked.input
        for text in self._texts:
            parse_shape(text.rpartition("=")[2].partition(":")[0])
        if self.baseline is None and asked.baseline:
            self.baseline = Path(asked.baseline)

    @cached_property
    def given(self) -> Any:
        """The input of the networks; None if no shape is given."""
        from netwright.trace.inputs import parse_inputs

        return parse_inputs(self._texts) if self._texts else None

    def check(
        self,
        through: Callable[[list[str]], Iterable[str]] = iter,
        tell: Callable[[list[Finding]], None] | None = None,
    ) -> Outcome:
        """Check every target; one that cannot be checked does not stop the others.

        Args:
            through: A function that yields the targets one by one, as a progress bar does.
            tell: A function that is given the new findings of a script, or of one rule on a network, as soon
                as they are known.
        """
        self._failures = []
        left = baselines.load(self.baseline) if self.baseline else None
        findings: list[Finding] = []
        for target in through(list(self._each())):
            known: list[Finding] = []
            for part in self._parts(target):
                new = baselines.new(part, self.baseline, left) if self.baseline else part
                known += new
                if tell and new:
                    tell(new)
            findings += in_order(known)
        return Outcome(tuple(findings), tuple(self._failures))

    def judge(self, survey: "Survey", tell: Callable[[list[Finding]], None] | None = None) -> Outcome:
        """Check a data set that was surveyed; `tell` is given the findings of each rule."""
        left = baselines.load(self.baseline) if self.baseline else None
        findings: list[Finding] = []
        for part in by_rule(survey, self.running):
            new = baselines.new(part, self.baseline, left) if self.baseline else part
            findings += new
            if tell and new:
                tell(new)
        return Outcome(tuple(findings))

    def files(self) -> list[str]:
        """Return the source files of the targets."""
        return [source for target in self._each() if (source := source_of(target))]

    def fix(self, *, unsafe: bool, write: bool) -> Outcome:
        """Fix every target, and return the findings that are left; without `write`, only show the changes."""
        self._failures = []
        outcomes = []
        for target in self._each():
            try:
                outcomes.append(self._fixed(target, unsafe, write))
            except UsageError as error:
                self._failures.append(f"error: {error}")
        left = [finding for outcome in outcomes for finding in outcome.findings]
        notes = tuple(note for outcome in outcomes for note in outcome.notes)
        return Outcome(
            self._new(left), tuple(self._failures), notes, "".join(outcome.diff for outcome in outcomes)
        )

    def _each(self) -> Iterator[str]:
        for target in self.targets:
            yield from scripts(target) if is_script(target) else [target]

    def _new(self, findings: list[Finding]) -> tuple[Finding, ...]:
        return tuple(baselines.new(findings, self.baseline) if self.baseline else findings)

    def _parts(self, target: str) -> Iterator[list[Finding]]:
        """Yield the findings on a script at once, and those on a network rule by rule."""
        try:
            if is_script(target):
                yield examine(Script.read(target), self.running)
            else:
                from netwright.lint.network import Network

                yield from by_rule(Network.of(target, self.given, deep=self.deep), self.running)
        except UsageError as error:
            self._failures.append(f"error: {error}")

    def _fixed(self, target: str, unsafe: bool, write: bool) -> Outcome:
        source = source_of(target)
        if not source:
            note = f"{target}: only networks in files of yours can be fixed"
            return Outcome(tuple(in_order(chain(*self._parts(target)))), notes=(note,))
        before = Script.read(source).text
        if is_script(target):
            result = fix_all(before, partial(self._parsed, source), lambda *_: True, unsafe=unsafe)
        else:
            from netwright.lint.refit import refit

            result = refit(target, self.given, self.running, unsafe=unsafe)
        return _written(source, before, result, write)

    def _parsed(self, source: str, text: str) -> list[Finding]:
        return examine(Script.parse(text, source), self.running)


def _written(source: str, before: str, result: Fixed, write: bool) -> Outcome:
    notes = tuple(
        f"{finding.place}: {finding.code} not fixed: the output shapes would change"
        for finding in result.refused
    )
    if result.text == before:
        return Outcome(result.left, notes=notes)
    if not write:
        return Outcome(result.left, notes=notes, diff=diff(before, result.text, os.path.relpath(source)))
    write_source(Path(source), result.text)
    return Outcome(result.left, notes=(*notes, f"{source}: {len(result.findings)} fixed"))
