"""Events are frozen facts."""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import get_args

import pytest

from netwright.training.events import Event, Started


def test_every_event_is_a_dataclass_with_a_documented_meaning():
    for kind in get_args(Event):
        assert is_dataclass(kind)
        assert kind.__doc__
        assert fields(kind)


def test_a_listener_cannot_change_what_others_are_told():
    with pytest.raises(FrozenInstanceError):
        Started(0, 10, 5).step = 3
