"""Pictures with text below them, and stored values as they are seen."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from netwright.predict.drawing import HEIGHT, LARGEST, LINE, captioned, visible


def opened(data: bytes) -> np.ndarray:
    return np.array(Image.open(BytesIO(data)))


def test_a_small_picture_is_enlarged_and_the_text_stands_below_it():
    picture = torch.zeros(3, 8, 8, dtype=torch.uint8)
    picture[0, :4] = 200
    image = opened(captioned(picture, "cat 98.1%"))
    assert image.shape == (HEIGHT + LINE, HEIGHT, 3)
    assert (image[: HEIGHT // 2] == (200, 0, 0)).all()
    below = image[HEIGHT:]
    assert (below == 255).all(2).mean() > 0.5
    assert below.min() < 100


def test_a_large_picture_is_reduced_and_a_long_text_fits():
    image = opened(captioned(torch.zeros(3, 100, 5000, dtype=torch.uint8), "x"))
    assert image.shape[1] == LARGEST
    text = "a class with a long name " * 8
    image = opened(captioned(torch.zeros(3, 100, 100, dtype=torch.uint8), text))
    assert (image[:, :3] == 255).all()
    assert (image[:, -3:] == 255).all()


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 4, 5), (1, 2, 3, 4)])
def test_bytes_are_seen_as_they_are_and_other_values_spread(shape):
    values = torch.randint(0, 200, shape)
    torch.testing.assert_close(visible(values.to(torch.uint8)) * 255, values.float())
    seen = visible(values.to(torch.uint16))
    assert (seen.min(), seen.max()) == (0, 1)
    assert torch.equal(visible(torch.zeros(shape)), torch.zeros(shape))
