"""`netwright models`."""

import json
import subprocess
import sys

import pytest

from netwright import __version__
from netwright.cli.models import models
from netwright.errors import UsageError
from netwright.models import registry
from netwright.plugins import PluginWarning


def test_json_lists_names_inputs_parameters_and_papers(netwright):
    rows = {row["name"]: row for row in json.loads(netwright("models", "resnet110", "--json").stdout)}
    assert rows["resnet110"] == {
        "name": "resnet110",
        "input": "3x32x32",
        "params": 1_727_962,
        "match": "width",
        "family": "resnet",
        "package": f"netwright {__version__}",
        "paper": "He, Zhang, Ren & Sun 2015, section 4.2",
    }
    assert "resnet" not in rows


def test_the_table_shows_the_same(netwright):
    outcome = netwright("models", "convnet")
    assert outcome.returncode == 0
    assert ["convnet", "3x32x32", "18,354", "LeCun"] in [
        line.split()[:4] for line in outcome.stdout.splitlines()
    ]


def test_a_text_keeps_the_names_and_families_that_contain_it(capsys):
    models("unet", json=True)
    names = [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert names == ["fractal_resunet", "unet", "unet_same", "unet3d", "unet3d_same"]


def test_a_text_that_nothing_contains_is_refused():
    with pytest.raises(UsageError, match="no network's name contains `zzz`; `netwright models` lists them"):
        models("zzz")


def test_the_list_imports_neither_the_compiler_nor_what_only_a_training_needs():
    code = """
import sys
from netwright.cli.models import models
models("vit", json=True)
print(*{"sympy", "torch._dynamo", "torchmetrics", "lightning_fabric"} & set(sys.modules), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "vit_tiny" in [row["name"] for row in json.loads(done.stdout)]
    assert done.stderr.split() == []


PLUGIN = """
from torch import nn
from netwright.models import Entry

def acme(*, width=4, channels=3, classes=2):
    return nn.Sequential(nn.Conv2d(channels, width, 1), nn.Flatten(), nn.Linear(width * 4, classes))

def broken():
    raise ValueError("no weights")

NET = Entry("acme_net", acme, (3, 2, 2))
BROKEN = Entry("acme_broken", broken, (3, 2, 2))
"""


@pytest.fixture
def registered(installed):
    """A function that installs a package of models and forgets it after the test."""
    registry.entries.cache_clear()
    yield installed
    registry.entries.cache_clear()


def test_a_network_of_another_package_says_whose_it_is(registered, capsys):
    registered(PLUGIN, models="acme_net = acme_nets:NET")
    models("acme", json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["family"], row["package"]) == ("acme_net", "acme_nets", "acme-nets 1.2")
    assert (row["params"], row["match"]) == (16 + 34, "width")
    models("acme")
    assert "acme-nets 1.2" in capsys.readouterr().out


def test_a_network_of_another_package_that_cannot_be_built_is_left_out(registered, capsys):
    registered(PLUGIN, models="acme_net = acme_nets:NET\nacme_broken = acme_nets:BROKEN")
    with pytest.warns(PluginWarning, match=r"`acme_broken` of acme-nets 1.2 is left out: .*no weights"):
        models("acme", json=True)
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == ["acme_net"]
