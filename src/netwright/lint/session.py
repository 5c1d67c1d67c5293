"""What `netwright check` does with its targets: check them all, fix them, say what could not be read."""

import os
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Any

from netwright.arithmetic.shape import parse as parse_shape
from netwright.errors import UsageError
from netwright.lint import baseline as baselines
from netwright.lint import config
from netwright.lint.catalogue import selection
from netwright.lint.finding import Finding
from netwright.lint.fix import applicable, apply, diff
from netwright.lint.run import examine, is_script, scripts
from netwright.lint.script import Script
from netwright.lint.write import write as write_file

ROUNDS = 10
"""Fixes that touch each other are applied one round after the other."""


@dataclass(frozen=True)
class Outcome:
    """What a check found; `failures` are targets that could not be checked, `notes` what else to tell."""

    findings: tuple[Finding, ...] = ()
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    diff: str = ""

    @property
    def code(self) -> int:
        """The exit code: 2 when a target could not be checked, 1 when an error or warning stands."""
        if self.failures:
            return 2
        return int(any(finding.severity != "info" for finding in self.findings))


@dataclass
class Session:
    """The targets of one command with the rules, the input and the baseline that hold for them."""

    targets: Sequence[str]
    input: str | Sequence[str] | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    baseline: Path | None = None
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
        """What the networks are given, read from the texts; None where there are none."""
        from netwright.trace.inputs import parse_inputs

        return parse_inputs(self._texts) if self._texts else None

    def check(self, through: Callable[[list[str]], Iterable[str]] = iter) -> Outcome:
        """Check every target; one that cannot be checked does not keep the others from it.

        Args:
            through: hands on the targets one by one, as a progress bar does.
        """
        self._failures = []
        findings = [finding for target in through(list(self._each())) for finding in self._examine(target)]
        return Outcome(self._new(findings), tuple(self._failures))

    def files(self) -> list[str]:
        """The source files of the targets."""
        return [source for target in self._each() if (source := source_of(target))]

    def fix(self, *, unsafe: bool, write: bool) -> Outcome:
        """Fix every target and report what is left; without `write` only the difference is made."""
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

    def _examine(self, target: str) -> list[Finding]:
        look = self._script if is_script(target) else self._network
        try:
            return look(target)
        except UsageError as error:
            self._failures.append(f"error: {error}")
            return []

    def _script(self, target: str) -> list[Finding]:
        return examine(Script.read(target), self.running)

    def _network(self, target: str) -> list[Finding]:
        from netwright.lint.network import Network

        return examine(Network.of(target, self.given), self.running)

    def _fixed(self, target: str, unsafe: bool, write: bool) -> Outcome:
        source = source_of(target)
        if not source:
            return Outcome(tuple(self._examine(target)), notes=(f"{target}: only files of yours are fixed",))
        before = Script.read(source).text
        if is_script(target):
            result = self._rounds(Script.read(target), unsafe)
        else:
            from netwright.lint.refit import refit

            result = refit(target, self.given, self.running, unsafe=unsafe)
        return _written(source, before, result, write)

    def _rounds(self, script: Script, unsafe: bool) -> "Refitted":
        """Apply the fixes of a script until none is left."""
        count = 0
        for _ in range(ROUNDS):
            result = apply(script.text, applicable(examine(script, self.running), unsafe=unsafe))
            if not result.findings:
                break
            count += len(result.findings)
            script = Script.parse(result.text, script.path)
        return Refitted(script.text, count, tuple(examine(script, self.running)))


@dataclass(frozen=True)
class Refitted:
    """A source text after fixes: how many were made, what is left, and what to tell."""

    text: str
    count: int
    left: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def _written(source: str, before: str, result: Refitted, write: bool) -> Outcome:
    if result.text == before:
        return Outcome(result.left, notes=result.notes)
    if not write:
        return Outcome(
            result.left, notes=result.notes, diff=diff(before, result.text, os.path.relpath(source))
        )
    save(Path(source), result.text)
    return Outcome(result.left, notes=(*result.notes, f"{source}: {result.count} fixed"))


def source_of(target: str) -> str:
    """The user's file that a target names, empty for a registered or installed network.

    >>> source_of("net.py:Net(width=2)"), source_of("train.py"), source_of("resnet20")
    ('net.py', 'train.py', '')
    """
    if is_script(target):
        return target
    home = target.partition("(")[0].rpartition(":")[0]
    return home if home.endswith(".py") else ""


def save(path: Path, text: str) -> None:
    """Write source text in the encoding and with the line ends that its file has."""
    encoding = encoding_of(path)
    before = path.read_bytes().decode(encoding)
    write_file(path, ended(text, before), encoding=encoding)


def encoding_of(path: Path) -> str:
    """The encoding that a source file declares, with its byte-order mark where it has one."""
    with open(path, "rb") as file:
        return tokenize.detect_encoding(file.readline)[0]


def ended(text: str, before: str) -> str:
    """A text with the line ends of the one before it, line by line where those are mixed.

    >>> ended("a\\nb\\nc\\n", "a\\r\\nc\\n")
    'a\\r\\nb\\nc\\n'
    """
    pieces = re.split(r"(\r\n|\r|\n)", before)
    lines, ends = pieces[::2], pieces[1::2]
    if len(set(ends)) < 2:
        return text.replace("\n", ends[0]) if ends else text
    new = text.split("\n")
    usual = max(sorted(set(ends)), key=ends.count)
    found = [usual] * len(new)
    for block in SequenceMatcher(None, lines, new, autojunk=False).get_matching_blocks():
        found[block.b : block.b + block.size] = [*ends, usual][block.a : block.a + block.size]
    return "".join(line + end for line, end in zip(new, [*found[:-1], ""], strict=True))
