"""Nearly equal inputs of two splits."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from netwright.data.examples import Split
from netwright.data.kinds import Kind
from netwright.lint.survey.origin import Tensors
from netwright.lint.survey.part import Part, survey_part
from netwright.lint.survey.survey import quiet
from netwright.lint.survey.twins import EXACT, NEAR, Twin, nearest, nearly, twins
from planted import scene


def pictures(number: int, first: int = 0) -> np.ndarray:
    return np.stack([scene(first + k)[0].transpose(2, 0, 1) for k in range(number)])


def part(inputs: np.ndarray) -> Part:
    split = Split(torch.from_numpy(inputs), {Kind.CLASS: torch.zeros(len(inputs), dtype=torch.int64)})
    return survey_part("some", Tensors(split, "data"), lambda items, count: quiet("", items, count))


def compressed(picture: np.ndarray, quality: int) -> np.ndarray:
    stream = BytesIO()
    Image.fromarray(picture.transpose(1, 2, 0)).save(stream, "jpeg", quality=quality)
    return np.asarray(Image.open(stream)).transpose(2, 0, 1)


def test_pictures_of_their_own_have_no_twins():
    assert twins(part(pictures(20, 500)), part(pictures(40)), NEAR) == []


def test_an_equal_picture_is_found_by_its_digest():
    train, test = pictures(30), pictures(6, 500)
    test[4] = train[17]
    assert twins(part(test), part(train), EXACT) == [Twin(4, 17, 1.0)]


@pytest.mark.parametrize(
    "alter",
    [
        lambda picture: compressed(picture, 90),
        lambda picture: (picture * 0.8 + 10).astype(np.uint8),
        lambda picture: np.clip(
            picture + np.random.default_rng(0).normal(scale=3, size=picture.shape), 0, 255
        ),
    ],
    ids=["compressed", "darker", "noise"],
)
def test_a_changed_copy_is_found_on_its_values(alter):
    train, test = pictures(30), pictures(6, 500)
    test[2] = alter(train[9])
    train_part, test_part = part(train), part(test)
    [found] = twins(test_part, train_part, nearly(test_part, train_part))
    assert (found.k, found.like) == (2, 9)
    assert 0.95 < found.correlation < 1


def test_a_copy_of_another_size_is_compared_on_its_small_picture():
    train, test = pictures(30), pictures(6, 500)
    half = train[9].reshape(3, 32, 2, 32, 2).mean((2, 4)).astype(np.uint8)
    other = part(half[None])
    assert [(one.k, one.like) for one in twins(other, part(train), 0.02)] == [(0, 9)]
    assert twins(part(test), part(train), 0.02) == []


def test_pictures_that_are_all_alike_need_to_be_nearer():
    """Of one scene with a little noise every picture is near every other: that is usual, and no copy."""
    random = np.random.default_rng(1)
    base = pictures(1)[0].astype(float)
    alike = np.clip(base + random.normal(scale=12, size=(40, *base.shape)), 0, 255).astype(np.uint8)
    one, other = part(alike[:30]), part(alike[30:])
    assert nearly(other, one) == EXACT
    assert twins(other, one, nearly(other, one)) == []


def test_blank_pictures_are_no_twins():
    blank = np.full((2, 3, 20, 20), 9, np.uint8)
    assert twins(part(blank), part(blank), NEAR) == []


def test_nearest_is_the_largest_product():
    random = torch.Generator().manual_seed(0)
    queries, keys = torch.randn(1100, 8, generator=random), torch.randn(70, 8, generator=random)
    best, index = nearest(queries, keys)
    assert torch.allclose(best, (queries @ keys.T).amax(1))
    assert torch.equal(index, (queries @ keys.T).argmax(1))
