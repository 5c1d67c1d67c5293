"""The names of networks."""

from collections import Counter
from importlib.util import find_spec

import pytest
import torch

from netwright import __version__
from netwright.errors import SpecError
from netwright.models import registry
from netwright.models.registry import Entry, entries, register
from netwright.plugins import PluginWarning
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
        assert (find_spec(f"netwright.models.families.{entry.family}")) is not None
        assert any(year.isdigit() and len(year) == 4 for year in entry.paper.replace(",", " ").split())


def test_a_network_of_each_family_takes_its_declared_input():
    """On the meta device, where nothing is computed; all of them are run when docs/models.md is written."""
    first = {entry.family: entry for entry in reversed(entries().values()) if entry.complete}
    for family in sorted(set(first) - {"densenet", "fractal_resunet", "hourglass"}):
        with torch.device("meta"):
            net = load(first[family].name)
        assert len(net(torch.empty(2, *first[family].input, device="meta"))) == 2


def test_data_gives_channels_and_classes_to_every_classifier():
    for name in ("lenet5", "nin", "vit_cifar", "densenet_bc100", "wide_resnet16_4", "preresnet110"):
        with torch.device("meta"):
            net = load(name, input=(2, 32, 32), classes=7)
            assert net(torch.empty(2, 2, 32, 32)).shape == (2, 7)


@pytest.mark.parametrize(
    ("name", "argument", "text"),
    [
        (entry.name, argument, text)
        for entry in entries().values()
        if not entry.complete or entry.name in ("unet_same", "encoder", "googlenet")
        for argument, parts in entry.parts.items()
        for text in parts
    ],
)
def test_every_text_of_every_part_builds(name: str, argument: str, text: str):
    """What the entry says a text stands for, its function takes."""
    depth = {"resnet": 56, "preresnet": 56, "imagenet_resnet": 18, "vgg": 11}.get(name)
    given = f"depth={depth}, " if depth else ""
    with torch.device("meta"):
        plainly = load(f"{name}({given})".replace(", )", ")"))
        built = load(f"{name}({given}{argument}={text!r})")
    assert type(built) is type(plainly)


def test_a_part_without_such_a_text_is_refused_with_those_there_are():
    with pytest.raises(SpecError, match="`norm` of vgg11 is 'bath'; it can be 'batch', 'instance', 'group'"):
        load("vgg11(norm='bath')")


PLUGIN = """
from torch import nn
from netwright.models import Entry

def build(*, channels=3):
    return nn.Conv2d(channels, 2, 1)

NET = Entry("acme_net", build, (3, 8, 8))
TAKEN = Entry("resnet20", build, (3, 8, 8))
SHAPELESS = Entry("shapeless", build, ())
NAMELESS = Entry("two words", build, (3, 8, 8))
UNCALLED = Entry("uncalled", "acme_nets:build", (3, 8, 8))
"""


@pytest.fixture
def registered(installed):
    """A function that installs a package of models and forgets it after the test."""
    registry.entries.cache_clear()
    yield installed
    registry.entries.cache_clear()


def test_an_installed_package_adds_a_network(registered):
    registered(PLUGIN, models="acme_net = acme_nets:NET")
    assert entries()["acme_net"].package == "acme-nets 1.2"
    assert load("acme_net(channels=5)").in_channels == 5
    assert load("acme_net", input=(4, 8, 8)).in_channels == 4


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ("resnet20 = acme_nets:TAKEN", "ValueError: the name is already taken by netwright "),
        (
            "other = acme_nets:NET",
            "ValueError: the entry is called `acme_net`; give it the name of its entry",
        ),
        ("shapeless = acme_nets:SHAPELESS", r"ValueError: its `input` \(=\(\)\) must be a shape"),
        ("two words = acme_nets:NAMELESS", "ValueError: the entry is called `two words`"),
        ("uncalled = acme_nets:UNCALLED", "TypeError: its `build` must be a function"),
        ("build = acme_nets:build", "TypeError: it is a function, not a netwright.models.Entry"),
    ],
)
def test_an_entry_that_cannot_be_used_is_one_warning_and_ours_stay(registered, point: str, reason: str):
    registered(PLUGIN, models=point)
    with pytest.warns(PluginWarning, match=f"of acme-nets 1.2 .netwright.models. is left out: {reason}"):
        assert "resnet20" in entries()
    assert {entry.package for entry in entries().values()} == {f"netwright {__version__}"}
