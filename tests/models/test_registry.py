"""The names of networks."""

from collections import Counter

import pytest

from netwright.models.registry import Entry, entries, register


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="the model name `resnet20` is registered twice"):
        register(Entry("resnet20", entries()["resnet20"].build, (3, 32, 32)))


def test_a_family_is_not_complete_and_a_named_network_is():
    assert not entries()["resnet"].complete
    assert entries()["resnet20"].complete


def test_names_are_read_in_the_order_of_their_files():
    names = list(entries())
    assert names.index("convnet") < names.index("resnet20")
    assert set(Counter(names).values()) == {1}


def test_every_entry_knows_an_input():
    assert all(len(entry.input) >= 1 and min(entry.input) > 0 for entry in entries().values())
