"""Maps of files of any size, in the user's own values and format."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

import cells
from netwright.errors import DataError, RunError
from netwright.predict.maps import predict_map
from netwright.predict.predictor import Predictor
from netwright.training.recipe import Recipe
from netwright.training.run import train
from tiny import SPEC, data

SIDES = (150, 211)


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    recipe = Recipe(steps=4, batch=4, patch=(32, 32), augment=())
    spec = "unet_same(width=4, depth=2)"
    return Predictor.of(train(spec, cells.data(), recipe, out=tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def image():
    random = np.random.default_rng(0)
    return random.integers(0, 256, SIDES, dtype=np.uint8)


def expected(predictor, image):
    """Return the map as the network and the task give it, without tiles and files."""
    output = predictor(predictor.prepare(torch.from_numpy(image)[None, None]))
    return np.array(predictor.task.values, np.uint8)[output.argmax(1)[0].numpy()]


WRITERS = {
    "a.png": lambda path, image: Image.fromarray(image).save(path),
    "a.npy": np.save,
    "a.tif": lambda path, image: tifffile.imwrite(path, image, compression="zlib", tile=(32, 48)),
}
READERS = {".png": lambda path: np.array(Image.open(path)), ".npy": np.load, ".tif": tifffile.imread}


@pytest.mark.parametrize("memory", [None, 3_000_000], ids=["whole", "tiles"])
@pytest.mark.parametrize("name", WRITERS)
def test_the_map_is_that_of_the_whole_image(predictor, image, tmp_path: Path, name, memory):
    WRITERS[name](tmp_path / name, image)
    target = tmp_path / "out" / name
    seen = []
    made = predict_map(
        predictor, tmp_path / name, target, memory=memory, progress=lambda *each: seen.append(each)
    )
    assert (made.path, made.shape, made.inexact, made.notes) == (target, SIDES, "", ())
    assert (made.tiles == 1) == (memory is None)
    assert seen == [(k, made.tiles) for k in range(made.tiles + 1)]
    written = READERS[target.suffix](target)
    assert written.dtype == np.uint8
    np.testing.assert_array_equal(written, expected(predictor, image))
    assert sum(made.shares.values()) == pytest.approx(1)
    assert made.shares["background"] == pytest.approx((written == 0).mean())
    assert [path.name for path in target.parent.iterdir()] == [name]


def test_another_number_of_channels_is_refused_with_both_shapes(predictor, tmp_path: Path):
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"it is 3x30x40 \(a coloured .* trained on 1x"):
        predict_map(predictor, tmp_path / "a.png", tmp_path / "b.png")


def test_a_network_that_gives_one_class_has_no_map(tmp_path: Path):
    done = train(SPEC, data(), Recipe(steps=1, batch=16, augment=()), out=tmp_path / "run")
    with pytest.raises(RunError, match="classification gives no class for each position"):
        predict_map(Predictor.of(done), tmp_path / "a.png", tmp_path / "b.png")
