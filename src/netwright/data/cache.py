"""Decoded tensors kept between starts, by content; a damaged file is treated as absent."""

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
    """`$NETWRIGHT_CACHE`, else `$XDG_CACHE_HOME/netwright`, else `~/.cache/netwright`."""
    if own := os.environ.get("NETWRIGHT_CACHE"):
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "netwright"


def digest(tensors: Iterable[tuple[str, Tensor]]) -> str:
    """SHA-256 of named tensors: their names, types, shapes and values."""
    whole = sha256()
    for name, tensor in tensors:
        whole.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        whole.update(tensor.contiguous().numpy().data)
    return whole.hexdigest()


def write(key: str, tensors: Mapping[str, Tensor], facts: Mapping[str, object]) -> None:
    """Keep tensors and JSON facts under `key`; whole or not at all, whenever the process dies.

    A cache that cannot be written costs time, not the result, so it only warns.
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
            f"the decoded data cannot be kept in {folder()} ({error}), so the next start decodes it again; "
            "NETWRIGHT_CACHE names another folder.",
            stacklevel=2,
        )


def read(key: str) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """What `write` kept under `key`, or nothing where the file is absent, cut short or altered."""
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
