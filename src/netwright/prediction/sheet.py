"""Pictures with a caption below each, single and together on one sheet."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

SMALL = 192
"""A picture whose height is smaller is enlarged by a whole factor, so that its pixels can be seen."""
CELL = (800, 320)
"""The largest width and height of a picture on a sheet."""
LARGEST = 2048
"""The largest side of a single picture, and about the width of a sheet."""
TEXT, MARGIN = 14, 6


def captioned(
    picture: Tensor, lines: Sequence[str], most: tuple[int, int] = (LARGEST, LARGEST)
) -> Image.Image:
    """Return a picture uint8 [3, h, w] with lines of text below it.

    Args:
        picture: The picture.
        lines: The caption.
        most: The largest width and height of the picture, without the caption.
    """
    image = Image.fromarray(picture.permute(1, 2, 0).contiguous().cpu().numpy())
    factor = max(1, min(-(-SMALL // image.height), most[0] // image.width, most[1] // image.height))
    image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    image.thumbnail(most)
    font = _font()
    width = max(image.width, *(int(font.getlength(line)) + 2 * MARGIN for line in lines))
    height = image.height + len(lines) * (TEXT + MARGIN) + MARGIN
    whole = Image.new("RGB", (width, height), "white")
    whole.paste(image, ((width - image.width) // 2, 0))
    draw = ImageDraw.Draw(whole)
    for number, line in enumerate(lines):
        top = image.height + MARGIN + number * (TEXT + MARGIN)
        draw.text((width // 2, top), line, "black", font, anchor="ma")
    return whole


def sheet(pictures: Sequence[tuple[Tensor, Sequence[str]]]) -> Image.Image:
    """Return pictures with their captions in rows."""
    cells = [captioned(picture, lines, CELL) for picture, lines in pictures]
    width, height = (max(side) + 2 * MARGIN for side in zip(*(cell.size for cell in cells), strict=True))
    columns = min(len(cells), max(1, LARGEST // width), 4)
    rows = -(-len(cells) // columns)
    whole = Image.new("RGB", (columns * width, rows * height), "white")
    for number, cell in enumerate(cells):
        row, column = divmod(number, columns)
        whole.paste(cell, (column * width + (width - cell.width) // 2, row * height + MARGIN))
    return whole


def png(image: Image.Image) -> bytes:
    """Return an image as a PNG file."""
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def _font() -> ImageFont.FreeTypeFont:
    """Return the font that comes with matplotlib, which has more than the letters of English."""
    return ImageFont.truetype(str(Path(mpl.get_data_path(), "fonts/ttf/DejaVuSans.ttf")), TEXT)
