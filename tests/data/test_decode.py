"""Decoding: pixels against Pillow, and every kind of bad image."""

from collections import defaultdict
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from netwright.data.decode import Decoder
from netwright.data.kinds import Kind
from netwright.data.stored import StoredSplit
from netwright.errors import DataError


def noise(height: int = 6, width: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encoded(image: Image.Image, form: str = "png", **options) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def png(seed: int = 0, mode: str = "RGB", size: tuple[int, int] = (8, 6)) -> bytes:
    return encoded(Image.fromarray(noise(size[1], size[0], seed)).convert(mode))


def stored(*images: bytes | Path) -> StoredSplit:
    return StoredSplit(images, {Kind.CLASS: [0] * len(images)}, "image {}".format)


def decode(*images: bytes | Path, **options) -> torch.Tensor:
    return Decoder(**options).decode(stored(*images), "train").inputs


def test_coloured_images_become_uint8_channels_first():
    decoded = decode(png(1), png(2))
    assert decoded.dtype == torch.uint8
    assert decoded.shape == (2, 3, 6, 8)
    np.testing.assert_array_equal(decoded[1], noise(seed=2).transpose(2, 0, 1))


def test_grey_images_have_one_channel():
    decoded = decode(png(1, "L"))
    np.testing.assert_array_equal(decoded[0, 0], np.asarray(Image.fromarray(noise(seed=1)).convert("L")))


def test_files_and_bytes_decode_alike(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(png(3))
    assert torch.equal(decode(tmp_path / "a.png"), decode(png(3)))


@pytest.mark.parametrize("mode", ["RGBA", "P", "CMYK"])
def test_other_ways_to_store_colour_become_three_channels(mode: str):
    image = Image.fromarray(noise()).convert(mode)
    decoded = decode(encoded(image, "tiff"))
    np.testing.assert_array_equal(decoded[0], np.asarray(image.convert("RGB")).transpose(2, 0, 1))


@pytest.mark.parametrize("mode", ["1", "LA"])
def test_other_ways_to_store_grey_become_one_channel(mode: str):
    image = Image.fromarray(noise()).convert(mode)
    np.testing.assert_array_equal(decode(encoded(image))[0, 0], np.asarray(image.convert("L")))


def test_sixteen_bits_are_kept():
    values = np.array([[0, 255, 256, 65535]], dtype=np.uint16)
    decoded = decode(encoded(Image.fromarray(values)))
    assert decoded.dtype == torch.uint16
    assert decoded[0, 0].tolist() == values.tolist()


def test_floating_point_values_are_kept():
    values = np.array([[-1.5, 0.25]], dtype=np.float32)
    decoded = decode(encoded(Image.fromarray(values), "tiff"))
    assert decoded.dtype == torch.float32
    assert decoded[0, 0].tolist() == values.tolist()


def test_images_of_two_types_are_refused():
    deep = encoded(Image.fromarray(np.zeros((6, 8), np.uint16)))
    with pytest.raises(DataError, match="image 1 is uint16 while image 0 is uint8; convert one of them"):
        decode(png(mode="L"), deep)


def test_a_photograph_is_turned_the_way_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter
    decoded = decode(encoded(Image.fromarray(noise()), exif=exif))
    np.testing.assert_array_equal(decoded[0], np.rot90(noise(), -1).transpose(2, 0, 1))


def test_size_resizes_the_shorter_side_and_crops_the_centre():
    image = np.zeros((4, 8, 3), dtype=np.uint8)
    image[:, 2:6] = 200  # the centre square
    decoded = decode(encoded(Image.fromarray(image)), size=8)
    assert decoded.shape == (1, 3, 8, 8)
    assert decoded[..., 1:-1].float().mean() > 190
    assert torch.equal(decode(png(1, size=(5, 5)), size=5), decode(png(1, size=(5, 5))))


def test_images_of_different_sizes_are_refused_with_both_and_the_remedy():
    with pytest.raises(
        DataError, match=r"image 1 is 7 wide, 6 high while image 0 is 8 wide, 6 high; .*size=6"
    ):
        decode(png(), png(size=(7, 6)))


def test_images_of_different_sizes_become_one_with_size():
    assert decode(png(), png(size=(7, 9)), size=4).shape == (2, 3, 4, 4)


@pytest.mark.parametrize(("first", "second"), [("RGB", "L"), ("L", "RGB")])
def test_a_grey_image_among_coloured_ones_is_refused_and_both_are_named(first: str, second: str):
    kinds = {"RGB": "coloured", "L": "grey"}
    with pytest.raises(
        DataError, match=f"image 1 is {kinds[second]} while image 0 is {kinds[first]}; convert"
    ):
        decode(png(mode=first), png(mode=second), skip_bad=True)


def test_splits_of_one_set_must_agree_too():
    decoder = Decoder()
    decoder.decode(stored(png()), "train")
    with pytest.raises(DataError, match="is grey while"):
        decoder.decode(stored(png(mode="L")), "test")


BAD = {
    "empty": b"",
    "no image": b"this is a text",
    "cut short": png()[:-60],
    "header only": png()[:20],
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_corrupt_image_stops_with_its_place_and_the_remedy(content: bytes):
    with pytest.raises(DataError, match=r"image 1 cannot be read: .*--skip-bad"):
        decode(png(), content)


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_corrupt_image_is_counted_and_skipped_on_request(content: bytes):
    decoder = Decoder(skip_bad=True)
    split = StoredSplit([png(1), content, png(2)], {Kind.CLASS: [4, 5, 6]}, str)
    decoded = decoder.decode(split, "train")
    assert decoder.skipped == 1
    assert decoded.targets[Kind.CLASS].tolist() == [4, 6]
    assert torch.equal(decoded.inputs, decode(png(1), png(2)))


def test_a_missing_file_is_a_bad_image(tmp_path: Path):
    with pytest.raises(DataError, match=r"image 0 cannot be read: .*gone.png"):
        decode(tmp_path / "gone.png")


def test_a_split_beyond_the_memory_is_refused_with_its_size_and_the_remedy():
    many = StoredSplit(defaultdict(png), {Kind.CLASS: range(10**15)}, str)
    with pytest.raises(DataError, match=r"1,000,000,000,000,000 images of 3x6x8 take .* GiB; .*limit"):
        Decoder().decode(many, "train")


def test_a_split_of_bad_images_only_is_refused_even_when_they_are_skipped():
    with pytest.raises(DataError, match="the train split has no readable image; 2 could not be read"):
        decode(b"", b"x", skip_bad=True)


@pytest.mark.parametrize("share", [1.5, 2.5], ids=["Pillow warns", "Pillow refuses"])
def test_a_decompression_bomb_is_refused(share: float, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 48 / share)
    with pytest.raises(DataError, match=r"image 0 cannot be read: it has 48 pixels, and the limit is"):
        decode(png())


@settings(max_examples=150, deadline=None)
@given(form=st.sampled_from(["png", "jpeg", "gif", "bmp"]), data=st.data())
def test_no_damage_to_the_bytes_gives_anything_but_an_image_or_our_refusal(form: str, data: st.DataObject):
    content = bytearray(encoded(Image.fromarray(noise()), form))
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    try:
        decoded = decode(bytes(content), size=8)
    except DataError:
        decoded = torch.zeros(1, 1, 8, 8)
    assert decoded.shape in {(1, 1, 8, 8), (1, 3, 8, 8)}


def test_nothing_is_written_where_standard_error_is_not_a_terminal(capsys: pytest.CaptureFixture):
    decode(*[png()] * 50)
    assert capsys.readouterr() == ("", "")


def test_progress_is_shown_on_a_terminal(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    decode(*[png()] * 5)
    out, err = capsys.readouterr()
    assert out == ""
    assert "decoding train" in err
