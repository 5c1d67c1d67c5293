"""What a model card says beyond `run.json`, as data: of the network, of its data, and of its test scores.

They are measured when a training has ended, and stored as `card.json` in the folder of the run.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from os.path import expanduser, realpath
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter, ValidationError
from torch import nn

from netwright import durable
from netwright.analysis.facts import Facts as Summary
from netwright.analysis.memory import memory
from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.data.kinds import Kind
from netwright.data.shares import sizes
from netwright.errors import SpecError
from netwright.lint.finding import Finding, Severity
from netwright.lint.run import check
from netwright.receptive.fields import Field
from netwright.receptive.needs import needs
from netwright.spec import parse
from netwright.trace.record import record
from netwright.training.bootstrap import Interval

FILE = "card.json"
PARTS = ("train", "valid", "test")
MOST = 1 << 28
"""Masks with more positions than these are not counted by class: that would read them all once more."""


@dataclass(frozen=True)
class Fault:
    """A finding of `netwright.check`; `place` is the name of the file and the line."""

    code: str
    name: str
    severity: Severity
    message: str
    place: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Return what the card says of a finding; of the file its name only, as the card may be published."""
        file = Path(finding.file).name
        place = f"{file}:{finding.line}" if finding.line else file
        return cls(finding.code, finding.name, finding.severity, finding.message, place)


@dataclass(frozen=True)
class Network:
    """What is known of the network without running it.

    Args:
        kind: The name of its class.
        ready: Whether the spec names a module, and not a class or a function that makes one.
        output: Shape of the output for one input, without the batch.
        macs: Multiply-accumulates of one input.
        peak: Bytes at the peak of the forward pass of one input, with the weights.
        sees: What one value of the output sees of the input, in words.
        short: Whether that is less than the input along some axis.
        tiling: Why tiles of a large input do not give what the whole input gives; empty where they do, and
            for outputs without axes of space.
        uncounted: Operations whose MACs are not known.
        faults: What `netwright.check` finds.
    """

    kind: str
    ready: bool
    output: tuple[int, ...]
    macs: int
    peak: int
    sees: str
    short: bool
    tiling: str
    uncounted: tuple[str, ...]
    faults: tuple[Fault, ...]

    @classmethod
    def of(cls, net: nn.Module, input: tuple[int, ...], spec: str | None) -> Self:
        """Measure a network; its weights and its mode stay as they are.

        Args:
            net: The network, as it was built: findings name the lines that built its layers.
            input: Shape of one input.
            spec: What names it, if anything does.
        """
        graph = record(deepcopy(net).requires_grad_(False), input, training=False)
        if graph.failure or not graph.outputs:
            reason = f": {graph.failure.message}" if graph.failure else ""
            raise SpecError(f"`{type(net).__name__}` cannot be recorded{reason}.")
        summary = Summary(graph, type(net).__name__)
        output = graph.outputs[0]
        field = summary.fields.strict(output.key, evaluated=True)
        return cls(
            kind=type(net).__name__,
            ready=spec is not None and _ready(spec),
            output=output.shape[1:],
            macs=summary.macs,
            peak=memory(graph).forward,
            sees=_seen(field),
            short=_short(field, input[1:]),
            tiling=_tiling(net, input) if len(output.shape) > len(input) > 1 else "",
            uncounted=summary.uncounted,
            faults=tuple(map(Fault.of, check(net, input))),
        )


@dataclass(frozen=True)
class Sizes:
    """What is known of the data: its layout in a line, and the examples of each split.

    `classes` counts the examples, or the positions of masks, of each class in each split; it is empty where
    targets have no classes. `skipped` counts the files that were left out because they could not be read.
    """

    layout: str
    examples: Mapping[str, int]
    classes: Mapping[str, Sequence[int]]
    skipped: int

    @classmethod
    def of(cls, data: Data) -> Self:
        """Count the examples and the classes of a data set."""
        splits = {part: getattr(data, part) for part in PARTS}
        counted = Kind.CLASS in data.kinds or (Kind.MASK in data.kinds and _positions(data) <= MOST)
        classes = {part: sizes(split, data).tolist() for part, split in splits.items()} if counted else {}
        return cls(data.layout, {part: len(split) for part, split in splits.items()}, classes, data.skipped)


@dataclass(frozen=True)
class Facts:
    """What a model card says beyond `run.json`; what was not measured is None.

    `metrics` are those of the task on the test split with their intervals, and `classes` the scores of each
    class by the name of the score, one for each class of the data.
    """

    network: Network | None = None
    data: Sizes | None = None
    metrics: Mapping[str, Interval] | None = None
    classes: Mapping[str, Sequence[Interval | None]] | None = None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the facts of a run; nothing is known where they are missing or damaged."""
        try:
            return TypeAdapter(cls).validate_json(durable.read(folder / FILE))
        except (OSError, ValidationError):
            return cls()

    def write(self, folder: Path) -> None:
        """Store the facts in the folder of a run."""
        durable.replace(folder / FILE, (json.dumps(asdict(self)) + "\n").encode())

    def beside(self, other: "Facts") -> "Facts":
        """Return these facts, with those of `other` where nothing is known here."""
        return replace(other, **{name: value for name, value in vars(self).items() if value is not None})


def _positions(data: Data) -> int:
    return sum(mask.numel() for part in PARTS for mask in getattr(data, part).targets[Kind.MASK])


def _ready(spec: str) -> bool:
    """Return whether a spec names a module; the file has been loaded, and is not loaded again."""
    call = parse(spec)
    file = realpath(expanduser(call.home)) if call.home.endswith(".py") else ""
    for name, module in list(sys.modules.items()):
        if name == call.home or (file and getattr(module, "__file__", None) == file):
            target: object = module
            for part in call.name.split("."):
                target = vars(target).get(part) if hasattr(target, "__dict__") else None
            return isinstance(target, nn.Module)
    return False


def _seen(field: Field) -> str:
    extents = field.inputs[0].extents
    if not extents:
        return ""
    if all(extent.kind == "whole" or extent.covers for extent in extents):
        return "the whole input"
    if any(extent.size is None or extent.kind == "unknown" for extent in extents):
        return field.text()
    most = "at most " if any(extent.kind != "uniform" or extent.bound for extent in extents) else ""
    return f"{most}{show(tuple(extent.size or 0 for extent in extents))} positions of the input"


def _short(field: Field, sides: tuple[int, ...]) -> bool:
    """Return whether no value of the output sees all of the input along some axis."""
    pairs = zip(field.inputs[0].extents, sides, strict=False)
    return any(not extent.covers and extent.size is not None and extent.size < side for extent, side in pairs)


def _tiling(net: nn.Module, input: tuple[int, ...]) -> str:
    reasons = [
        f"along axis {axis} {need.reason}" for axis, need in enumerate(needs(net, input)) if need.reason
    ]
    return "; ".join(reasons)
