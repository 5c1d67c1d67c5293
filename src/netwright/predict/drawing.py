"""How stored values are seen."""

import torch
from torch import Tensor


def visible(stored: Tensor) -> Tensor:
    """Return stored values [c, *space] as 0..1: bytes as they are, the values of other types spread."""
    if stored.dtype == torch.uint8:
        return stored.float() / 255
    values = stored.float()
    return (values - values.min()) / (values.max() - values.min()).clamp(min=1e-12)
