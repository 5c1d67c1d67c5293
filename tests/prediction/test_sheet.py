"""Pictures with captions."""

import io

import numpy as np
import torch
from PIL import Image

from netwright.prediction import sheet
from netwright.prediction.sheet import captioned, png

PICTURE = torch.randint(0, 255, (3, 8, 8), dtype=torch.uint8)


def test_a_small_picture_is_enlarged_by_whole_pixels_above_its_caption():
    image = captioned(PICTURE, ["example 3", "cat taken for dog"])
    side = sheet.SMALL
    left = (image.width - side) // 2
    shown = np.asarray(image)[:side, left : left + side]
    assert np.array_equal(shown[:: side // 8, :: side // 8], PICTURE.permute(1, 2, 0).numpy())
    below = np.asarray(image)[side:]
    assert (below < 128).any(), "there is black text"
    assert (below[-2:] == 255).all()


def test_a_large_picture_is_reduced():
    large = torch.zeros(3, 500, 3000, dtype=torch.uint8)
    image = captioned(large, ["x"])
    assert image.width == sheet.LARGEST
    assert image.height < 500


def test_a_long_text_fits():
    image = np.asarray(captioned(PICTURE, ["a class with a long name " * 8]))
    assert (image[:, :3] == 255).all()
    assert (image[:, -3:] == 255).all()


def test_letters_beyond_english_are_drawn_each_in_its_own_way():
    one, other = (np.asarray(captioned(PICTURE, [text])) for text in ("жук", "żaba"))
    assert not np.array_equal(one, other)
    first, second = (np.asarray(captioned(PICTURE, [letter])) for letter in ("ж", "д"))
    assert not np.array_equal(first, second), "not one box for every unknown letter"


def test_a_sheet_has_every_picture_in_rows():
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0), (0, 200, 200)]
    pictures = [(torch.tensor(c, dtype=torch.uint8)[:, None, None].expand(3, 9, 30), ["x"]) for c in colours]
    whole = np.asarray(sheet.sheet(pictures))
    places = []
    for colour in colours:
        rows, columns = (whole == colour).all(2).nonzero()
        assert len(rows) > 100
        places.append((rows.min(), columns.min()))
    assert places == sorted(places)
    assert places[0][0] == places[2][0] < places[4][0]


def test_the_png_is_read_back():
    image = captioned(PICTURE, ["x"])
    with Image.open(io.BytesIO(png(image))) as read:
        assert np.array_equal(np.asarray(read), np.asarray(image))
