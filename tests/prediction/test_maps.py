"""Maps of files of any size, in the user's own values and format."""

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image
from torch import nn

import cells
from netwright.errors import DataError, RunError, UnreadableError
from netwright.prediction import codes
from netwright.prediction.ensemble import Ensemble
from netwright.prediction.flips import Flips
from netwright.prediction.maps import predict_array, predict_map
from netwright.prediction.predictor import Normalisation, Predictor
from netwright.prediction.regions import absorb
from netwright.spec import load
from netwright.training.recipe import Recipe
from netwright.training.run import train
from netwright.training.units import Units
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
    np.testing.assert_array_equal(written, classes(predictor, image))
    assert sum(made.shares.values()) == pytest.approx(1)
    assert made.shares["background"] == pytest.approx((written == 0).mean())
    assert [path.name for path in target.parent.iterdir()] == [name]


def other(predictor, net, input):
    """Return a predictor of another network, as if the run had been trained on such inputs."""
    torch.manual_seed(5)
    run = replace(predictor.run, data=dict(predictor.run.data) | {"input": input})
    units = Units(Normalisation.of(run), torch.device("cpu"), torch.float32)
    module = load(net, input=input, classes=3) if isinstance(net, str) else net
    return Predictor(run, module.eval(), predictor.task, units, predictor.autocast)


def classes(predictor, values):
    """Return the most probable class of an array [*space], as the network gives it for the whole."""
    output = predictor(predictor.prepare(torch.from_numpy(values)[None, None]))
    return np.array(predictor.task.values, np.uint8)[output.argmax(1)[0].numpy()]


def test_a_volume_keeps_its_place_in_the_world(predictor, tmp_path: Path):
    known = other(predictor, "unet_same(width=2, depth=1, dims=3)", (1, 16, 16, 16))
    values = np.random.default_rng(1).integers(0, 256, (31, 71, 26), dtype=np.uint8)
    affine = np.array([[0.0, -2, 0, 5], [3, 0, 0, -7], [0, 0, 4, 1], [0, 0, 0, 1]])
    for name, memory in (("a.nii", 20_000_000), ("b.nii.gz", None)):
        nibabel.save(nibabel.Nifti1Image(values, affine), tmp_path / name)
        made = predict_map(known, tmp_path / name, tmp_path / "out" / name, memory=memory)
        assert (made.tiles > 1, made.inexact) == (memory is not None, "")
        written = nibabel.load(tmp_path / "out" / name)
        assert written.get_data_dtype() == np.uint8
        np.testing.assert_array_equal(written.affine, affine)
        np.testing.assert_array_equal(np.asarray(written.dataobj), classes(known, values))


def test_a_series_has_a_class_for_each_step(predictor, tmp_path: Path):
    known = other(predictor, "unet_same(width=2, depth=2, dims=1)", (1, 64))
    values = np.random.default_rng(2).integers(0, 256, 2003, dtype=np.uint8)
    np.save(tmp_path / "a.npy", values)
    made = predict_map(known, tmp_path / "a.npy", tmp_path / "b.npy", memory=300_000)
    assert made.tiles > 1
    np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), classes(known, values))


def test_a_stack_gives_a_stack_page_by_page(predictor, tmp_path: Path):
    stack = np.random.default_rng(3).integers(0, 256, (5, 70, 90), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, compression="zlib")
    made = predict_map(predictor, tmp_path / "a.tif", tmp_path / "b.tif", memory=1_500_000)
    assert made.shape == stack.shape
    assert made.tiles % 5 == 0
    written = tifffile.imread(tmp_path / "b.tif")
    np.testing.assert_array_equal(written, [classes(predictor, page) for page in stack])
    low, high = predictor.run.data["range"]
    np.testing.assert_allclose(made.image[0].numpy(), (stack - low) / (high - low), atol=1e-6)


def test_valid_convolutions_give_every_pixel(predictor, tmp_path: Path):
    """The input is mirrored (Ronneberger et al. 2015), so the map has its size, and tiles change nothing."""
    known = other(predictor, "unet(width=2, depth=1)", (1, 64, 64))
    values = np.random.default_rng(4).integers(0, 256, (61, 90), dtype=np.uint8)
    Image.fromarray(values).save(tmp_path / "a.png")
    maps = []
    for memory in (None, 700_000):
        made = predict_map(known, tmp_path / "a.png", tmp_path / "b.png", memory=memory)
        assert (made.shape, made.inexact, made.tiles > 1) == ((61, 90), "", memory is not None)
        maps.append(np.array(Image.open(tmp_path / "b.png")))
    np.testing.assert_array_equal(*maps)


