"""The metadata of a model card, as the Hugging Face Hub reads it: YAML between two lines of `---`.

The keys are those of https://github.com/huggingface/hub-docs/blob/main/modelcard.md. The licence is left out,
because only the author of the model can choose it.
"""

import re
from math import isfinite
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from netwright.training.model_card.markdown import line

if TYPE_CHECKING:
    from netwright.training.result import Run

LIBRARY = "netwright"
IMAGE = 3
"""The axes of an image: channels, height, width."""


def front_matter(run: "Run", name: str) -> str:
    """Return the metadata of a run; `name` is what its network is called.

    All texts are on one line and quoted by the library that reads them, so that none of them can end the
    metadata or add a key.
    """
    text = yaml.safe_dump(metadata(run, name), sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{text}---\n"


def metadata(run: "Run", name: str) -> dict[str, Any]:
    """Return the metadata as plain data; a network without an evaluated epoch has no results."""
    task = pipeline(run)
    kind = run.task.name if run.task else "task"
    document: dict[str, Any] = {"library_name": LIBRARY}
    if task:
        document["pipeline_tag"] = task
    document["tags"] = [LIBRARY, "pytorch", "safetensors", *([line(kind)] if run.task else [])]
    metrics = _metrics(run)
    if metrics:
        title = line(dataset(run.data["name"]))
        result = {
            "task": {"type": task or line(kind), "name": line(kind)},
            "dataset": {"type": _slug(title), "name": title, "split": "test"},
            "metrics": metrics,
        }
        document["model-index"] = [{"name": line(name), "results": [result]}]
    return document


def pipeline(run: "Run") -> str:
    """Return what the Hub calls the task of a run on images; empty where it has no word for it."""
    return run.task.pipeline if run.task is not None and len(run.data["input"]) == IMAGE else ""


def dataset(name: str) -> str:
    """Return the name of a data set without the folders that it lies in on this machine.

    >>> dataset("cifar10"), dataset("/home/ada/cells/"), dataset("ada/cells"), dataset("../cells")
    ('cifar10', 'cells', 'ada/cells', 'cells')
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or len(path.parts) > 2 or path.parts[:1] in [("..",), ("~",)] or ":" in name[:3]:
        return path.name or "data"
    return name


def _slug(name: str) -> str:
    """Return a name with the letters that the Hub allows in the name of a data set."""
    return re.sub(r"[^A-Za-z0-9._/-]+", "-", name).strip("-./") or "data"


def _metrics(run: "Run") -> list[dict[str, Any]]:
    """Return the metrics of the test split in their own units; what has no value is left out."""
    if run.best is None:
        return []
    return [
        {"type": line(name), "name": line(scale.title), "value": float(f"{scale.factor * value:.6g}")}
        for name, scale in run.measures.items()
        if isfinite(value := run.best["test"][name])
    ]
