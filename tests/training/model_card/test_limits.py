"""The limits that a card names, from made-up facts."""

from dataclasses import replace

import pytest

from netwright.training.bootstrap import Interval
from netwright.training.model_card.complete import stored
from netwright.training.model_card.facts import Facts, Fault
from netwright.training.model_card.limits import limits


@pytest.fixture(scope="module")
def facts(finished):
    return stored(finished)


def named(run, facts) -> str:
    return "\n".join(limits(run, facts))


def test_every_card_says_what_one_training_on_one_source_cannot_show(finished):
    text = named(finished, Facts())
    assert "The test examples come from the same data set, squares," in text
    assert "one training with the seed 0" in text
    assert "The network was not recorded" in text


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [(0.5, 0.4, 0.6, False), (0.5, 0.4, 0.95, True), (0.9, None, None, True), (0.5, None, None, False)],
)
def test_a_result_that_is_not_clearly_better_than_the_trivial_answer_comes_first(
    finished, value, low, high, said
):
    """Nine of ten squares are wrong when all are given to one class."""
    test = finished.best["test"] | {"error": value}
    run = replace(finished, best=dict(finished.best) | {"test": test})
    first = next(limits(run, Facts(metrics={"error": Interval(value, low, high, "40 examples")})))
    assert first.startswith("**The error on the test split is not clearly better") == said


def test_a_higher_metric_is_compared_in_its_own_direction(segmented):
    for value, said in ((0.9, False), (0.2, True)):
        run = replace(segmented, best=dict(segmented.best) | {"test": {"dice": value}})
        assert next(limits(run, Facts())).startswith("**The Dice on the test split is not clearly") == said


def test_few_examples_and_rare_classes_are_named(finished, facts):
    train, test = [1, 100, *[200] * 8], [100, 3, *[50] * 8]
    known = replace(facts.data, classes={"train": train, "valid": test, "test": test}, skipped=2)
    text = named(finished, replace(facts, data=known))
    assert "Less than 1 % of the training examples are of class 0." in text
    assert "There are fewer than 30 test examples of class 1, so" in text
    assert "2 files could not be read" in text
    few = replace(known, examples={"train": 80, "valid": 40, "test": 7})
    assert "The test split has only 7 examples." in named(finished, replace(facts, data=few))


def test_many_classes_are_cut_short(finished, facts):
    run = replace(finished, data=dict(finished.data) | {"classes": [f"c{number}" for number in range(14)]})
    sizes = [1] * 13 + [10_000]
    known = replace(facts.data, classes=dict.fromkeys(("train", "valid", "test"), sizes))
    assert "are of the classes c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 3 more." in named(
        run, replace(facts, data=known)
    )


def test_examples_of_one_group_make_intervals_too_narrow(finished, facts):
    over = "40 examples of one group, which are alike, so the intervals are too narrow"
    known = replace(facts, metrics={"error": Interval(0.1, 0.05, 0.15, over)})
    assert f"The test split has {over}." in named(finished, known)


def test_the_field_the_tiles_and_the_faults_of_the_network_are_named(finished, facts):
    fault = Fault("NW103", "padded-1x1", "error", "the map | grows", "net.py:14")
    network = replace(
        facts.network, short=True, sees="3x3 positions of the input", tiling="axis 0", faults=(fault,)
    )
    text = named(finished, replace(facts, network=network))
    assert "sees 3x3 positions of the input, which has 8x8." in text
    assert "do not give exactly what the whole input gives: axis 0." in text
    assert "NW103 padded-1x1 (error, at `net.py:14`): the map &#124; grows" in text
    assert "finds no fault" in named(finished, replace(facts, network=replace(facts.network, faults=())))


def test_a_training_that_has_not_ended_says_so(finished):
    assert next(limits(replace(finished, finished=False), Facts())).startswith("The training has not ended")
