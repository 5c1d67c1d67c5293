"""What is exported: a run, or any network, with what other programs must know of it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from netwright.analysis.summary import summary
from netwright.data.examples import Data
from netwright.data.source import located
from netwright.errors import DataError, UsageError
from netwright.predict.ensemble import Ensemble
from netwright.predict.raw import Raw
from netwright.spec import load
from netwright.training.folder import Folder
from netwright.training.result import Run, Which

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
    net: Run | nn.Module | str | Path,
    input: tuple[int, ...] | None = None,
    *,
    which: Which = "best",
    trust: bool = False,
) -> Subject:
    """Return what a run, the folder of a run, an ensemble of runs, a spec or a module stands for.

    Raises:
        UsageError: A spec or a module was given without the shape of its input.
        RunError: The folder does not contain a run.
    """
    if isinstance(net, Path) or (isinstance(net, str) and (Path(net) / "run.json").exists()):
        net = Run.read(net)
    if isinstance(net, Run):
        return _of_run(net, net.load(which, trust=trust), net.spec)
    if isinstance(net, Ensemble) and net.run is not None:
        return _of_run(net.run, net, None)
    if input is None:
        raise UsageError("a network that is not a run needs the shape of its `input`, as in 3x32x32.")
    name = net if isinstance(net, str) else type(net).__name__
    module = (load(net, input=input) if isinstance(net, str) else net).eval()
    return Subject(
        module, input, {"netwright.spec": name, "netwright.summary": _summary(module, input, name)}
    )


def _of_run(run: Run, net: nn.Module, spec: str | None) -> Subject:
    """Return what a network stands for that reads and gives what that of a run does."""
    data, task = run.data, Folder(run.folder).about()["task"]
    input = tuple(data["input"])
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
    """Return examples of the test split as raw floats; None where the data is not here or has other sizes.

    Data of the hub counts as not here: an export does not download anything.
    """
    name = run.data["name"]
    if name != "digits" and located(name) is None:
        return None
    try:
        data = Data.load(name)
    except DataError:
        return None
    if not data.uniform:
        return None
    inputs = data.test.inputs[:EXAMPLES]
    assert isinstance(inputs, Tensor)
    return inputs.float() if tuple(inputs.shape[1:]) == input else None
