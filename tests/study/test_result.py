"""A study as data: spreads over seeds, pairs, and the way to JSON and back."""

import json
import os
from dataclasses import replace
from math import isnan, nan

import pytest

from netwright.errors import RunError
from netwright.study.result import FILE, Study
from netwright.study.stats import Spread
from study.examples import (
    HOT,
    PLAIN,
    RESIDUAL,
    SEGMENTATION,
    arm,
    design,
    runs,
    segmentation,
    two_by_two,
)


def test_every_pair_of_designs_has_a_verdict(make):
    verdicts = make().verdicts
    assert [(verdict.first, verdict.second) for verdict in verdicts] == [
        ("plain56", "resnet56"),
        ("plain56", "hot"),
        ("resnet56", "hot"),
    ]
    assert [verdict.better for verdict in verdicts] == ["resnet56", None, None]
    assert {(verdict.design, verdict.recipe) for verdict in verdicts} == {(None, "standard")}


def test_with_several_recipes_a_pair_differs_in_either_design_or_recipe(make):
    """Designs first, for each recipe; then recipes, for each design."""
    verdicts = make(**two_by_two()).verdicts
    assert [(v.recipe or v.design, v.first, v.second, v.better) for v in verdicts] == [
        ("lr=0.05", "plain", "residual", "residual"),
        ("lr=0.2", "plain", "residual", "residual"),
        ("plain", "lr=0.05", "lr=0.2", None),
        ("residual", "lr=0.05", "lr=0.2", "lr=0.2"),
    ]
    texts = [verdict.text.split(" by ")[0] for verdict in verdicts]
    assert texts[1] == "With lr=0.2, residual is better than plain"
    assert texts[2].startswith("For plain, lr=0.05 and lr=0.2: not enough runs to tell")
    assert texts[3] == "For residual, lr=0.2 is better than lr=0.05"


def test_the_resolution_of_the_test_split_keeps_accidental_agreement_from_excluding_zero(make):
    one, other = arm("a", *runs(5 / 360, 6 / 360)), arm("b", *runs(4 / 360, 5 / 360))
    assert make(one, other).verdicts[0].better is None


@pytest.mark.parametrize(
    ("arms", "text"),
    [
        ([PLAIN, RESIDUAL, HOT], "resnet56 has the lowest test error, 1.30 ± 0.10 %: better than plain56."),
        ([RESIDUAL], "resnet56 has the lowest test error, 1.30 ± 0.10 %."),
        ([RESIDUAL, HOT], "resnet56 has the lowest test error, 1.30 ± 0.10 %."),
        ([HOT], "No run finished, so there is nothing to compare."),
    ],
)
def test_the_headline_names_the_best_arm_and_those_it_beats(make, arms, text):
    assert make(*arms).headline == text


def test_the_headline_names_a_rival_that_is_not_distinguishable(make):
    rival = arm("resnet20", *runs(0.013, 0.02, 0.012))
    text = make(PLAIN, RESIDUAL, HOT, rival).headline
    assert text.endswith("better than plain56; not distinguishable from resnet20.")


def test_two_arms_have_their_verdict_as_the_headline(make):
    study = make(PLAIN, RESIDUAL)
    assert study.headline == study.verdicts[0].text


def test_the_headline_of_several_recipes_names_the_recipe_with_the_design(make):
    assert make(**two_by_two()).headline == (
        "residual with lr=0.2 has the lowest test error, 11.00 ± 1.00 %: better than plain with lr=0.2 and "
        "residual with lr=0.05."
    )


@pytest.mark.parametrize(
    "parts",
    [
        {},
        two_by_two(),
        {"task": SEGMENTATION, "arms": [segmentation("unet", 0.8, 0.9)], "designs": [design("unet")]},
    ],
    ids=["one recipe", "two recipes", "segmentation"],
)
def test_json_leads_back_to_the_same_study(make, parts):
    study = make(**parts)
    (study.folder / FILE).write_text(json.dumps(study.to_json(), allow_nan=False))
    assert Study.read(study.folder) == study


def test_json_states_format_and_version_and_has_null_for_what_is_unknown(make):
    facts = make().to_json()
    assert (facts["format"], facts["version"]) == ("netwright-study", 3)
    assert facts["arms"][2]["test"] == {"loss": None, "error": None}
    assert facts["verdicts"][1]["interval"]["low"] is None
    assert facts["verdicts"][0]["better"] == "resnet56"


def test_a_higher_dice_is_better(make):
    study = make(segmentation("unet", 0.87, 0.88, 0.89), segmentation("fcn", 0.80, 0.81, 0.82),
                 segmentation("deep", 0.70, 0.72, 0.71), task=SEGMENTATION)  # fmt: skip
    assert study.headline == "unet has the highest test dice, 0.880 ± 0.010: better than fcn and deep."
    assert [verdict.better for verdict in study.verdicts] == ["unet", "unet", "fcn"]


