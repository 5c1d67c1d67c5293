"""Fix a network given as text, and say what became of it."""

from pathlib import Path

from netwright.lint.network import Network
from netwright.lint.session import Outcome, Session

CLASS = """import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
{layers}

    def forward(self, x):
{forward}
"""


def written(layers: str, forward: str) -> str:
    """A program with one network, from the lines of its constructor and of its forward pass."""
    parts = ["\n".join(f"        {line}" for line in text.strip().splitlines()) for text in (layers, forward)]
    return CLASS.format(layers=parts[0], forward=parts[1])


def fixed(folder: Path, text: str, code: str, shape: str) -> tuple[str, Outcome]:
    """The program after all fixes of one rule, and what is left to find."""
    file = folder / "net.py"
    file.write_text(text)
    outcome = Session([f"{file}:Net"], shape, select=[code]).fix(unsafe=True, write=True)
    assert outcome.failures == ()
    return file.read_text(), outcome


def network(folder: Path, shape: tuple[int, ...]) -> Network:
    """The network that `fixed` left."""
    return Network.of(f"{folder / 'net.py'}:Net", shape)
