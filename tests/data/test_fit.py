"""Resizing, against Pillow."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from netwright.data.fit import fit
from netwright.errors import DataError


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_resized_as_by_pillow(channels: int, noise):
    values = noise(shape=(channels, 9, 14))
    image = Image.fromarray(values[0] if channels == 1 else values.transpose(1, 2, 0))
    wanted = np.array(ImageOps.fit(image, (5, 5), Image.Resampling.BILINEAR))
    wanted = wanted[None] if channels == 1 else wanted.transpose(2, 0, 1)
    np.testing.assert_array_equal(fit(values, 5), wanted)


@pytest.mark.parametrize("kind", [np.uint16, np.int16, np.float32])
def test_other_types_are_kept(kind: type):
    values = np.full((5, 9, 14), 3000).astype(kind)
    resized = fit(values, 4)
    assert resized.dtype == kind
    assert resized.shape == (5, 4, 4)
    np.testing.assert_allclose(resized, 3000)


def test_masks_get_no_new_values(noise):
    mask = noise(shape=(1, 9, 14), most=2, kind=np.int32) * 70000
    assert set(np.unique(fit(mask, 4, nearest=True))) <= {0, 70000}
    small = noise(shape=(1, 9, 14), most=2) * 200
    assert set(np.unique(fit(small, 4, nearest=True))) <= {0, 200}


def test_an_image_and_its_mask_stay_aligned():
    image = np.zeros((1, 40, 60), np.uint8)
    image[:, 10:30, 20:40] = 1
    moved = fit(image * 255, 20)[0] > 127
    assert (moved == (fit(image, 20, nearest=True)[0] > 0)).mean() > 0.97


def test_a_volume_is_refused():
    with pytest.raises(DataError, match=r"`size` \(=2\) resizes images, and these are volumes"):
        fit(np.zeros((1, 4, 4, 4), np.uint8), 2)
