"""What a caller may say of files."""

import pytest

from netwright.data.reading import READING, Reading
from netwright.errors import DataError


def test_nothing_said_leaves_everything_to_the_files():
    assert Reading() == READING
    assert not any((READING.layout, READING.task, READING.classes, READING.ignore, READING.group))


@pytest.mark.parametrize(("option", "value"), [("dims", 1), ("dims", 4), ("max_pixels", 0)])
def test_numbers_out_of_range_are_refused(option: str, value: int):
    with pytest.raises(DataError, match=rf"`{option}` \(={value}\) must be"):
        Reading(**{option: value})


def test_a_value_that_no_mask_can_hold_is_refused():
    assert Reading(ignore=(2**63 - 1,)).ignore == (2**63 - 1,)
    with pytest.raises(DataError, match=rf"`ignore` \(={2**63}\) must be a value of a mask"):
        Reading(ignore=(255, 2**63))
