"""The results of a card: metrics, intervals, classes and pictures."""

from dataclasses import replace

import pytest

from netwright.data.scale import Scale
from netwright.training.bootstrap import Interval
from netwright.training.model_card import results as module
from netwright.training.model_card.complete import stored
from netwright.training.model_card.facts import Facts
from netwright.training.model_card.results import headline, results, within


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:1] == "|"]


def test_every_metric_has_its_numbers_and_the_trivial_answer(segmented):
    facts = stored(segmented)
    table = {row[0]: row[1:] for row in rows(results(segmented, facts))[2:6]}
    best = segmented.best
    for name, title in (("dice", "Dice"), ("iou", "IoU"), ("pixel_error", "pixel error (%)")):
        scale, score = segmented.measures[name], facts.metrics[name]
        assert table[title] == [
            f"**{scale.number(best['test'][name])}**",
            within(scale, score),
            scale.number(best["valid"][name]),
            scale.number(best["train"][name]),
            scale.number(segmented.baseline.values[name]),
        ]
    assert " to " in table["Dice"][1]
    assert table["loss"][1] == table["loss"][4] == ""


def test_the_headline_is_the_monitored_metric(segmented):
    text = headline(segmented, stored(segmented))
    assert text.startswith(
        f"**Dice on the test split: {segmented.best['test']['dice']:.3f}** (95 % interval: 0."
    )
    assert "The trivial answer (most frequent class everywhere) has 0." in text
    assert "interval" not in headline(segmented, Facts())


def test_the_classes_stand_in_the_order_of_the_outputs_with_their_sizes(segmented):
    facts = stored(segmented)
    table = rows(results(segmented, facts))[6:]
    assert table[0][:5] == ["", "class", "value in files", "share of training", "test positions"]
    assert [row[1] for row in table[2:]] == ["membrane", "cell"]
    assert [row[2] for row in table[2:]] == ["0", "255"]
    assert sum(int(row[4].replace(",", "")) for row in table[2:]) == 2 * 256
    for row, score in zip(table[2:], facts.classes["dice"], strict=True):
        assert row[5].startswith(f"{score.value:.3f}")


def test_many_classes_are_folded(finished, monkeypatch):
    assert "<details>" not in results(finished, Facts())
    monkeypatch.setattr(module, "MANY", 9)
    assert "<summary>The 10 classes, in the order of the outputs</summary>" in results(finished, Facts())


def test_names_of_classes_stay_in_their_cells(finished):
    names = ["a|b", "c\nd", "<e>", *map(str, range(3, 10))]
    table = rows(results(replace(finished, data=dict(finished.data) | {"classes": names}), Facts()))
    assert {len(row) for row in table[4:]} == {2}
    assert [row[1] for row in table[6:9]] == ["a&#124;b", "c\\\\nd", "&lt;e&gt;"]


def test_the_pictures_of_the_run_are_shown_once_each(segmented):
    text = results(segmented, Facts())
    assert "](pictures/best.png)" in text
    assert text.count("](pictures/") == text.count("test example") / 2
    assert "](pictures/" not in results(replace(segmented, folder=segmented.folder / "no"), Facts())


def test_without_scores_the_card_says_so(finished):
    assert "No intervals were computed" in results(finished, Facts())
    assert results(replace(finished, best=None), Facts()) == "No epoch has been evaluated yet."
    assert headline(replace(finished, best=None), Facts()) == ""


@pytest.mark.parametrize(("low", "high"), [(None, None), (0.25, 0.25)])
def test_an_interval_without_width_is_not_shown(low, high):
    assert within(Scale(), Interval(0.25, low, high, "")) == ""


def test_a_class_without_a_score_and_a_metric_without_a_value_have_a_dash(finished):
    facts = Facts(classes={"error": [None] * 9 + [Interval(float("nan"), None, None, "")]})
    table = rows(results(finished, facts))
    assert [row[-1] for row in table[6:]] == ["-"] * 10
