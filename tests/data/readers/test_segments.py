"""Windows of TIFF files are those of the whole arrays that tifffile reads."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from netwright.data.readers.segments import Segments, decodable
from netwright.data.readers.tiff import opened
from netwright.errors import UnreadableError

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 65536, (70, 91), dtype=np.uint16)
RGB = RANDOM.integers(0, 256, (53, 40, 3), dtype=np.uint8)
STACK = RANDOM.integers(0, 256, (5, 37, 50), dtype=np.uint8)
WAYS = {
    "tiles": (GREY, {"tile": (16, 32)}),
    "compressed tiles": (GREY, {"tile": (32, 16), "compression": "zlib"}),
    "strips": (GREY, {"rowsperstrip": 9, "compression": "zlib"}),
    "differences": (GREY, {"tile": (32, 32), "compression": "zlib", "predictor": True}),
    "other byte order": (GREY, {"tile": (32, 32), "byteorder": ">"}),
    "LZMA": (GREY.astype(np.float32), {"rowsperstrip": 20, "compression": "lzma"}),
    "colours": (RGB, {"photometric": "rgb", "tile": (16, 16)}),
    "planes": (
        RGB.transpose(2, 0, 1).copy(),
        {"photometric": "rgb", "planarconfig": "separate", "tile": (16, 16)},
    ),
    "pages": (STACK, {"compression": "zlib", "rowsperstrip": 10}),
    "pages of tiles": (STACK, {"tile": (16, 16)}),
}
PARTS = [(0.0, 1.0), (0.13, 0.4), (0.5, 0.98), (0.3, 0.3001)]


@pytest.mark.parametrize("cache", [0, 1 << 20], ids=["", "kept"])
@pytest.mark.parametrize("way", WAYS)
def test_windows_are_those_of_the_whole(tmp_path: Path, way: str, cache: int):
    values, options = WAYS[way]
    tifffile.imwrite(tmp_path / "a.tif", values, **options)
    array = opened(tmp_path / "a.tif").array
    assert isinstance(array, Segments)
    assert (array.shape, array.dtype.newbyteorder("=")) == (values.shape, values.dtype)
    array.cache = cache
    np.testing.assert_array_equal(array[...], tifffile.imread(tmp_path / "a.tif"))
    for low, high in PARTS:
        window = tuple(slice(int(low * side), int(high * side) + 1) for side in values.shape)
        np.testing.assert_array_equal(array[window], values[window])
        window = (int(low * len(values)), *window[1:])
        np.testing.assert_array_equal(array[window], values[window])
    np.testing.assert_array_equal(array[1], values[1])
    np.testing.assert_array_equal(array[1:3], values[1:3])


def test_only_segments_of_the_window_are_decoded_and_kept_ones_only_once(tmp_path: Path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", GREY, rowsperstrip=10, compression="zlib")
    array = opened(tmp_path / "a.tif").array
    decoded = []
    decode = array.page.decode
    monkeypatch.setattr(
        type(array.page), "decode", property(lambda page: lambda d, k: decoded.append(k) or decode(d, k))
    )
    array.cache = 2 * 10 * 91 * 2
    array[15:25, :40], array[15:25, 40:]
    assert decoded == [1, 2]
    array[60:70, :5], array[12:13, :5]
    assert decoded == [1, 2, 6, 1]
    assert array.band(1, 25) == 4 * 10 * 91 * 2


def test_a_damaged_segment_is_named_when_it_is_read(tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", GREY, tile=(32, 32), compression="zlib")
    data = bytearray((tmp_path / "a.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        place = file.pages[0].dataoffsets[4]
    data[place : place + 40] = bytes(40)
    (tmp_path / "a.tif").write_bytes(data)
    array = opened(tmp_path / "a.tif").array
    np.testing.assert_array_equal(array[:32, :32], GREY[:32, :32])
    with pytest.raises(UnreadableError, match="it is damaged"):
        array[32:64, 32:64]


def test_what_needs_another_package_is_left_to_others(tmp_path: Path):
    values = np.zeros((20, 20), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", values, compression="zlib")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert decodable(file.series[0])
        file.pages[0].compression = 5  # LZW
        assert not decodable(file.series[0])
