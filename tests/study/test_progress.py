"""How far a study is, on a terminal and in a log."""

from io import StringIO
from itertools import count

import pytest
from rich.console import Console

from netwright.study.events import Ended, Moved, Planned
from netwright.study.progress import Display
from study.examples import trial

PLAN = Planned({("small", 0): 0.1, ("[b]large[/b]", 0): 0.9}, kept=2, jobs=2)
STORY = [
    PLAN,
    Moved("small", 0, 0.0),
    Moved("small", 0, 1.0, 4, 0.25),
    Ended("small", trial(0, [0.5, 0.1234])),
    Moved("[b]large[/b]", 0, 0.5, 2, 0.4),
    Ended("[b]large[/b]", trial(0, [0.5], "the loss is nan")),
]


def told(terminal: bool, story=STORY) -> str:
    stream = StringIO()
    console = Console(file=stream, width=100, force_terminal=terminal)
    ticks = count(0, 60)
    with Display(console, clock=lambda: float(next(ticks))) as display:
        for event in story:
            display(event)
    return stream.getvalue()


def test_a_log_has_a_line_for_each_run_and_nothing_that_moves():
    lines = told(terminal=False).splitlines()
    assert lines[0] == "2 runs to train, 2 at a time, 2 finished before"
    assert lines[1].startswith("[1/2] small seed 0: test error 12.34 % after 4.0 s, about ")
    assert lines[2] == "[2/2] [b]large[/b] seed 0: failed: the loss is nan"
    assert len(lines) == 3


def test_a_terminal_shows_the_current_epoch_and_error():
    text = told(terminal=True)
    assert "epoch 2, 40.0 % wrong" in text
    assert "[b]large[/b] seed 0" in text
    assert "1 of 2 runs" in text


def test_the_time_left_follows_the_share_of_the_work():
    """A tenth took one minute (one tick), so nine are left."""
    assert "about 9 min left" in told(False, [PLAN, Ended("small", trial(0, [0.5]))])


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_to_train_is_no_trouble(terminal):
    assert "0 runs to train" in told(terminal, [Planned({}, kept=3, jobs=1)])
