"""Reading of whole images from files, bytes, pages and parts."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netwright.data.read import array_shape, forget, read, read_map, suffix
from netwright.data.stored import Channels, Page, Slices
from netwright.errors import UnreadableError


def grey(seed: int = 0, shape: tuple[int, int] = (6, 8)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def save(path: Path, values: np.ndarray) -> Path:
    Image.fromarray(values).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "ending"), [("a.b.PNG", ".png"), ("case_0001.nii.gz", ".nii.gz"), ("a.gz", ".gz"), ("a", "")]
)
def test_a_suffix_has_both_parts_of_a_compressed_volume(name: str, ending: str):
    assert suffix(Path(name)) == ending


def test_bytes_and_files_read_alike(tmp_path: Path):
    path = save(tmp_path / "a.png", grey())
    np.testing.assert_array_equal(read(path).values, read(path.read_bytes()).values)


def test_channels_in_files_of_their_own_become_one_image(tmp_path: Path):
    parts = tuple(save(tmp_path / f"a_{k}.png", grey(k)) for k in range(5))
    picture = read(Channels(parts))
    assert picture.values.shape == (5, 6, 8)
    np.testing.assert_array_equal(picture.values[3], grey(3))
    other = save(tmp_path / "b.png", grey(0, (6, 9)))
    with pytest.raises(UnreadableError, match="its channels have the sizes 6x8 and 6x9"):
        read(Channels((*parts, other)))


def test_slices_in_files_of_their_own_become_one_volume(tmp_path: Path):
    parts = tuple(save(tmp_path / f"a_{k}.png", grey(k)) for k in range(5))
    picture = read(Slices(parts))
    assert picture.values.shape == (1, 5, 6, 8)
    np.testing.assert_array_equal(picture.values[0, 3], grey(3))
    other = save(tmp_path / "b.png", grey(0, (6, 9)))
    with pytest.raises(UnreadableError, match="its slices have the shapes 1x6x8 and 1x6x9"):
        read(Slices((*parts, other)))


@pytest.mark.parametrize("order", [(2, 3, 4), (4, 2, 3), (2, 4, 6), (3,)])
def test_slices_of_one_stack_keep_their_order(tmp_path: Path, order: tuple[int, ...]):
    stack = np.random.default_rng(0).random((9, 6, 8, 3))
    np.save(tmp_path / "a.npy", stack)
    picture = read(Slices(tuple(Page(tmp_path / "a.npy", k) for k in order)))
    np.testing.assert_array_equal(picture.values, np.moveaxis(stack[list(order)], 3, 0))


def test_consecutive_slices_of_one_stack_stay_a_memory_map(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((9, 6, 8)))
    picture = read(Slices(tuple(Page(tmp_path / "a.npy", k) for k in range(2, 7))))
    assert picture.values.shape == (1, 5, 6, 8)
    assert isinstance(picture.values, np.memmap)


def test_the_channels_of_a_page_may_be_named(tmp_path: Path):
    stack = np.random.default_rng(0).random((9, 7, 6, 8))
    np.save(tmp_path / "a.npy", stack)
    page = Page(tmp_path / "a.npy", 1, channels=0)
    np.testing.assert_array_equal(read(page).values, stack[1])
    np.testing.assert_array_equal(
        read(Slices((page, Page(tmp_path / "a.npy", 2, channels=0)))).values, stack[1:3].swapaxes(0, 1)
    )


def test_the_shape_of_a_stack_tells_its_pages(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((9, 6, 8)))
    assert array_shape(tmp_path / "a.npy") == (9, 6, 8)


def test_a_file_that_changed_is_opened_again(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((9, 6, 8)))
    assert read(Page(tmp_path / "a.npy", 1)).values.max() == 0
    np.save(tmp_path / "a.npy", np.ones((9, 6, 8, 2)))
    assert read(Page(tmp_path / "a.npy", 1)).values.min() == 1
    forget()
    assert read(Page(tmp_path / "a.npy", 1)).values.shape == (2, 6, 8)


def test_a_map_in_grey_has_its_values(tmp_path: Path):
    values = np.array([[0, 255], [7, 0]], np.uint8)
    picture = read_map(save(tmp_path / "a.png", values))
    assert picture.values.tolist() == [values.tolist()]
    assert not picture.colours
    coloured = read_map(save(tmp_path / "b.png", np.stack([values] * 3, -1)))  # grey, stored in colour
    assert coloured.values.tolist() == [values.tolist()]
    assert not coloured.colours


def test_a_map_in_colour_has_a_number_for_each_colour():
    image = Image.fromarray(np.array([[[128, 0, 64], [0, 0, 0]]], np.uint8))
    stream = BytesIO()
    image.save(stream, "png")
    picture = read_map(stream.getvalue())
    assert picture.values.tolist() == [[[0x800040, 0]]]
    assert picture.colours


def test_a_map_of_several_channels_is_refused(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((2, 6, 8)))
    assert read_map(tmp_path / "a.npy").values.shape == (1, 2, 6, 8)  # slices
    with pytest.raises(UnreadableError, match="it has 2 channels, and a mask has one value for a position"):
        read_map(Page(tmp_path / "a.npy", channels=0))


@pytest.mark.parametrize("values", [[0.5, 1.0], [np.nan, 1.0], [np.inf, 1.0], [1e12, 1.0]])
def test_a_map_of_fractions_is_refused(tmp_path: Path, values: list[float]):
    np.save(tmp_path / "a.npy", np.array([values, values]))
    with pytest.raises(UnreadableError, match="its values are not integers"):
        read_map(tmp_path / "a.npy")


def test_other_files_are_refused_with_the_forms_there_are(tmp_path: Path):
    (tmp_path / "a.xyz").write_text("x")
    with pytest.raises(UnreadableError, match=r"files ending in \.xyz are not read; \.png, .*\.zarr are"):
        read(tmp_path / "a.xyz")
    with pytest.raises(UnreadableError, match="No such file"):
        read(tmp_path / "gone.npy")
