"""Where the channels of an array are, and which arrays are refused."""

import numpy as np
import pytest

from netwright.data.readers import opened
from netwright.data.readers.opened import Opened, channel_axis, channels_first, map_axis, needs
from netwright.errors import UnreadableError, UsageError


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((9, 8), None), ((9, 8, 3), 2), ((4, 9, 8), 0), ((3, 9, 3), 0), ((9, 8, 7), None), ((9, 8, 7, 2), 3),
     ((2, 9, 8, 7), 0), ((9, 8, 7, 6), 0)],
)  # fmt: skip
def test_the_axis_of_channels_is_a_short_one_at_an_end(shape: tuple[int, ...], axis: int | None):
    assert channel_axis(shape) == axis


@pytest.mark.parametrize(
    ("shape", "axis"), [((9, 8), None), ((9, 8, 3), 2), ((3, 9, 8), None), ((9, 8, 1), 2), ((1, 9, 8, 7), 0)]
)
def test_a_map_has_no_channels_but_colours(shape: tuple[int, ...], axis: int | None):
    assert map_axis(shape) == axis
    assert Opened(np.zeros(shape)).part(None, as_map=True).space == tuple(
        size for k, size in enumerate(shape) if k != axis
    )


def test_channels_come_first_and_a_memory_map_stays_one(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(24, dtype=np.int16).reshape(4, 3, 2))
    values = np.load(tmp_path / "a.npy", mmap_mode="r")
    moved = channels_first(values, 2)
    assert moved.shape == (2, 4, 3)
    assert np.shares_memory(moved, values)
    np.testing.assert_array_equal(moved[1], values[..., 1])


@pytest.mark.parametrize("kind", [">u2", ">f4", "<i8"])
def test_bytes_are_in_native_order(kind: str):
    values = channels_first(np.arange(6, dtype=kind).reshape(2, 3), None)
    assert values.dtype.isnative
    assert values.tolist() == [[[0, 1, 2], [3, 4, 5]]]


def test_half_floats_and_truth_values_become_types_that_torch_computes_with():
    assert channels_first(np.zeros((2, 2), np.float16), None).dtype == np.float32
    assert channels_first(np.ones((2, 2), bool), None).dtype == np.uint8


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros((2, 2), complex), "complex128, which is not a real number"),
        (np.array([["a", "b"]]), "not a real number"),
        (np.zeros((2, 0)), "2x0"),
        (np.zeros((2, 2, 2, 2)), "one to three axes"),
        (np.float32(1), "one to three axes"),
    ],
)
def test_other_arrays_are_refused(values: np.ndarray, reason: str):
    with pytest.raises(UnreadableError, match=reason):
        channels_first(np.asarray(values), None)


def test_a_page_loses_the_spacing_of_the_axis_it_is_taken_from():
    stack = Opened(np.arange(24).reshape(2, 3, 4), known=True, spacing=(5.0, 1.0, 2.0))
    page = stack.part(1)
    assert page.values.tolist() == [np.arange(12, 24).reshape(3, 4).tolist()]
    assert page.spacing == (1.0, 2.0)
    assert stack.part(None).spacing == (5.0, 1.0, 2.0)


def test_pages_of_colour_keep_their_channels():
    stack = Opened(np.zeros((5, 6, 7, 3)), channels=3, known=True)
    assert stack.part(2).values.shape == (3, 6, 7)
    assert stack.part(slice(1, 3)).values.shape == (3, 2, 6, 7)


def test_a_page_beyond_the_last_is_refused_with_their_number():
    with pytest.raises(UnreadableError, match="it has 2 pages, and page 2 is asked for"):
        Opened(np.zeros((2, 3, 4))).part(2)


def test_a_missing_package_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(opened, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"zarr files need zarr: pip install netwright\[volumes\]"):
        needs("zarr", "zarr")
