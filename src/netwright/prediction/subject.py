"""What is exported: a run, or any network, with what other programs must know of it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from netwright.analysis.summary import summary
from netwright.arithmetic.shape import show
from netwright.data.examples import Data
from netwright.data.source import located
from netwright.errors import DataError, UsageError
from netwright.prediction.ensemble import Ensemble
from netwright.prediction.raw import Raw
from netwright.spec import load
from netwright.training.folder import Folder
from netwright.training.result import Run, Which
from netwright.training.tiles import read

EXAMPLES = 8
"""How many examples of the test split are compared."""


@dataclass(frozen=True)
class Subject:
    """A network in evaluation mode on the CPU, the shape of one input, and facts about it as text by key.

    `net` takes raw values where it comes from a run, whose range is `low` to `high`; otherwise it takes what
    the network takes. `real` holds examples of the run's data, where that could be loaded.
    """

    net: nn.Module
    input: tuple[int, ...]
    facts: dict[str, str]
    low: float = -1.0
    high: float = 1.0
    real: Tensor | None = None

    def random(self, batch: int, space: tuple[int, ...]) -> Tensor:
        """Return random inputs [batch, channels, *space] within the range; the same ones every time."""
        generator = torch.Generator().manual_seed(batch)
        noise = torch.rand(batch, self.input[0], *space, generator=generator)
        return noise * (self.high - self.low) + self.low


def subject(
    model: Run | nn.Module | str | Path,
    input: tuple[int, ...] | None = None,
    *,
    which: Which = "best",
    net: nn.Module | str | None = None,
    trust: bool = False,
) -> Subject:
    """Return what a run, the folder of a run, an ensemble of runs, a spec or a module stands for.

    Raises:
        UsageError: A spec or a module was given without the shape of its input, or with `net`.
        RunError: The folder does not contain a run, or it is the run of a module and needs `net`.
    """
    if isinstance(model, Path) or (isinstance(model, str) and (Path(model) / "run.json").exists()):
        model = Run.read(model)
    if isinstance(model, Run):
        return _of_run(model, model.load(which, net, trust=trust), model.spec, input)
    if net is not None:
        raise UsageError(
            "`net` is the network of a run that trained a module; here the network is given itself."
        )
    if isinstance(model, Ensemble) and model.run is not None:
        return _of_run(model.run, model, None, input)
    if input is None:
        raise UsageError("a network that is not a run needs the shape of its `input`, as in 3x32x32.")
    name = model if isinstance(model, str) else type(model).__name__
    module = (load(model, input=input) if isinstance(model, str) else model).eval()
    return Subject(
        module, input, {"netwright.spec": name, "netwright.summary": _summary(module, input, name)}
    )


def _of_run(run: Run, net: nn.Module, spec: str | None, input: tuple[int, ...] | None) -> Subject:
    """Return what a network stands for that reads and gives what that of a run does."""
    data, task = run.data, Folder(run.folder).about()["task"]
    own = tuple(data["input"])
    input = input or own
    if (len(input), input[0]) != (len(own), own[0]):
        raise UsageError(
            f"`input` (={show(input)}) must have the channels and axes of the run's data, {show(own)}."
        )
    name = spec or type(net).__name__
    facts = {
        "netwright.spec": name,
        "netwright.task": json.dumps({"name": task["name"], "settings": task["settings"]}),
        "netwright.classes": json.dumps(data["classes"]),
        "netwright.data": json.dumps({key: data[key] for key in ("name", "digest", "range", "mean", "std")}),
        "netwright.summary": _summary(net, input, name),
    }
    raw = Raw(net, range=data["range"], mean=data["mean"], std=data["std"], axes=len(input) - 1).eval()
    low, high = data["range"]
    return Subject(raw, input, facts, low, high, _real(run, input))


def _summary(net: nn.Module, input: tuple[int, ...], name: str) -> str:
    """Return our summary of the network without the rows, which are the graph itself."""
    facts: dict[str, Any] = json.loads(summary(net, input, name=name).to_json())
    return json.dumps({key: value for key, value in facts.items() if key != "rows"})


def _real(run: Run, input: tuple[int, ...]) -> Tensor | None:
    """Return the middle of the first examples of the test split [b, *input]; None if the data is not here."""
    name = run.data["name"]
    if name != "digits" and located(name) is None:
        return None
    try:
        data = Data.load(name, **run.data.get("options", {}))
    except DataError:
        return None
    if (data.channels, len(data.input)) != (input[0], len(input)):
        return None
    examples = [data.test.inputs[k] for k in range(min(EXAMPLES, len(data.test)))]
    return torch.stack([read(example, _middle(example, input[1:])).float() for example in examples])


def _middle(example: Tensor, space: tuple[int, ...]) -> tuple[slice, ...]:
    """Return the window of a size in the middle of an example [c, *space]; it may reach outside."""
    starts = [(side - size) // 2 for side, size in zip(example.shape[1:], space, strict=True)]
    return tuple(slice(start, start + size) for start, size in zip(starts, space, strict=True))
