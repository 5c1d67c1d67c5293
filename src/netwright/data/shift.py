"""Pad-and-crop and mirroring of a whole batch, on which the speed of training on small images depends.

Both gather rows of memory instead of single elements, as uint8, a quarter of the bytes of float32. Offsets
are drawn on the CPU, from the global generator of torch, so that a seed gives equal images on every device.
"""

from collections.abc import Sequence

import torch
from jaxtyping import UInt8
from torch import Tensor

from netwright.errors import RecipeError


class Crop:
    """Pads every side and crops back to the size at a random place (He et al. 2015, section 4.2).

    The border has the colour `mean` (per channel, 0..1), rounded to a stored value; normalisation makes zeros
    of it, as in the paper. Without `mean` it is black.
    """

    def __init__(self, padding: int = 4, *, mean: Sequence[float] = ()):
        if not isinstance(padding, int) or padding < 0:
            raise RecipeError(f"`padding` (={padding!r}) of crop must be a number of pixels, such as 4.")
        self.padding = padding
        self.border = torch.tensor([mean or (0.0,)]).mul(255).round().to(torch.uint8)[..., None, None]

    def __call__(self, inputs: UInt8[Tensor, "b c h w"]) -> UInt8[Tensor, "b c h w"]:
        """Return a batch of new crops."""
        batch, channels, height, width = inputs.shape
        reach = 2 * self.padding + 1
        top, left = torch.randint(reach, (2, batch, 1, 1)).to(inputs.device)
        padded = self._pad(inputs)
        rows, row = padded.shape[2:]
        image = torch.arange(batch * channels, device=inputs.device).view(batch, channels, 1)
        line = torch.arange(height, device=inputs.device)
        starts = (image * rows + top + line) * row + left
        windows = padded.view(-1).unfold(0, width, 1)  # every run of `width` values, as a view without a copy
        return windows.index_select(0, starts.view(-1)).view(inputs.shape)

    def _pad(self, inputs: Tensor) -> Tensor:
        pad, (height, width) = self.padding, inputs.shape[2:]
        padded = inputs.new_empty(*inputs.shape[:2], height + 2 * pad, width + 2 * pad)
        padded[:] = self.border.to(inputs.device)
        padded[:, :, pad : pad + height, pad : pad + width] = inputs
        return padded


class Flip:
    """Mirrors each image left to right with probability `p`."""

    def __init__(self, p: float = 0.5):
        if not 0 <= p <= 1:
            raise RecipeError(f"`p` (={p}) of flip must be a probability, from 0 to 1.")
        self.p = p

    def __call__(self, inputs: UInt8[Tensor, "b c h w"]) -> UInt8[Tensor, "b c h w"]:
        """Return a new batch in which some images are mirrored."""
        mirrored = torch.rand(len(inputs)) < self.p
        chosen = torch.arange(len(inputs)) + len(inputs) * mirrored
        return torch.cat([inputs, inputs.flip(3)]).index_select(0, chosen.to(inputs.device))
