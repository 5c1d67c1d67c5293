"""`netwright models`."""

import json


def test_json_lists_names_inputs_and_parameters(netwright):
    rows = {row["name"]: row for row in json.loads(netwright("models", "--json").stdout)}
    assert rows["resnet110"] == {
        "name": "resnet110",
        "input": "3x32x32",
        "params": 1_727_962,
        "family": "resnet",
        "paper": "He, Zhang, Ren & Sun 2015, section 4.2",
    }
    assert "resnet" not in rows


def test_the_table_shows_the_same(netwright):
    outcome = netwright("models")
    assert outcome.returncode == 0
    assert ["convnet", "3x32x32", "18,354", "LeCun"] in [
        line.split()[:4] for line in outcome.stdout.splitlines()
    ]
