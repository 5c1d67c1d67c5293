"""The names of networks."""

from collections import Counter
from importlib.util import find_spec

import pytest
import torch

from netwright.models.registry import Entry, entries, register
from netwright.spec import load


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="the model name `resnet20` is registered twice"):
        register(Entry("resnet20", entries()["resnet20"].build, (3, 32, 32)))


def test_a_family_is_not_complete_and_a_named_network_is():
    assert not entries()["resnet"].complete
    assert entries()["resnet20"].complete


def test_names_are_read_in_the_order_of_their_files():
    names = list(entries())
    assert names.index("convnet") < names.index("densenet121") < names.index("resnet18")
    assert names.index("resnet18") < names.index("resnet20") < names.index("resnet1202")
    assert set(Counter(names).values()) == {1}


def test_every_entry_knows_an_input():
    assert all(len(entry.input) >= 1 and min(entry.input) > 0 for entry in entries().values())


def test_every_network_says_its_family_and_its_paper():
    for entry in entries().values():
        assert (find_spec(f"netwright.models.{entry.family}")) is not None
        assert any(year.isdigit() and len(year) == 4 for year in entry.paper.replace(",", " ").split())


def test_the_first_network_of_each_family_takes_its_declared_input():
    """Shown on the meta device, where nothing is computed."""
    first = {entry.family: entry for entry in reversed(entries().values()) if entry.complete}
    assert len(first) >= 17
    for entry in first.values():
        with torch.device("meta"):
            net = load(entry.name)
        assert len(net(torch.empty(2, *entry.input, device="meta"))) == 2


def test_data_gives_channels_and_classes_to_every_classifier():
    for name in ("lenet5", "nin", "vit_cifar", "densenet_bc100", "wide_resnet16_4", "preresnet110"):
        with torch.device("meta"):
            net = load(name, input=(2, 32, 32), classes=7)
            assert net(torch.empty(2, 2, 32, 32)).shape == (2, 7)
