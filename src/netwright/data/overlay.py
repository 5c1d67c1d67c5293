"""Pictures of classes over an image, in colours that colour-blind readers tell apart (Okabe & Ito 2008)."""

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from netwright.data.kinds import IGNORE

PALETTE = (
    *((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66)),
    *((0, 114, 178), (213, 94, 0), (204, 121, 167)),
)
"""The colours of classes 1 to 7; later ones repeat them. Class 0 leaves the image as it is."""

WRONG = (213, 94, 0)
"""The colour of positions whose class is wrong."""

SHARE = 0.45
"""How much of a class's colour is mixed into the image."""

STRIPE = 4
"""The width of the grey stripes over ignored positions, in pixels."""

GAP = 4
"""The width of the white gap between two pictures, in pixels."""


BAND = 32
"""The height in pixels at which a signal is drawn."""


def plane(mask: Int[Tensor, "*space h w"]) -> tuple[int, ...]:
    """Return the indices, before the last two axes, of the plane with most positions of other classes than 0.

    The middle one is taken where no plane has any; an image has one plane, whose index is empty.
    """
    planes = mask.reshape(-1, *mask.shape[-2:])
    sizes = (planes > 0).sum((1, 2))
    index = int(sizes.argmax()) if sizes.any() else len(planes) // 2
    return tuple(int(each) for each in torch.unravel_index(torch.tensor(index), mask.shape[:-2]))


def section(image: Float[Tensor, "c *space"], index: tuple[int, ...] | None = None) -> Float[Tensor, "3 h w"]:
    """Return a plane of an input as colours 0..1: its first three channels, or the first alone.

    `index` holds the indices before the last two axes, by default the middle ones; a signal becomes a band.
    """
    chosen = image[:, None].expand(-1, BAND, -1) if image.ndim == 2 else image
    for each in (size // 2 for size in chosen.shape[1:-2]) if index is None else index:
        chosen = chosen[:, each]
    return (chosen[:3] if len(chosen) >= 3 else chosen[:1].expand(3, -1, -1)).float().clamp(0, 1)


def over(colours: Float[Tensor, "3 h w"], mask: Int[Tensor, "h w"]) -> UInt8[Tensor, "3 h w"]:
    """Mix the colour of each class into a picture, and draw grey stripes over ignored positions."""
    painted = colours.clone()
    for index in mask.unique().tolist():
        if index > 0:
            colour = torch.tensor(PALETTE[(index - 1) % len(PALETTE)]) / 255
            mixed = (1 - SHARE) * colours + SHARE * colour[:, None, None]
            painted = torch.where(mask == index, mixed, painted)
    rows, columns = (torch.arange(size) for size in mask.shape)
    stripes = (rows[:, None] + columns) // STRIPE % 2 == 0
    painted = torch.where((mask == IGNORE) & stripes, 0.5, painted)
    return painted.mul(255).round().to(torch.uint8)


def wrong(
    colours: Float[Tensor, "3 h w"], predicted: Int[Tensor, "h w"], true: Int[Tensor, "h w"]
) -> UInt8[Tensor, "3 h w"]:
    """Return the picture with the positions whose class is wrong; ignored positions are not wrong."""
    differs = (predicted != true) & (predicted != IGNORE) & (true != IGNORE)
    painted = torch.where(differs, torch.tensor(WRONG)[:, None, None] / 255, colours)
    return painted.mul(255).round().to(torch.uint8)


def beside(pictures: list[UInt8[Tensor, "3 h w"]]) -> UInt8[Tensor, "3 h w2"]:
    """Return pictures of one height in a row, with white gaps."""
    gap = torch.full((3, pictures[0].shape[1], GAP), 255, dtype=torch.uint8)
    parts = [part for picture in pictures for part in (gap, picture)]
    return torch.cat(parts[1:], 2)
