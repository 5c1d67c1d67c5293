"""A cache of decoded tensors on disk, by content; a damaged file is treated as missing."""

import json
import os
import warnings
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from netwright.durable import replacing


def folder() -> Path:
    """Return `$NETWRIGHT_CACHE`, else `$XDG_CACHE_HOME/netwright`, else `~/.cache/netwright`."""
    if own := os.environ.get("NETWRIGHT_CACHE"):
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "netwright"


def digest(tensors: Iterable[tuple[str, Tensor]]) -> str:
    """Return the SHA-256 of named tensors: of their names, types, shapes and values."""
    whole = sha256()
    for name, tensor in tensors:
        whole.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        whole.update(tensor.contiguous().numpy().data)
    return whole.hexdigest()


def write(key: str, tensors: Mapping[str, Tensor], facts: Mapping[str, object]) -> None:
    """Store tensors and JSON facts under `key`, completely or not at all, whenever the process is killed.

    A cache that cannot be written costs time but does not change the result, so it is only a warning.
    """
    path = folder() / f"{key}.safetensors"
    text = json.dumps(dict(facts))
    seal = _seal(tensors, text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            save_file(dict(tensors), draft, metadata={"seal": seal, "facts": text})
    except (OSError, SafetensorError) as error:
        warnings.warn(
            f"the decoded data cannot be stored in {folder()} ({error}), so the next start decodes it again; "
            "set NETWRIGHT_CACHE to another folder.",
            stacklevel=2,
        )


def read(key: str) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Return what `write` stored under `key`; None if the file is missing, truncated or altered."""
    path = folder() / f"{key}.safetensors"
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (OSError, SafetensorError):
        return None
    text = metadata.get("facts", "")
    if metadata.get("seal") != _seal(tensors, text):
        return None
    return tensors, json.loads(text)


def _seal(tensors: Mapping[str, Tensor], text: str) -> str:
    return sha256(f"{digest(sorted(tensors.items()))} {text}".encode()).hexdigest()
