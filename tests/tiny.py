"""A network and data small enough that a training takes a fraction of a second."""

import torch
from torch import nn

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind

SPEC = f"{__file__}:Net"


class Net(nn.Module):
    """Batch norm for running statistics, dropout for random numbers in the step."""

    def __init__(self, classes: int = 10, channels: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1, stride=2)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(64, classes)

    def forward(self, x):
        y = self.drop(torch.relu(self.norm(self.conv(x))))
        return self.head(y.flatten(1))


def data(
    count: int = 80, *, classes: int = 10, name: str = "squares", channels: int = 1, seed: int = 0
) -> Data:
    """Noise 8x8 with the class as a brighter row."""
    generator = torch.Generator().manual_seed(seed)

    def split(n: int) -> Split:
        targets = torch.arange(n) % classes
        inputs = torch.randint(0, 120, (n, channels, 8, 8), generator=generator, dtype=torch.uint8)
        inputs[torch.arange(n), :, targets % 8] += 60 + 8 * (targets // 8).to(torch.uint8)[:, None, None]
        return Split(inputs, {Kind.CLASS: targets})

    train = split(count)
    pixels = train.inputs.double().div(255).transpose(0, 1).flatten(1)
    mean, std = tuple(pixels.mean(1).tolist()), tuple(pixels.std(1, correction=0).tolist())
    names = tuple(str(index) for index in range(classes))
    return Data(name, names, train, split(40), split(40), mean, std, digest=f"{name}-{count}-{seed}")


def cells(count: int = 12, size: int = 16) -> Data:
    """Noisy images of four cells between membranes one pixel wide, with the membranes in their masks."""
    generator = torch.Generator().manual_seed(0)
    masks = torch.full((count, size, size), 255, dtype=torch.uint8)
    for mask, (row, column) in zip(
        masks, torch.randint(4, size - 4, (count, 2), generator=generator).tolist(), strict=True
    ):
        mask[row], mask[:, column] = 0, 0
    noise = torch.randint(0, 60, masks.shape, generator=generator)
    inputs = (masks.long() * 3 // 4 + noise).to(torch.uint8)[:, None]
    parts = [slice(0, -4), slice(-4, -2), slice(-2, None)]
    splits = [Split(inputs[part], {Kind.MASK: masks[part]}) for part in parts]
    return Data("cells", ("membrane", "cell"), *splits, (0.6,), (0.3,), "cells", values=(0, 255))
