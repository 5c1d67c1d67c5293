"""Drawings of predictions: how stored values are seen, and a picture with a line of text below it."""

from io import BytesIO

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

HEIGHT = 192
"""A picture of less pixels in height is enlarged, by a whole factor."""
LARGEST = 2048
"""A picture of more pixels along a side is reduced."""
LINE, MARGIN = 24, 6


def captioned(picture: Tensor, text: str) -> bytes:
    """Return a picture uint8 [3, h, w] with a line of text below it, as a PNG file."""
    image = Image.fromarray(picture.permute(1, 2, 0).contiguous().cpu().numpy())
    factor = max(1, min(-(-HEIGHT // image.height), LARGEST // image.width))
    image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    image.thumbnail((LARGEST, LARGEST))
    font = ImageFont.load_default(LINE - 2 * MARGIN + 2)
    width = max(image.width, int(font.getlength(text)) + 2 * MARGIN)
    whole = Image.new("RGB", (width, image.height + LINE), "white")
    whole.paste(image, ((width - image.width) // 2, 0))
    draw = ImageDraw.Draw(whole)
    draw.text((width // 2, image.height + LINE // 2), text, "black", font, anchor="mm")
    stream = BytesIO()
    whole.save(stream, "PNG")
    return stream.getvalue()


def visible(stored: Tensor) -> Tensor:
    """Return stored values [c, *space] as 0..1: bytes as they are, the values of other types spread."""
    if stored.dtype == torch.uint8:
        return stored.float() / 255
    values = stored.float()
    return (values - values.min()) / (values.max() - values.min()).clamp(min=1e-12)
