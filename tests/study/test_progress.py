"""How far a study is, on a terminal and in a log."""

from io import StringIO
from itertools import count

import pytest
from rich.console import Console

from netwright.study.progress import Display, StudyEnded, StudyStarted, TrialAdvanced, TrialEnded
from netwright.study.trial import Key
from study.examples import SEGMENTATION, segmentation, trial, two_by_two

SMALL, LARGE = Key("small", "standard", 0), Key("[b]large[/b]", "standard", 0)


def story(study) -> list:
    return [
        StudyStarted(study, {SMALL: 0.1, LARGE: 0.9}, finished=2, jobs=2),
        TrialAdvanced(SMALL, 0.0),
        TrialAdvanced(SMALL, 1.0, 4, 0.25),
        TrialEnded(SMALL, trial(0, [0.5, 0.1234])),
        TrialAdvanced(LARGE, 0.5, 2, 0.4),
        TrialEnded(LARGE, trial(0, [0.5], "the loss is nan")),
        StudyEnded(study),
    ]


def shown(terminal: bool, events: list) -> str:
    stream = StringIO()
    console = Console(file=stream, width=100, force_terminal=terminal)
    ticks = count(0, 60)
    with Display(console, clock=lambda: float(next(ticks))) as display:
        for event in events:
            display(event)
    return stream.getvalue()


def test_a_log_has_a_line_for_each_run_and_nothing_that_moves(make):
    lines = shown(False, story(make())).splitlines()
    assert lines[0] == "2 runs to train, 2 at a time, 2 finished before"
    assert lines[1].startswith("[1/2] small seed 0: test error 12.34 % after 4.0 s, about ")
    assert lines[2] == "[2/2] [b]large[/b] seed 0: failed: the loss is nan"
    assert len(lines) == 3


def test_a_terminal_shows_the_current_epoch_and_metric(make):
    text = shown(True, story(make()))
    assert "epoch 2, valid error 40.00 %" in text
    assert "[b]large[/b] seed 0" in text
    assert "1 of 2 runs" in text


def test_the_recipe_is_named_where_there_are_several(make):
    key = Key("plain", "lr=0.2", 1)
    events = [StudyStarted(make(**two_by_two()), {key: 1.0}, 0, 1), TrialEnded(key, trial(1, [0.5]))]
    assert "[1/1] plain with lr=0.2 seed 1: test error 50.00 %" in shown(False, events)


def test_the_time_left_follows_the_share_of_the_work(make):
    """A tenth took one minute (one tick), so nine are left."""
    events = story(make())
    assert "about 9 min left" in shown(False, [events[0], TrialEnded(SMALL, trial(0, [0.5]))])


@pytest.mark.parametrize("terminal", [True, False])
def test_a_study_with_nothing_to_train_is_shown(make, terminal):
    assert "0 runs to train" in shown(terminal, [StudyStarted(make(), {}, finished=3, jobs=1)])


def test_a_metric_of_another_task_is_written_in_its_own_way(make):
    net = segmentation("unet", 0.8731)
    events = [
        StudyStarted(make(net, task=SEGMENTATION), {SMALL: 1.0}, finished=0, jobs=1),
        TrialAdvanced(SMALL, 0.5, 1, None),
        TrialEnded(SMALL, net.trials[0]),
    ]
    assert "test dice 0.873 after 2.0 s" in shown(False, events)
    assert "epoch 1, valid dice nan" in shown(True, events)
