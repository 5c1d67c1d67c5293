"""Studies made by hand: no training."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from netwright.data.examples import Data, Split, moments
from netwright.study.result import Design, Study
from study.examples import three


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Study]:
    """Build a study from designs; by default two that differ clearly and one that failed."""

    def build(*designs: Design, **changes) -> Study:
        known = {
            "folder": tmp_path,
            "data": {
                "name": "digits", "digest": "d" * 64, "input": [1, 8, 8], "classes": 10,
                "train": 1257, "valid": 180, "test": 360,
            },
            "recipe": {
                "lr": 0.1, "epochs": 3, "augment": ["crop"], "nesterov": True, "clip_grad_norm": None,
                "seed": 0,
            },
            "threads": 1,
            "versions": {"netwright": "0.1.0", "torch": "2.13.0"},
            "seeds": [0, 1, 2],
            "designs": list(designs) or three(),
        }  # fmt: skip
        return Study(**known | changes)

    return build


@pytest.fixture
def tiny() -> Data:
    """Forty-eight 8x8 images whose brightness tells the class, ten classes."""
    draw = torch.Generator().manual_seed(0)

    def split(count: int) -> Split:
        targets = torch.arange(count) % 10
        noise = torch.randint(0, 20, (count, 1, 8, 8), generator=draw)
        return Split((targets.view(-1, 1, 1, 1) * 23 + noise).to(torch.uint8), targets)

    train, valid, test = split(48), split(20), split(30)
    mean, std = moments(train.inputs)
    return Data("tiny", tuple("0123456789"), train, valid, test, mean, std, digest="t" * 64)
