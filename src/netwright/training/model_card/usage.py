"""How to use the weights of a run: lines of Python that run as they are shown."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.spec import Spec, parse
from netwright.target import refuse_library
from netwright.training.checkpoint import MODEL
from netwright.training.folder import CHECKPOINTS, Folder
from netwright.training.model_card.facts import Network

if TYPE_CHECKING:
    from netwright.training.result import Run

LOAD = "from safetensors.torch import load_file"


def named(spec: str) -> str:
    """Return a spec without the folder of its file, which says nothing to others.

    >>> named("/home/ada/nets/net.py:Net(width=2)"), named("timm.models:resnet18"), named("resnet20")
    ('net.py:Net(width=2)', 'timm.models:resnet18', 'resnet20')
    """
    home = parse(spec).home
    return f"{Path(home).name}{spec.strip().removeprefix(home)}" if home.endswith(".py") else spec.strip()


def weights(run: "Run") -> str:
    """Return the file of the best weights, relative to the folder; empty if there is none."""
    if (run.folder / MODEL).exists():
        return MODEL
    best = Folder(run.folder).index()["best"]
    return f"{CHECKPOINTS}/{best}/{MODEL}" if best is not None else ""


def ours(run: "Run") -> str:
    """Return the lines that load the network by Netwright."""
    given = "" if run.spec is not None else "net=net"
    if run.spec is not None and parse(run.spec).home:
        given = f"net={named(run.spec)!r}"
    return f'import netwright as nw\n\nrun = nw.Run.read(".")\nnet = run.load({given})'


def torch(run: "Run", network: Network | None, file: str) -> str:
    """Return the lines that load the weights in `file` by PyTorch alone, in evaluation mode."""
    call = parse(run.spec) if run.spec is not None else None
    fill = f'net.load_state_dict(load_file("{file}"))\nnet.eval()'
    if call is None:
        return f"{LOAD}\n\n{fill}"
    imported, made = _registered(run, call) if not call.home else _own(call, network)
    return f"{imported}\n{LOAD}\n\nnet = {made}\n{fill}"


def normalisation(data: Mapping[str, Any]) -> str:
    """Return the lines that define how stored values become what the network reads."""
    axes = ", 1" * (len(data["input"]) - 1)
    low, high = data["range"]
    mean, std = data["mean"], [value if value > 0 else 1.0 for value in data["std"]]
    return (
        "import torch\n\n"
        f"mean = torch.tensor({mean}).reshape(-1{axes})\n"
        f"std = torch.tensor({std}).reshape(-1{axes})\n\n\n"
        "def normalised(stored):\n"
        f'    """Return a batch of stored values, {low:g} to {high:g}, as the network reads them."""\n'
        f"    return ((stored.float() - {low}) / {(high - low) or 1.0} - mean) / std"
    )


def _registered(run: "Run", call: Spec) -> tuple[str, str]:
    """Return the import and the call of a registered network, which takes its size from the data."""
    input = tuple(run.data["input"])
    return "import netwright as nw", f"nw.load({call.text!r}, input={input}, classes={run.outputs})"


def _own(call: Spec, network: Network | None) -> tuple[str, str]:
    """Return the import and the call of a network of a file or a package.

    Functions of the standard library are refused: the spec of a foreign run could name any of them.
    """
    refuse_library(call.home)
    home = Path(call.home).stem if call.home.endswith(".py") else call.home
    if not all(part.isidentifier() for part in home.split(".")):
        return "import netwright as nw", f"nw.load({named(call.text)!r})"
    first = call.name.partition(".")[0]
    given = [*map(repr, call.args), *(f"{name}={value!r}" for name, value in call.options.items())]
    arguments = "" if network is not None and network.ready else f"({', '.join(given)})"
    return f"from {home} import {first}", f"{call.name}{arguments}"