def test_only_a_share_of_examples_has_a_resolution(make):
    """The same difference in every seed tells nothing about a dice, which has no smallest step."""
    arms = segmentation("a", 0.5, 0.5, 0.5), segmentation("b", 0.25, 0.25, 0.25)
    assert "was 0.25 in each of 3 seeds" in make(*arms, task=SEGMENTATION).headline
    assert make(arm("a", *runs(0.5, 0.5)), arm("b", *runs(0.1, 0.1))).verdicts[0].better == "b"


def test_a_metric_without_a_value_enters_no_mean_and_survives_json(make):
    partial = arm("a", *runs(0.2, nan, 0.4))
    assert partial.spread("test", "error") == Spread(pytest.approx(0.3), pytest.approx(0.1414, abs=1e-4), 2)
    assert [value.seeds for _, value in partial.curve("test", "error")] == [2]
    study = make(partial, RESIDUAL)
    (study.folder / FILE).write_text(json.dumps(study.to_json(), allow_nan=False))
    read = Study.read(study.folder)
    assert read.headline == study.headline
    assert isnan(read.arms[0].trials[1].value("test", "error"))


def test_a_study_shows_itself_as_text_and_as_escaped_html(make):
    study = make(PLAIN, replace(RESIDUAL, design="<b>net</b>"))
    assert "plain56" in str(study)
    assert "<b>net</b> is better than plain56 by 55.4 points" in " ".join(str(study).split())
    assert repr(study).startswith("<Study of plain56, <b>net</b> on digits in ")
    assert "<b>net</b>" not in study._repr_html_()
    assert "<td>&lt;b&gt;net&lt;/b&gt;</td><td>269,722</td>" in study._repr_html_()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("[" * 100_000, "damaged"),
        ('{"format": "netwright-study", "version": 99}', "is version 99"),
        ('{"format": "netwright-study", "version": 2}', "is version 2"),
        ('{"format": "netwright-study", "version": 3}', "damaged"),
        ('{"format": "netwright-study", "version": 3, "threads": NaN}', "NaN is not JSON"),
    ],
)
def test_a_damaged_or_newer_study_is_refused(tmp_path, text, reason):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(RunError, match=reason):
        Study.read(tmp_path)


def test_a_folder_without_a_study_is_refused(tmp_path):
    with pytest.raises(RunError, match="there is no study"):
        Study.read(tmp_path / "nothing")


HOSTILE = [
    (("arms", 0, "trials", 0, "folder"), "../../x", "leaves the folder"),
    (("arms", 0, "trials", 0, "folder"), "/etc", "leaves the folder"),
    (("arms", 0, "trials", 0, "folder"), "C:\\x", "leaves the folder"),
    (("arms", 0, "trials", 0, "epochs", 0, "test", "error"), "high", "not a number"),
    (("arms", 0, "trials", 0, "epochs", 0, "test", "error"), 10**400, "not a number"),
    (("arms", 0, "trials", 0, "epochs", 0, "test"), None, "damaged .*has no metrics on test"),
    (("arms", 0, "trials", 0, "epochs", 0, "test"), {"loss": 1.0}, "epoch 1 has no test error"),
    (("arms", 0, "trials", 0, "epochs", 0, "epoch"), 10**400, "number of an epoch"),
    (("task", "monitor"), "dice", "the monitored metric dice is not among loss, error"),
    (("task", "measures", "error", "unit"), "\x1b[31m%", "unit"),
    (("task", "measures", "error", "factor"), -1, "factor"),
    (("task", "baseline", "answer"), "a\nb", "answer"),
    (("arms", 0, "trials", 0, "epochs"), [], "has no epochs"),
    (("arms", 0, "trials", 0, "seconds"), -1, "seconds"),
    (("arms", 0, "trials", 1, "seed"), 0, "there twice"),
    (("arms", 0, "design"), "unknown", "unknown design or recipe"),
    (("designs", 0, "macs"), 10**400, "macs"),
    (("designs", 0, "name"), "\x1b]0;title\x07", "name"),
    (("designs", 0, "name"), "\ud800", "name"),
    (("designs", 1, "name"), "plain56", "there twice|unknown design"),
    (("designs",), "resnet20", "designs"),
    (("recipes",), {}, "recipes"),
    (("data", "test"), 0, "data.test"),
    (("data",), {"name": "digits", "layout": ""}, "data.digest"),
    (("seeds", 0), "os:system", "seeds.0"),
]


@pytest.mark.parametrize(("place", "value", "reason"), HOSTILE)
def test_absurd_values_are_refused_with_their_place(make, place, value, reason):
    study = make()
    facts = study.to_json()
    inner = facts
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    (study.folder / FILE).write_text(json.dumps(facts))
    with pytest.raises(RunError, match=reason):
        Study.read(study.folder)


def test_a_spec_in_the_file_is_text_and_is_never_called(make, monkeypatch):
    """Reading a study, and all views of it, call nothing that the study names."""
    called: list = []
    monkeypatch.setattr(os, "system", called.append)
    study = make()
    facts = study.to_json()
    for each in facts["designs"]:
        each["spec"] = "os:system('echo hello')"
    (study.folder / FILE).write_text(json.dumps(facts))
    read = Study.read(study.folder)
    assert read.designs[0].spec == "os:system('echo hello')"
    assert str(read)
    assert read._repr_html_()
    assert read.verdicts
    assert called == []
