"""The outcome in one sentence."""

from netwright.study.headline import headline
from study.examples import design, three, trial


def test_the_best_is_named_with_those_it_beats(make):
    assert headline(make()) == "resnet56 has the lowest test error, 1.30 ± 0.10 %: better than plain56."


def test_a_rival_that_is_not_told_apart_is_named(make):
    rival = design("resnet20", [trial(0, [0.013]), trial(1, [0.02]), trial(2, [0.012])])
    text = headline(make(*three(), rival))
    assert text.endswith("better than plain56; not told apart from resnet20.")


def test_two_designs_get_their_verdict(make):
    study = make(*three()[:2])
    assert headline(study) == study.verdicts[0].text


def test_a_lone_design_is_described(make):
    assert headline(make(three()[1])) == "resnet56 has the lowest test error, 1.30 ± 0.10 %."


def test_nothing_finished_is_said(make):
    assert headline(make(three()[2])) == "No run finished, so there is nothing to compare."


def test_one_of_two_failed(make):
    assert headline(make(*three()[1:])) == "resnet56 has the lowest test error, 1.30 ± 0.10 %."
