"""From the values of masks to classes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netwright.data import labels as module
from netwright.data.labels import chosen, labels, named, values_of, written
from netwright.data.reading import Reading
from netwright.errors import DataError

Save = Callable[[Path, np.ndarray], Path]


def of(*values: int, **options):
    return chosen(values, False, Reading(**options), "x")


@pytest.mark.parametrize(
    "values", [(0, 255), (0, 1), (1, 2), (0, 1, 2, 3), (1, 2, 3), (0, 128, 255), (0, 3, 7)]
)
def test_few_values_are_the_classes(values: tuple[int, ...]):
    found = of(*values)
    assert found.values == values
    assert found.classes == tuple(map(str, values))
    assert found.ignore == ()


def test_255_beside_classes_is_ambiguous_until_the_caller_says():
    with pytest.raises(
        DataError, match=r"0\.\.2 and 255, which may be a class or mean no label: say --ignore 255"
    ):
        of(0, 1, 2, 255)
    assert of(0, 1, 2, 255, ignore=(255,)).values == (0, 1, 2)
    assert of(0, 1, 2, 255, ignore=(255,)).ignore == (255,)
    assert of(0, 1, 2, 255, classes=("a", "b", "c", "d")).values == (0, 1, 2, 255)


def test_names_go_to_the_values_in_order_or_to_the_ones_they_name():
    assert of(0, 255, classes=("cell", "membrane")).values == (0, 255)
    assert of(0, 2, classes=("a", "b", "c")).values == (0, 1, 2)  # no mask shows b
    found = of(0, 255, classes=("255=cell", "0=membrane"))
    assert (found.classes, found.values) == (("cell", "membrane"), (255, 0))
    assert of(0, 0xFF0000, classes=("0=a", "#ff0000=b")).values == (0, 0xFF0000)


@pytest.mark.parametrize(
    ("values", "names", "message"),
    [
        ((0, 1, 2), ("a", "b"), r"`classes` names 2 classes, and the masks in `x` have 3 values, 0\.\.2"),
        ((0, 1), ("0=a", "0=b"), "two or more different values"),
        ((0, 1), ("0=a",), "two or more different values"),
        ((0, 1), ("ab=a", "1=b"), "`ab` in `classes` is not a value"),
        ((0, 1), ("x=a", "0=b"), "`x=a` in `classes` does not begin with a value; write 7=cell"),
    ],
)
def test_names_that_do_not_fit_are_refused(values: tuple[int, ...], names: tuple[str, ...], message: str):
    with pytest.raises(DataError, match=message):
        of(*values, classes=names)


def test_a_single_value_is_refused():
    with pytest.raises(DataError, match="the single value 0; two classes or more are needed"):
        of(0)


def test_many_values_are_not_classes():
    assert len(of(*range(64)).classes) == 64
    with pytest.raises(DataError, match=r"more than 64 different values .*--layout folders"):
        of(*range(65))
    assert of(*range(65), classes=tuple(map(str, range(65)))).values == tuple(range(65))


def test_a_layout_that_knows_its_classes_gives_way_to_the_caller():
    assert named(("a", "b"), (0, 7), Reading(), (255,)) == module.Labels(("a", "b"), (0, 7), (255,))
    assert named(("a", "b"), (0, 7), Reading(classes=("x", "y"))).classes == ("x", "y")
    assert named(("a", "b"), (0, 7), Reading(ignore=(9,)), (255,)).ignore == (9,)


@pytest.fixture
def masks(tmp_path: Path, save: Save) -> list[Path]:
    zero, one = np.zeros((4, 5), np.uint8), np.full((4, 5), 7, np.uint8)
    return [save(tmp_path / "0.png", zero), save(tmp_path / "1.png", one)]


def test_values_are_those_of_all_masks_together(masks: list[Path]):
    assert values_of(masks) == ((0, 7), False)
    assert labels(masks, Reading(), "x").values == (0, 7)


def test_values_are_read_once(masks: list[Path], save: Save, monkeypatch: pytest.MonkeyPatch):
    first = values_of(masks)
    monkeypatch.setattr(module, "read_map", lambda *_, **__: pytest.fail("read again"))
    assert values_of(masks) == first
    monkeypatch.undo()
    save(masks[0], np.full((4, 5), 9, np.uint8))
    assert values_of(masks) == ((7, 9), False)


def test_masks_beyond_the_limit_of_pixels_are_read_where_the_caller_allows_it(
    masks: list[Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5)
    assert values_of(masks) == ((), False)
    assert values_of(masks, Reading(max_pixels=20)) == ((0, 7), False)


def test_damaged_masks_are_passed_over_unless_all_are(masks: list[Path]):
    masks[1].write_bytes(b"")
    assert values_of(masks) == ((0,), False)
    masks[0].write_bytes(b"")
    with pytest.raises(
        DataError, match="none of the 2 masks in `x` can be read; of the first: it is not an image"
    ):
        labels(masks, Reading(), "x")


def test_colours_are_values_and_so_are_the_greys_among_them(tmp_path: Path, save: Save):
    red, white = np.zeros((4, 5, 3), np.uint8), np.full((4, 5, 3), 255, np.uint8)
    red[0, 0] = 255, 0, 0
    found = labels([save(tmp_path / "a.png", red), save(tmp_path / "b.png", white)], Reading(), "x")
    assert found.values == (0, 0xFF0000, 0xFFFFFF)
    assert found.classes == ("#000000", "#ff0000", "#ffffff")
    assert found.colours
    assert labels([tmp_path / "b.png", save(tmp_path / "c.png", white * 0)], Reading(), "x").values == (
        0,
        255,
    )


def test_values_are_written_as_a_person_does():
    assert written([0, 1, 2]) == "0..2"
    assert written([255, 0]) == "{0, 255}"
    assert written([0, 0xFF0000], True) == "{#000000, #ff0000}"


def test_two_classes_of_one_name_are_refused():
    with pytest.raises(DataError, match=r"`classes` \(=a,a\) must give each class a name of its own"):
        chosen((0, 1), False, Reading(classes=("a", "a")), "here")


def test_a_layout_with_a_single_class_is_refused():
    with pytest.raises(
        DataError, match=r"fewer than two classes \(background\), so there is nothing to learn"
    ):
        named(["background"], [0], Reading(), ignore=(1,))


def test_a_value_to_ignore_that_no_mask_has_is_a_warning():
    with pytest.warns(
        UserWarning, match=r"no mask in `x` has the value 77 of `ignore`; the masks have \{0, 255"
    ):
        assert of(0, 255, ignore=(77,)).classes == ("0", "255")
    with pytest.warns(UserWarning, match=r"has the values 7, 8 of `ignore`"):
        of(0, 1, 2, ignore=(8, 2, 7))
