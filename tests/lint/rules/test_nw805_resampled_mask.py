"""Masks whose values were blended."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from arrays import masked
from netwright.lint.rules.nw805_resampled_mask import look
from planted import scene


def scenes(number=3, scale=100):
    return [scene(k)[1] * scale for k in range(number)]


def resized(mask, resample):
    return np.asarray(Image.fromarray(mask).resize((40, 40), resample).resize((64, 64), resample))


def jpeg(mask):
    stream = BytesIO()
    Image.fromarray(mask).save(stream, "jpeg", quality=90)
    return np.asarray(Image.open(stream))


@pytest.mark.parametrize(
    "blend",
    [
        lambda mask: resized(mask, Image.Resampling.BILINEAR),
        lambda mask: resized(mask, Image.Resampling.BICUBIC),
        jpeg,
    ],
    ids=["bilinear", "bicubic", "jpeg"],
)
def test_blended_masks_are_reported(blend):
    [remark] = look(masked(*map(blend, scenes())))
    assert "values that occur only along edges" in remark.message
    assert set(remark.evidence["regions"]) >= {0, 100, 200}


def test_masks_that_were_resized_to_the_nearest_value_are_not_reported():
    assert list(look(masked(*(resized(mask, Image.Resampling.NEAREST) for mask in scenes())))) == []


def test_a_class_of_thin_lines_is_not_reported():
    mask = scene(0)[1]
    mask[::9] = 7
    mask[:, 30] = 8
    assert list(look(masked(mask))) == []


def test_many_small_classes_are_not_reported():
    grid = np.arange(64).reshape(8, 8).repeat(5, 0).repeat(5, 1)
    assert list(look(masked(grid))) == []
