"""One checkpoint: a folder of two safetensors files and one of JSON, which is never left incomplete."""

import json
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor
from typing_extensions import TypedDict

from netwright.arithmetic.shape import show
from netwright.durable import put, sync
from netwright.durable import read as read_file
from netwright.errors import CheckpointError

MODEL, STATE, ABOUT = "model.safetensors", "state.safetensors", "state.json"


class Facts(TypedDict):
    """What `state.json` says of a file beside it."""

    bytes: int
    sha256: str


class About(TypedDict):
    """What `state.json` says of a checkpoint."""

    format: int
    run: str
    files: dict[str, Facts]
    state: dict[str, Any]


def write(folder: Path, run: str, weights: dict[str, Tensor], state: dict[str, Any]) -> None:
    """Write a checkpoint of the run with the id `run` to `folder`, completely or not at all.

    All files are written and synced under a temporary name, which is then renamed.
    """
    stored: dict[str, Tensor] = {}
    tree = flatten(state, stored)
    contents = {MODEL: save(packed(weights)), STATE: save(packed(stored))}
    digests = {
        name: {"bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in contents.items()
    }
    about = {"format": 1, "run": run, "files": digests, "state": tree}
    seal = sha256(json.dumps(about).encode()).hexdigest()
    contents[ABOUT] = json.dumps({"seal": seal, "about": about}).encode()
    temporary = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, data in contents.items():
        put(temporary / name, data)
    sync(temporary)
    if (
        folder.exists()
    ):  # of a process that was killed before it wrote the index, so the index does not name it
        shutil.rmtree(folder)
    temporary.rename(folder)
    sync(folder.parent)


def read(folder: Path, run: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return weights and state of a checkpoint.

    Raises:
        CheckpointError: A file is missing, truncated or altered, or the checkpoint belongs to another run.
    """
    about = _about(folder)
    if about["run"] != run:
        raise CheckpointError(
            f"the checkpoint `{folder}` belongs to another run ({about['run']}, not {run})."
        )
    parts = []
    for name in (MODEL, STATE):
        data, known = content(folder / name), about["files"].get(name, {"bytes": 0, "sha256": ""})
        if len(data) < known["bytes"]:
            reason = f"is truncated to {len(data)} of {known['bytes']} bytes"
            raise CheckpointError(
                f"`{folder / name}` {reason}; restore it from a copy, or train in a new folder."
            )
        if sha256(data).hexdigest() != known["sha256"]:
            raise CheckpointError(
                f"`{folder / name}` was altered; restore it from a copy, or train in a new folder."
            )
        parts.append(tensors(folder / name, data))
    weights, stored = parts
    try:
        return weights, unflatten(about["state"], stored)
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"`{folder / ABOUT}` does not describe a checkpoint: {error}.") from error


def tensors(path: Path, data: bytes) -> dict[str, Tensor]:
    """Return the tensors in the content of a safetensors file; `path` names it in the error."""
    try:
        return load(data)
    except (SafetensorError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(f"`{path}` is not a valid safetensors file: {error}.") from error


def _about(folder: Path) -> About:
    path = folder / ABOUT
    try:
        sealed = json.loads(content(path))
        seal, sealing = sealed["seal"], sha256(json.dumps(sealed["about"]).encode()).hexdigest()
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise CheckpointError(f"`{path}` is truncated or does not describe a checkpoint: {error}.") from error
    if sealing != seal:
        raise CheckpointError(f"`{path}` was altered; restore it from a copy, or train in a new folder.")
    try:
        about = TypeAdapter(About).validate_python(sealed["about"])
    except ValidationError as error:
        raise CheckpointError(f"`{path}` does not describe a checkpoint: {first(error)}.") from error
    if about["format"] != 1:
        raise CheckpointError(f"`{path}` has format {about['format']}; this version reads format 1.")
    return about


def first(error: ValidationError) -> str:
    """Return the first thing that is wrong, with its place."""
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg']}" if place else problem["msg"]


def content(path: Path) -> bytes:
    """Return the bytes of a file that must exist."""
    try:
        return read_file(path)
    except OSError as error:
        raise CheckpointError(f"`{path}` cannot be read: {error.strerror}.") from error


def packed(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors as safetensors requires them: on the CPU, contiguous, without shared memory."""
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}


def flatten(tree: Any, tensors: dict[str, Tensor], path: str = "") -> Any:
    """Return `tree` as JSON with a reference for each tensor; the tensors go into `tensors` by path.

    Dictionaries with other keys than text (torch numbers its parameters) become pairs; tuples become lists.
    """
    if isinstance(tree, Tensor):
        tensors[path] = tree
        return {"#tensor": path}
    if isinstance(tree, dict):
        items = {key: flatten(value, tensors, f"{path}.{key}".lstrip(".")) for key, value in tree.items()}
        return items if all(isinstance(key, str) for key in items) else {"#pairs": list(items.items())}
    if isinstance(tree, list | tuple):
        return [flatten(value, tensors, f"{path}.{index}") for index, value in enumerate(tree)]
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    raise CheckpointError(
        f"the state `{path}` is a {type(tree).__name__}; only tensors and JSON can be stored."
    )


def unflatten(tree: Any, tensors: dict[str, Tensor]) -> Any:
    """Return the tree that `flatten` took apart."""
    if isinstance(tree, list):
        return [unflatten(value, tensors) for value in tree]
    if not isinstance(tree, dict):
        return tree
    if "#tensor" in tree:
        return tensors[tree["#tensor"]]
    if "#pairs" in tree:
        return {key: unflatten(value, tensors) for key, value in tree["#pairs"]}
    return {key: unflatten(value, tensors) for key, value in tree.items()}


def misfit(mine: Mapping[str, Tensor], stored: Mapping[str, Tensor]) -> str:
    """Return the first difference between two layouts of weights; empty if there is none."""
    for name, tensor in stored.items():
        if name not in mine:
            return f"it has no `{name}`"
        if mine[name].shape != tensor.shape:
            return f"its `{name}` is {show(mine[name].shape)}, the run's is {show(tensor.shape)}"
    extra = [name for name in mine if name not in stored]
    return f"the run has no `{extra[0]}`" if extra else ""
