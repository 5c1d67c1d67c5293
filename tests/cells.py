"""Images and volumes of different sizes with bright boxes on noise, and masks of stored values."""

import torch

from netwright.data.examples import Data, Split
from netwright.data.kinds import Kind

VALUES = (0, 255, 100)
IGNORED = 7


def data(
    count: int = 6, *, dims: int = 2, dtype: torch.dtype = torch.uint8, smallest: int = 20, largest: int = 60
) -> Data:
    """Return ragged data: class 1 is a bright box in every example, class 2 one position of the first."""
    generator = torch.Generator().manual_seed(dims)
    high = {torch.uint8: 255.0, torch.uint16: 65535.0, torch.int16: 30000.0}.get(dtype, 4.0)

    def split(n: int) -> Split:
        inputs, masks = [], []
        for number in range(n):
            sides = torch.randint(smallest, largest + 1, (dims,), generator=generator).tolist()
            mask = torch.zeros(sides, dtype=torch.uint8)
            corner = [int(torch.randint(0, side - 8, (), generator=generator)) for side in sides]
            mask[tuple(slice(low, low + 8) for low in corner)] = 255
            mask.view(-1)[-3:] = IGNORED
            noise = torch.rand(1, *sides, generator=generator) * 0.4 + 0.5 * (mask == 255)
            if number == 0:
                mask.view(-1)[5] = 100
            inputs.append((noise * high).to(dtype))
            masks.append(mask)
        return Split(tuple(inputs), {Kind.MASK: tuple(masks)})

    parts = [split(count), split(3), split(3)]
    names = ("background", "box", "speck")
    digest = f"cells-{count}-{dims}-{dtype}-{smallest}-{largest}"
    return Data(
        "cells", names, *parts, (0.2,), (0.15,), digest, range=(0.0, high), values=VALUES, ignore=(IGNORED,)
    )
