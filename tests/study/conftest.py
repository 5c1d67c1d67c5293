"""Studies made by hand, and data small enough that a training takes a fraction of a second."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch

from netwright.data.examples import Data, Split, moments
from netwright.data.kinds import Kind
from netwright.study.result import Study
from study import examples


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Study]:
    """Build a study from arms; by default two that differ clearly and one that failed."""
    return partial(examples.study, tmp_path)


@pytest.fixture(scope="session")
def tiny() -> Data:
    """Forty-eight 8x8 images whose brightness tells the class, ten classes."""
    draw = torch.Generator().manual_seed(0)

    def split(count: int) -> Split:
        targets = torch.arange(count) % 10
        noise = torch.randint(0, 20, (count, 1, 8, 8), generator=draw)
        return Split((targets.view(-1, 1, 1, 1) * 23 + noise).to(torch.uint8), {Kind.CLASS: targets})

    train, valid, test = split(48), split(20), split(30)
    mean, std = moments(train.inputs)
    return Data("tiny", tuple("0123456789"), train, valid, test, mean, std, digest="t" * 64)
