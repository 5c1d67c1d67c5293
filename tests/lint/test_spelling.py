"""Which names are misspelled."""

import pytest

from netwright.lint.spelling import misspelled


@pytest.mark.parametrize(
    "wrong",
    ["foward", "forwrad", "fforward", "forwerd", "Forward", "for_ward", "forwar", "orward", "forwards"],
)
def test_a_single_slip_is_recognised(wrong):
    assert misspelled(wrong, "forward")
    assert misspelled("forward", wrong)


@pytest.mark.parametrize("other", ["forward", "forwar_d_ly", "reward", "forwadr_", "forward_image", "fwd"])
def test_the_same_name_and_other_names_are_not_misspelled(other):
    assert misspelled(other, "forward") == (other == "forwadr_")


def test_short_names_are_not_compared():
    assert not misspelled("lr", "lt")
    assert not misspelled("eps", "epz")
    assert misspelled("dims", "dim")
