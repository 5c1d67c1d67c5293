"""Solutions as data."""

import json

import pytest

from netwright.design import autoencoder, decoder, encoder


def test_totals_are_the_sums_of_the_rows():
    solution = autoencoder((3, 32, 32), (64, 4, 4), layers=3, residuals=1)
    rows = list(solution.rows())
    assert sum(row["params"] for row in rows) == solution.params
    assert sum(row["macs"] for row in rows) == solution.macs
    assert rows[-1]["receptive_field"] == solution.receptive_field
    assert [row["input"] for row in rows[1:]] == [row["output"] for row in rows[:-1]]


def test_json_holds_the_solution_and_its_alternatives():
    solution = encoder((3, 32, 32), (64, 4, 4), layers=3, alternatives=2)
    data = json.loads(json.dumps(solution.to_json()))
    assert (data["input"], data["output"], data["params"]) == ("3x32x32", "64x4x4", solution.params)
    assert [each["macs"] for each in data["alternatives"]] == [each.macs for each in solution.alternatives]
    assert data["layers"][0]["kernel"] == list(solution.layers[0].kernel)


@pytest.mark.parametrize(
    ("make", "chains"),
    [
        (lambda: encoder((1, 8), (8, 2)), ["encoder"]),
        (lambda: decoder((8, 2), (1, 8)), ["decoder"]),
        (lambda: autoencoder((1, 8), (8, 2)), ["encoder", "decoder"]),
    ],
)
def test_chains_are_named_by_what_they_do(make, chains):
    solution = make()
    assert list(solution.chains) == chains
    assert sum(solution.chains.values(), ()) == solution.layers


def test_the_title_counts_the_layers():
    assert encoder((1, 8), (8, 1), layers=1, kernels=8).title() == "1x8 to 8x1 in 1 layer"
    assert encoder((1, 8), (8, 1), layers=3).title().endswith("in 3 layers")
