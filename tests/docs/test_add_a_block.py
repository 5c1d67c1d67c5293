"""The block in docs/add-a-block.md is a block: it keeps the contract."""

import re
from pathlib import Path

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from contract import Case, check

TEXT = (Path(__file__).parents[2] / "docs" / "add-a-block.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def block() -> type[nn.Module]:
    source = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)[0]
    names = {"nn": nn, "Float": Float, "Tensor": Tensor}
    exec("\n".join(line.removeprefix("   ") for line in source.splitlines()), names)
    return names["ChannelGate"]


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_the_block_of_the_guide_keeps_the_contract(block, dims: int):
    keeps = lambda shape: shape  # noqa: E731 (one use, beside it)
    check(Case("ChannelGate", dims, lambda: block(4, reduction=2), lambda space: [(4, *space)], keeps))


def test_it_scales_channels_and_nothing_else(block):
    x = torch.ones(2, 8, 3, 3)
    y = block(8)(x)
    torch.testing.assert_close(y, y[:, :, :1, :1].expand_as(y))


def test_the_files_it_names_exist():
    root = Path(__file__).parents[2]
    for name in re.findall(r"`((?:src|tests)/[\w/]+(?:\.py|/))`", TEXT):
        assert (root / name).exists(), name
