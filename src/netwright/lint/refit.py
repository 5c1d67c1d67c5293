"""Fix the source of a network, and keep only the fixes that leave its output shapes as they were.

Every fix is tried on a copy of the file, which is loaded and recorded. The user's file is replaced once, at
the end, by a text that passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from netwright.errors import UsageError
from netwright.lint.finding import Finding, Place
from netwright.lint.fix import Fixed, apply, fix_all
from netwright.lint.network import Network
from netwright.lint.rule import Rule
from netwright.lint.run import examine
from netwright.lint.script import Script
from netwright.lint.target import source_of
from netwright.lint.write import encoding_of

Shapes = tuple[tuple[int, ...], ...] | None


def refit(target: str, input: Any, running: Mapping[str, Rule], *, unsafe: bool) -> Fixed:
    """Apply the fixes of a network's findings.

    Args:
        target: The spec of a network in a file of the user's.
        input: The input of the network, as `trace.record` takes it.
        running: The rules that run.
        unsafe: True to apply the unsafe fixes too.
    """
    with TemporaryDirectory(prefix="netwright-") as folder:
        trial = _Trial(target, input, running, Path(folder))
        return fix_all(trial.text, trial.examine, trial.accepts, unsafe=unsafe)


class _Trial:
    """Copies of the user's file, each under its own name in a folder of its own."""

    def __init__(self, target: str, input: Any, running: Mapping[str, Rule], folder: Path):
        self.source = source_of(target)
        self.rest = target[len(self.source) :]
        self.input, self.running, self.folder = input, running, folder
        self.text = Script.read(self.source).text
        self.count = 0
        self.networks: dict[str, Network] = {}

    def network(self, text: str) -> Network:
        """Return the network of a text; the original comes from the user's own file and folder."""
        if text not in self.networks:
            path = self.source if text == self.text else self._copy(text)
            self.networks[text] = Network.of(f"{path}{self.rest}", self.input)
        return self.networks[text]

    def _copy(self, text: str) -> str:
        self.count += 1
        path = self.folder / str(self.count) / Path(self.source).name
        path.parent.mkdir()
        path.write_bytes(text.encode(encoding_of(Path(self.source))))
        return str(path)

    def examine(self, text: str) -> list[Finding]:
        """Return the findings of a text, at their places in the user's file."""
        network = self.network(text)
        findings = examine(network, self.running)
        return [_moved(finding, network.home or "", self.source) for finding in findings]

    def accepts(self, before: str, findings: Sequence[Finding]) -> bool:
        """Return True when the fixes keep the output shapes, or make the network run for the first time."""
        old = self._outputs(before)
        new = self._outputs(apply(before, findings).text)
        return new is not None and old in (None, new)

    def _outputs(self, text: str) -> Shapes:
        try:
            graph = self.network(text).graph
        except UsageError:
            return None
        return None if graph.failure else tuple(tensor.shape for tensor in graph.outputs)


def _moved(finding: Finding, copy: str, source: str) -> Finding:
    """Return a finding of the copy at its place in the user's file."""
    fix = finding.fix
    if fix:
        edits = tuple(replace(edit, place=_there(edit.place, copy, source)) for edit in fix.edits)
        fix = replace(fix, edits=edits)
    return replace(finding, place=_there(finding.place, copy, source), fix=fix)


def _there(place: Place, copy: str, source: str) -> Place:
    return replace(place, file=source) if place.file == copy else place
