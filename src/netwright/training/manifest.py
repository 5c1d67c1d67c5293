"""What makes a run this run: `run.json`, and why another request cannot go on with it."""

import platform
from hashlib import sha256
from typing import Any
from uuid import uuid4

import torch
from torch import nn

import netwright
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import RunError
from netwright.training.folder import Folder
from netwright.training.recipe import Recipe

OPEN = ("constant", "plateau")  # schedules whose past does not depend on where the run ends


def describe(
    spec: str | None, net: nn.Module, data: Data, task: Task, recipe: Recipe, resolved: Recipe
) -> dict[str, Any]:
    """The content of `run.json` at the start of a run; `resolved` is the recipe with its "auto" decided."""
    layout = [(name, tuple(tensor.shape)) for name, tensor in net.state_dict().items()]
    return {
        "format": 1,
        "id": uuid4().hex,
        "state": "running",
        "spec": spec,
        "layout": sha256(repr(layout).encode()).hexdigest(),
        "params": sum(parameter.numel() for parameter in net.parameters()),
        "data": {"name": data.name, "digest": data.digest},
        "task": task.name,
        "monitor": task.monitor,
        "recipe": recipe.model_dump(mode="json"),
        "resolved": resolved.model_dump(mode="json"),
        "versions": {
            "netwright": netwright.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }


def resumable(folder: Folder, about: dict[str, Any], resume: bool) -> None:
    """Make `run.json` say what the run in `folder` is from now on; where it says finished, nothing is left.

    Epochs or steps may be raised where the schedule does not depend on them; any other difference is refused,
    because the result would be that of no recipe.

    Raises:
        RunError: the folder holds a run and `resume` was not asked for, or one of other settings.
    """
    if folder.empty:
        folder.describe(about)
        return
    known = folder.about()
    if not resume:
        state = (
            "a finished run" if known["state"] == "finished" else "an unfinished run; resume goes on with it"
        )
        raise RunError(f"`{folder.path}` holds {state}; give another folder to start anew.")
    longer = _longer(known, about)
    reasons = differences(known, about, but=("epochs", "steps") if longer else ())
    if reasons:
        raise RunError(f"`{folder.path}` holds another run: {'; '.join(reasons)}.")
    if known["state"] != "finished" or longer:
        folder.restore(known["id"])  # a damaged checkpoint is refused before anything changes
        folder.describe(known | {key: about[key] for key in ("recipe", "resolved", "state")})


def differences(known: dict[str, Any], about: dict[str, Any], but: tuple[str, ...] = ()) -> list[str]:
    """Each thing that is not as in the stored run, with both values."""
    reasons = [
        f"{key} (={about[key]}) was {known[key]}" for key in ("spec", "task") if known[key] != about[key]
    ]
    if known["layout"] != about["layout"]:
        reasons.append("the network's weights have other names or shapes")
    if known["data"]["digest"] != about["data"]["digest"]:
        reasons.append(
            f"the data ({about['data']['name']}) has other content than {known['data']['name']} had"
        )
    reasons += [
        f"{key} (={value}) was {known['resolved'][key]}"
        for key, value in about["resolved"].items()
        if key not in but and value != known["resolved"][key]
    ]
    return reasons


def _longer(known: dict[str, Any], about: dict[str, Any]) -> bool:
    was, now = known["resolved"], about["resolved"]
    if now["schedule"] not in OPEN:
        return False
    return any(was[unit] and now[unit] and now[unit] > was[unit] for unit in ("epochs", "steps"))
