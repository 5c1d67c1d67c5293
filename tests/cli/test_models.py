"""`netwright models`."""

import json

import pytest

from netwright.cli.models import models
from netwright.errors import SpecError


def test_json_lists_names_inputs_parameters_and_papers(netwright):
    rows = {row["name"]: row for row in json.loads(netwright("models", "resnet110", "--json").stdout)}
    assert rows["resnet110"] == {
        "name": "resnet110",
        "input": "3x32x32",
        "params": 1_727_962,
        "family": "resnet",
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
    with pytest.raises(SpecError, match="no network's name contains `zzz`; `netwright models` lists them"):
        models("zzz")
