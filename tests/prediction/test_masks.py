"""Masks of files: what they are called, what is said of them, what stops the work."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netwright.data.readers.array import opened
from netwright.errors import DataError, DesignError
from netwright.prediction.inputs import Input
from netwright.prediction.masks import Masks
from netwright.prediction.predictor import Predictor
from netwright.prediction.work import Options, Skipped


@pytest.fixture(scope="module")
def predictor(masks_run) -> Predictor:
    return Predictor.of(masks_run)


def silent(done: int, total: int) -> None:
    pass


@pytest.mark.parametrize(
    ("name", "mask"),
    [
        ("a/x.jpg", "a/x.png"),
        ("x.PNG", "x.png"),
        ("x.TIF", "x.tif"),
        ("x.npz", "x.npy"),
        ("x.nii.gz", "x.nii.gz"),
        ("x.webp", "x.png"),
    ],
)
def test_the_format_of_the_input_decides_that_of_the_mask(predictor, name, mask):
    file = Input(Path(name), name)
    assert Masks(predictor, Path("out"), Options()).results(file) == (mask,)
    drawn = Masks(predictor, Path("out"), Options(draw=True)).results(file)
    assert drawn == (mask, f"{mask.partition('.')[0]}.drawn.png")


def test_a_store_of_any_name_gives_a_store(predictor, tmp_path):
    (tmp_path / "v").mkdir()
    assert Masks(predictor, tmp_path, Options()).results(Input(tmp_path / "v", "v")) == ("v.zarr",)


def test_each_file_is_finished_before_the_next_is_begun(predictor, tmp_path, cells):
    files = []
    for number, image in enumerate(cells.test.inputs):
        files.append(Input(tmp_path / f"{number}.npy", f"{number}.npy"))
        np.save(files[-1].path, image[0].numpy())
    out = tmp_path / "out"
    for number, results in enumerate(Masks(predictor, out, Options(draw=True))(files, silent), 1):
        assert len(list(out.glob("?.npy"))) == len(list(out.glob("*.drawn.png"))) == number
        (done,) = results
        assert done.stamp == files[number - 1].stamp()
        mask = opened(out / done.row.mask).array
        assert done.row.shares["cell"] == pytest.approx(np.mean(np.asarray(mask) == 255))


def test_tiles_are_told(predictor, tmp_path):
    Image.new("L", (16, 16)).save(tmp_path / "x.png")
    told = []
    list(
        Masks(predictor, tmp_path / "out", Options())(
            [Input(tmp_path / "x.png", "x.png")], lambda *k: told.append(k)
        )
    )
    assert told == [(0, 1), (1, 1)]


def test_damage_stops_or_is_left_out(predictor, tmp_path):
    files = [Input(tmp_path / name, name) for name in ("bad.png", "good.png")]
    files[0].path.write_bytes(b"\x89PNG")
    Image.new("L", (16, 16)).save(files[1].path)
    with pytest.raises(DataError, match=r"bad\.png` cannot be read"):
        list(Masks(predictor, tmp_path / "out", Options())(files, silent))
    bad, good = Masks(predictor, tmp_path / "out", Options(skip_bad=True))(files, silent)
    assert isinstance(bad, Skipped)
    assert good[0].row.mask == "good.png"
    assert not (tmp_path / "out/bad.png").exists()


def test_what_else_is_wrong_names_the_file(predictor, tmp_path):
    Image.new("L", (16, 16)).save(tmp_path / "x.png")
    work = Masks(predictor, tmp_path / "out", Options(memory=100))
    with pytest.raises(DesignError, match=r"x\.png` cannot be predicted: .*100 B"):
        list(work([Input(tmp_path / "x.png", "x.png")], silent))
