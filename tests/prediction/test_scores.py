"""The views of an evaluation."""

import json
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

from netwright.data.scale import Scale
from netwright.prediction.scores import ClassScores, Confused, Scores, Worst
from netwright.training.baseline import Baseline
from netwright.training.bootstrap import Interval

SCORES = Scores(
    name="mlp",
    run=Path("runs/mlp"),
    epoch=4,
    data="pets",
    digest="abc",
    part="test",
    examples=1234,
    monitor="error",
    loss=0.5,
    metrics={"error": Interval(0.25, 0.2, 0.3125, "1,234 examples")},
    scales={"loss": Scale(label="loss"), "error": Scale(unit="%", factor=100, label="error")},
    baseline=Baseline("most frequent class", {"error": 0.9}),
    over="1,234 examples",
    details={"boundary_f": Interval(nan, None, None, "")},
    classes=[
        ClassScores("cat", 1000, {"error": Interval(0.2, 0.1, 0.3, "")}),
        ClassScores("<b>", 234, {}),
    ],
    unit="examples",
    confusions=[Confused("cat", "<b>", 200, 1000), Confused("<b>", "cat", 20, 234)],
    notes=["the run was trained on dogs, not on this data"],
    worst=[Worst("worst-1-example-7.png", 7, "images/7.png", 1.0, 3.5, "cat", "<b>")],
    folder=Path("out"),
)


def test_the_text_is_tables_with_the_interval_and_the_baseline_beside_each_metric():
    assert str(SCORES).splitlines() == [
        "mlp after epoch 4 on the test split of pets, 1,234 examples",
        "metric      value   95 % interval  baseline",
        "error (%)   25.00  20.00 to 31.25     90.00",
        "boundary f    nan",
        "loss        0.500",
        "intervals over 1,234 examples; baseline: most frequent class",
        "",
        "class  examples  error (%)   95 % interval",
        "cat       1,000      20.00  10.00 to 30.00",
        "<b>         234",
        "",
        "class  taken for  examples  of the class",
        "cat          <b>       200         20.0%",
        "<b>          cat        20          8.5%",
        "",
        "the worst examples: out/worst.png",
        "note: the run was trained on dogs, not on this data",
    ]


def test_a_value_is_read_by_its_name():
    assert (SCORES["error"], SCORES["loss"]) == (0.25, 0.5)
    with pytest.raises(KeyError):
        SCORES["dice"]


def test_json_has_these_fields_and_no_number_that_json_lacks():
    facts = json.loads(json.dumps(SCORES.to_json(), allow_nan=False))
    assert set(facts) == {
        *("format", "name", "run", "epoch", "data", "digest", "part", "examples", "monitor", "loss"),
        *("metrics", "scales", "baseline", "over", "details", "classes", "unit", "confusions", "notes"),
        *("worst", "folder"),
    }
    assert facts["metrics"] == {
        "error": {"value": 0.25, "low": 0.2, "high": 0.3125, "over": "1,234 examples"}
    }
    assert facts["details"]["boundary_f"]["value"] is None
    assert facts["confusions"][0] == {"true": "cat", "predicted": "<b>", "count": 200, "of": 1000}
    assert set(facts["worst"][0]) == {
        *("file", "example", "source", "value", "loss", "true", "predicted", "part"),
    }
    assert (facts["format"], facts["folder"], facts["baseline"]["values"]) == (1, "out", {"error": 0.9})


def test_names_are_escaped_in_a_notebook():
    page = SCORES._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert page.count("<table>") == 3


def test_what_is_empty_is_not_shown():
    bare = replace(SCORES, classes=[], confusions=[], notes=[], worst=[], folder=None, details={}, epoch=None)
    assert len(str(bare).splitlines()) == 5
    assert bare._repr_html_().count("<table>") == 1
    assert str(bare).startswith("mlp on the test split")
