"""What a study tells its listener."""

from netwright.study.events import Ended, Moved, Planned
from study.examples import trial


def test_a_move_without_an_epoch_has_no_error():
    assert (Moved("a", 0, 0.5).epoch, Moved("a", 0, 0.5).error) == (None, None)


def test_events_are_values():
    assert Planned({("a", 0): 1.0}, 0, 2) == Planned({("a", 0): 1.0}, 0, 2)
    assert Ended("a", trial(0, [0.5])) == Ended("a", trial(0, [0.5]))
