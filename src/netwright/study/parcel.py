"""Data on its way to a worker: one safetensors file that all of them read."""

import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from netwright.data.examples import Data, Split

SPLITS = ("train", "valid", "test")
FACTS = ("name", "classes", "mean", "std", "digest", "skipped")


def pack(data: Data, path: Path) -> None:
    """Write `data`."""
    tensors: dict[str, Tensor] = {}
    for name in SPLITS:
        split = getattr(data, name)
        tensors |= {
            f"{name}.inputs": split.inputs.contiguous(),
            f"{name}.targets": split.targets.contiguous(),
        }
    facts = {name: getattr(data, name) for name in FACTS}
    save_file(tensors, path, metadata={"facts": json.dumps(facts)})


def unpack(path: Path) -> Data:
    """Read what `pack` wrote."""
    with safe_open(path, framework="pt") as file:
        facts = json.loads(file.metadata()["facts"])
        for name in SPLITS:
            facts[name] = Split(file.get_tensor(f"{name}.inputs"), file.get_tensor(f"{name}.targets"))
    for name in ("classes", "mean", "std"):
        facts[name] = tuple(facts[name])
    return Data(**facts)
