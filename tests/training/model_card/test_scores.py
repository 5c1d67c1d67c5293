"""The scores of a card are those of an evaluation and of the details of the task."""

import pytest

from netwright.training.bootstrap import Interval
from netwright.training.evaluation import evaluation
from netwright.training.model_card import scores as module
from netwright.training.model_card.scores import by_class, scores
from tiny import cells, data


@pytest.mark.parametrize(("name", "given"), [("finished", data), ("segmented", cells)])
def test_the_values_are_those_of_the_run_and_lie_in_their_intervals(request, name, given):
    run = request.getfixturevalue(name)
    known = scores(evaluation(run, given(), run.load()), given().classes)
    details = run.details(given())
    for metric, score in known.metrics.items():
        assert score.value == pytest.approx(run.best["test"][metric])
        assert score.low <= score.value <= score.high
    for metric, row in known.classes.items():
        for label, score in zip(given().classes, row, strict=True):
            assert score.value == pytest.approx(details[f"{metric} of {label}"])
            assert score.low is None or score.low <= score.value <= score.high
    assert set(known.classes) == ({"error"} if name == "finished" else {"dice", "iou"})


def test_of_many_classes_only_the_metrics_are_known(finished, monkeypatch):
    monkeypatch.setattr(module, "MOST", 9)
    known = scores(evaluation(finished, data(), finished.load()), data().classes)
    assert known.classes == {}
    assert known.metrics["error"].value == finished.best["test"]["error"]


def test_names_of_classes_that_contain_the_word_between_are_told_apart():
    score = {name: Interval(value, None, None, "") for name, value in (("a", 0.1), ("b of a", 0.2))}
    table = by_class(
        {f"dice of {name}": one for name, one in score.items()} | {"dice": score["a"]}, ["a", "b of a"]
    )
    assert table == {"dice": [score["a"], score["b of a"]]}
