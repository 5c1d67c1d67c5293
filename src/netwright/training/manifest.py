"""What identifies a run: the content of `run.json`, and why another request cannot resume it."""

import platform
from dataclasses import asdict
from hashlib import sha256
from typing import Any
from uuid import uuid4

import torch
from torch import nn

import netwright
from netwright.data.examples import Data
from netwright.data.task import Task
from netwright.errors import RunError
from netwright.training.baseline import Baseline
from netwright.training.folder import FORMAT, Folder
from netwright.training.job import scales
from netwright.training.machine import machine
from netwright.training.output import input_shape
from netwright.training.recipe import Recipe
from netwright.training.schedule import SCHEDULES


def describe(
    spec: str | None, net: nn.Module, data: Data, task: Task, recipe: Recipe, resolved: Recipe
) -> dict[str, Any]:
    """Return the content of `run.json` at the start; `resolved` is the recipe without its "auto"."""
    layout = [(name, tuple(tensor.shape)) for name, tensor in net.state_dict().items()]
    return {
        "format": FORMAT,
        "id": uuid4().hex,
        "state": "running",
        "spec": spec,
        "layout": sha256(repr(layout).encode()).hexdigest(),
        "params": sum(parameter.numel() for parameter in net.parameters()),
        "data": {
            "name": data.name,
            "digest": data.digest,
            "input": list(input_shape(data, resolved.patch)),
            "classes": list(data.classes),
            "mean": list(data.mean),
            "std": list(data.std),
            "range": list(data.range),
            "values": list(data.values),
            "ignore": list(data.ignore),
            "kinds": sorted(data.kinds),
            "size": data.size,
            "options": dict(data.options),
        },
        "task": {"name": task.name, "settings": task.settings(), "outputs": task.outputs(data)},
        "monitor": task.monitor,
        "measures": {name: asdict(scale) for name, scale in scales(task).items()},
        "baseline": asdict(Baseline.of(task, data)),
        "recipe": recipe.model_dump(mode="json"),
        "resolved": resolved.model_dump(mode="json"),
        "versions": {
            "netwright": netwright.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "machine": machine(resolved.device),
    }


def resumable(folder: Folder, about: dict[str, Any], resume: bool) -> None:
    """Make `run.json` describe the run that follows; its state stays "finished" only if nothing is left.

    Epochs or steps may be raised where the schedule does not depend on them. Any other difference is refused,
    because no recipe would describe the result.

    Raises:
        RunError: The folder holds a run and `resume` was not asked for, or a run with other settings.
    """
    if folder.empty:
        folder.describe(about)
        return
    known = folder.about()
    if not resume:
        finished = known["state"] == "finished"
        state = "a finished run" if finished else "an unfinished run, which can be resumed"
        raise RunError(f"`{folder.path}` holds {state}; give another folder to start a new one.")
    longer = _longer(known["resolved"], about["resolved"])
    reasons = differences(known, about, but=("epochs", "steps") if longer else ())
    if reasons:
        raise RunError(f"`{folder.path}` holds another run: {'; '.join(reasons)}.")
    if known["state"] != "finished" or longer:
        folder.restore(known["id"])  # a damaged checkpoint is refused before anything changes
        folder.describe(known | {key: about[key] for key in ("recipe", "resolved", "state")})


def differences(known: dict[str, Any], about: dict[str, Any], but: tuple[str, ...] = ()) -> list[str]:
    """Return each thing that differs from the stored run, with both values."""
    reasons = [
        f"{key} (={new}) was {old}"
        for key, old, new in (
            ("spec", known["spec"], about["spec"]),
            ("task", known["task"]["name"], about["task"]["name"]),
        )
        if old != new
    ]
    if known["layout"] != about["layout"]:
        reasons.append("the weights of the network have other names or shapes")
    if known["data"]["digest"] != about["data"]["digest"]:
        reasons.append(
            f"the content of the data {about['data']['name']} is not that of {known['data']['name']}"
        )
    reasons += [
        f"{key} (={value}) was {known['resolved'].get(key)}"
        for key, value in about["resolved"].items()
        if key not in but and value != known["resolved"].get(key)
    ]
    return reasons


def _longer(known: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Return whether a run is wanted that differs by a larger budget, and its schedule allows that."""
    if not SCHEDULES[wanted["schedule"]].extensible:
        return False
    units = ((known.get(unit), wanted[unit]) for unit in ("epochs", "steps"))
    return any(isinstance(before, int) and after and after > before > 0 for before, after in units)
