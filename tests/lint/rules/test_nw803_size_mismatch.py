"""Images and masks that do not cover the same positions."""

import numpy as np
import pytest

from arrays import masked
from netwright.data.picture import Picture
from netwright.lint.rules import nw803_size_mismatch as rule
from netwright.lint.survey.maps import mask_facts
from netwright.lint.survey.part import Example, Header


def difference(image=None, mask=None, size=(4, 6), other=(4, 6)):
    facts = mask_facts(np.zeros(other, np.uint8))
    return rule._difference(Example((1, *size), "uint8", image or Header(), "", facts, mask or Header()))


def test_equal_sizes_and_headers_do_not_differ():
    header = Header((1.0, 1.0), np.eye(4))
    assert difference() is None
    assert difference(header, Header((1.0, 1.005), np.eye(4) + 0.005)) is None
    assert difference(header, Header()) is None


@pytest.mark.parametrize(
    ("mask", "kind"),
    [
        (Header((1.0, 1.1), np.eye(4)), "spacing"),
        (Header((1.0, 1.0, 1.0), np.eye(4)), "spacing"),
        (Header((1.0, 1.0), np.diag([1, 1, -1, 1])), "affine"),
    ],
)
def test_a_header_that_differs_is_named(mask, kind):
    assert difference(Header((1.0, 1.0), np.eye(4)), mask)[0] == kind


def test_a_turned_photograph_is_told_from_a_wrong_size():
    turned = Header(orientation=6)
    assert difference(turned, size=(4, 6), other=(6, 4))[0] == "exif"
    assert difference(turned, size=(4, 6), other=(5, 4))[0] == "size"
    assert difference(Header(orientation=3))[0] == "exif"
    assert difference(turned, turned) is None


def test_one_finding_stands_for_all_pairs_of_one_kind():
    survey = masked(*[np.zeros((8, 8))] * 5)
    part = survey.parts["train"]
    for example in part.examples[1:4]:
        object.__setattr__(example, "shape", (1, 16, 16))
    [remark] = rule.look(survey)
    assert "3 images of train do not fit their masks: example 1, example 2 and example 3" in remark.message
    assert remark.evidence["difference"] == "size"


def test_a_header_is_that_of_the_picture():
    header = Header.of(Picture(np.zeros((1, 2, 2)), (2.0, 3.0), np.eye(4), 8))
    assert (header.spacing, header.orientation) == ((2.0, 3.0), 8)