def test_positions_of_larger_steps_give_the_pixels_nearest_to_them(predictor, tmp_path: Path):
    """The far border, which no position covers, is reached over a mirrored one."""
    known = other(predictor, nn.Conv2d(1, 3, 4, stride=4), (1, 64, 64))
    values = np.random.default_rng(5).integers(0, 256, (150, 263), dtype=np.uint8)
    np.save(tmp_path / "a.npy", values)
    for memory in (None, 400_000):
        made = predict_map(known, tmp_path / "a.npy", tmp_path / "b.npy", memory=memory)
        assert (made.tiles > 1) == (memory is not None)
        framed = np.pad(values, ((0, 2), (0, 1)), mode="reflect")
        wanted = classes(known, framed).repeat(4, 0).repeat(4, 1)[:150, :263]
        np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), wanted)


@pytest.mark.parametrize("combine", ["mean", "vote", "maximum"])
def test_ensembles_and_reflections_are_the_same_by_tiles(predictor, image, tmp_path: Path, combine):
    torch.manual_seed(1)
    members = [predictor.net, load("unet_same(width=2, depth=1)", input=(1, 32, 32), classes=3)]
    known = other(predictor, Ensemble(members, combine).each(Flips), (1, 32, 32))
    np.save(tmp_path / "a.npy", image)
    made = predict_map(known, tmp_path / "a.npy", tmp_path / "b.npy", memory=4_000_000)
    assert made.tiles > 1
    assert made.inexact == ""
    assert (np.load(tmp_path / "b.npy") != classes(known, image)).mean() < 1e-3  # ties of rounding


def test_small_regions_are_absorbed_in_the_map_and_in_its_picture(predictor, image, tmp_path: Path):
    np.save(tmp_path / "a.npy", image)
    made = predict_map(predictor, tmp_path / "a.npy", tmp_path / "b.npy", components=12)
    output = predictor(predictor.prepare(torch.from_numpy(image)[None, None]))
    wanted = output.argmax(1)[0].numpy().astype(np.uint8)
    assert absorb(wanted, 12, nothing=3) > 0
    np.testing.assert_array_equal(made.mask.numpy(), wanted)
    np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), np.array(predictor.task.values)[wanted])


def test_large_maps_are_kept_in_a_file_and_drawn_from_a_part(predictor, image, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(codes, "MAPPED", 100)
    monkeypatch.setattr(codes, "PICTURE", 5000)
    np.save(tmp_path / "a.npy", image)
    made = predict_map(predictor, tmp_path / "a.npy", tmp_path / "b.npy", memory=3_000_000, components=5)
    assert made.step == 3
    low, high = predictor.run.data["range"]
    np.testing.assert_allclose(made.image[0].numpy(), (image[::3, ::3] - low) / (high - low), atol=1e-6)
    written = np.load(tmp_path / "b.npy")
    np.testing.assert_array_equal(np.array(predictor.task.values)[made.mask], written[::3, ::3])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npy", "b.npy"]


def test_what_stops_in_the_middle_leaves_nothing(predictor, image, tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", image.astype(np.uint16), compression="zlib", tile=(16, 16))
    data = bytearray((tmp_path / "a.tif").read_bytes())
    data[-1500:-1000] = bytes(500)
    (tmp_path / "a.tif").write_bytes(data)
    (tmp_path / "out").mkdir()
    with pytest.raises(UnreadableError):
        predict_map(predictor, tmp_path / "a.tif", tmp_path / "out" / "b.tif", memory=4_000_000)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(predictor, image, tmp_path: Path, bad):
    values = image.astype(np.float32)
    values.reshape(-1)[values.size // 2] = bad
    np.save(tmp_path / "a.npy", values)
    with pytest.raises(UnreadableError, match="values that are not finite"):
        predict_map(predictor, tmp_path / "a.npy", tmp_path / "b.npy")
    with pytest.raises(UnreadableError, match="values that are not finite"):
        predict_array(predictor, values.reshape(1, *values.shape[-2:]))
    assert not (tmp_path / "b.npy").exists()


def test_another_number_of_channels_is_refused_with_both_shapes(predictor, tmp_path: Path):
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"it is 3x30x40 \(a coloured .* trained on 1x"):
        predict_map(predictor, tmp_path / "a.png", tmp_path / "b.png")


def test_a_network_that_gives_one_class_has_no_map(tmp_path: Path):
    done = train(SPEC, data(), Recipe(steps=1, batch=16, augment=()), out=tmp_path / "run")
    with pytest.raises(RunError, match="classification gives no class for each position"):
        predict_map(Predictor.of(done), tmp_path / "a.png", tmp_path / "b.png")
