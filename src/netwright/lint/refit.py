"""Fix the source of a network, and keep only what leaves its output shapes as they were.

Every fix is tried on a copy of the file: the copy is loaded and recorded, and the user's file is replaced
once, at the end, by a text that passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from netwright.errors import UsageError
from netwright.lint.finding import Finding, Fix, Place
from netwright.lint.fix import applicable, apply, most
from netwright.lint.network import Network
from netwright.lint.rule import Rule
from netwright.lint.run import examine
from netwright.lint.script import Script
from netwright.lint.session import ROUNDS, Refitted, encoding_of, source_of

Shapes = tuple[tuple[int, ...], ...] | None


def refit(target: str, input: Any, running: Mapping[str, Rule], *, unsafe: bool) -> Refitted:
    """Apply the fixes of a network's findings, one after the other where they touch.

    Args:
        target: spec of a network in a file of the user's.
        input: what it is given, as `trace.record` takes it.
        running: the rules that run.
        unsafe: apply the unsafe fixes too.
    """
    with TemporaryDirectory(prefix="netwright-") as folder:
        trial = _Trial(target, input, Path(folder))
        text, count, refused = trial.text, 0, list[Finding]()
        for _ in range(ROUNDS):
            wanted = applicable(trial.examine(text, running), unsafe=unsafe)
            wanted = [found for found in wanted if not _among(found, refused)]
            result = apply(text, wanted)
            if not result.findings:
                break
            kept = most(result.findings, partial(trial.accepts, text))
            refused += [found for found in result.findings if found not in kept]
            text, count = apply(text, kept).text, count + len(kept)
        left = trial.examine(text, running)
    notes = tuple(
        f"{found.place}: {found.code} not fixed: the output shapes would change" for found in refused
    )
    return Refitted(text, count, tuple(_put_back(found, refused) for found in left), notes)


def _among(finding: Finding, others: list[Finding]) -> bool:
    return any((finding.code, finding.module) == (other.code, other.module) for other in others)


def _put_back(finding: Finding, refused: list[Finding]) -> Finding:
    if not _among(finding, refused) or finding.fix is None:
        return finding
    return replace(finding, fix=Fix(f"{finding.fix.text} (tried: the output shapes change)"))


class _Trial:
    """Copies of the user's file, under its own name in a folder of their own."""

    def __init__(self, target: str, input: Any, folder: Path):
        self.source = source_of(target)
        self.rest = target[len(self.source) :]
        self.input = input
        self.folder = folder
        self.text = Script.read(self.source).text
        self.count = 0
        self.known: dict[str, Network] = {}

    def network(self, text: str) -> Network:
        """The network of a text: as it stands, from the user's own file, whose folder it may import from."""
        if text not in self.known:
            path = self.source if text == self.text else self._copy(text)
            self.known[text] = Network.of(f"{path}{self.rest}", self.input)
        return self.known[text]

    def _copy(self, text: str) -> str:
        self.count += 1
        path = self.folder / str(self.count) / Path(self.source).name
        path.parent.mkdir()
        path.write_bytes(text.encode(encoding_of(Path(self.source))))
        return str(path)

    def examine(self, text: str, running: Mapping[str, Rule]) -> list[Finding]:
        """The findings of a text, at the places of the user's file."""
        network = self.network(text)
        found = examine(network, running)
        return [_moved(finding, network.home or "", self.source) for finding in found]

    def accepts(self, before: str, findings: Sequence[Finding]) -> bool:
        """True when with their fixes the network has its output shapes still, or for the first time."""
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
    """The finding at the user's file instead of the copy."""
    fix = finding.fix
    if fix:
        edits = tuple(replace(edit, place=_there(edit.place, copy, source)) for edit in fix.edits)
        fix = replace(fix, edits=edits)
    return replace(finding, place=_there(finding.place, copy, source), fix=fix)


def _there(place: Place, copy: str, source: str) -> Place:
    return replace(place, file=source) if place.file == copy else place
