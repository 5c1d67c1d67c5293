"""A study as data: spreads over seeds, and the way to JSON and back."""

import json
from statistics import NormalDist

import numpy as np
import pytest

from netwright.errors import RunError
from netwright.study.result import FILE, Spread, Study, spread
from study.examples import design, trial


def test_error_is_that_of_the_end_of_training(make):
    worse_at_the_end = design("a", [trial(0, [0.1, 0.3])])
    assert make(worse_at_the_end).designs[0].errors("test") == {0: 0.3}


def test_spread_is_numpys_mean_and_sample_deviation():
    values = NormalDist(0.1, 0.02).samples(5, seed=1)
    assert spread(values) == (pytest.approx(np.mean(values)), pytest.approx(np.std(values, ddof=1)), 5)


def test_one_run_has_no_deviation_and_none_has_nothing():
    assert spread([0.5]) == Spread(0.5, None, 1)
    assert spread([]) is None


def test_failed_trials_count_in_no_figure(make):
    mixed = design("a", [trial(0, [0.2]), trial(1, [0.9], "killed"), trial(2, [0.4])])
    study = make(mixed)
    assert study.designs[0].error("test").mean == pytest.approx(0.3)
    assert [found.seeds for _, found in study.curve(mixed, "test")] == [2]
    assert mixed.failures == ["seed 1: killed"]
    assert study.failed


def test_seeds_that_all_failed_alike_are_said_once(make):
    assert make().designs[2].failures == ["the loss is nan at step 3"]


def test_a_study_without_failure_has_not_failed(make):
    assert not make(design("a", [trial(0, [0.2])])).failed


def test_a_curve_averages_each_epoch_over_seeds(make):
    study = make()
    assert [(epoch, round(found.mean, 4)) for epoch, found in study.curve(study.designs[0], "test")] == [
        (1, 0.8667),
        (2, 0.5667),
    ]


def test_curves_of_different_length_average_who_is_there(make):
    """Early stopping ends runs at different epochs."""
    uneven = design("a", [trial(0, [0.4, 0.2]), trial(1, [0.2])])
    assert [found.seeds for _, found in make(uneven).curve(uneven, "test")] == [2, 1]


def test_every_pair_has_a_verdict(make):
    verdicts = make().verdicts
    assert [(verdict.first, verdict.second) for verdict in verdicts] == [
        ("plain56", "resnet56"),
        ("plain56", "hot"),
        ("resnet56", "hot"),
    ]
    assert [verdict.better for verdict in verdicts] == ["resnet56", None, None]


def test_the_grain_of_the_test_split_keeps_accidents_from_telling(make):
    one = design("a", [trial(0, [5 / 360]), trial(1, [6 / 360])])
    other = design("b", [trial(0, [4 / 360]), trial(1, [5 / 360])])
    assert make(one, other).verdicts[0].better is None


def test_json_leads_back_to_the_same_study(make):
    study = make()
    (study.folder / FILE).write_text(json.dumps(study.to_json(), allow_nan=False))
    assert Study.read(study.folder) == study


def test_json_says_format_and_version_and_has_null_for_what_is_unknown(make):
    facts = make().to_json()
    assert (facts["format"], facts["version"]) == ("netwright-study", 1)
    assert facts["designs"][2]["test_error"] is None
    assert facts["verdicts"][1]["interval"]["low"] is None
    assert facts["verdicts"][0]["better"] == "resnet56"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"format": "netwright-study", "version": 2}', "is version 2"),
        ('{"format": "netwright-study", "version": 1}', "damaged"),
    ],
)
def test_a_damaged_or_newer_study_is_refused(tmp_path, text, reason):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(RunError, match=reason):
        Study.read(tmp_path)


def test_a_folder_without_a_study_is_refused(tmp_path):
    with pytest.raises(RunError, match="there is no study"):
        Study.read(tmp_path / "nothing")
