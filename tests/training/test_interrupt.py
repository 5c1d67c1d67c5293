"""Ctrl-C is a wish first, an order second."""

import os
import signal
import threading

import pytest

from netwright.training.interrupt import Interrupt


def press():
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_is_a_wish_and_the_second_stops_at_once():
    with Interrupt() as interrupt:
        assert not interrupt.asked
        press()
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            press()


def test_the_handler_that_was_there_returns():
    before = signal.getsignal(signal.SIGINT)
    with Interrupt():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_among_several_processes_python_s_own_behaviour_stays(monkeypatch):
    """A process started in the background ignores SIGINT, so the test brings Python's handler itself."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interrupt(), pytest.raises(KeyboardInterrupt):
            press()
    finally:
        signal.signal(signal.SIGINT, before)


def test_outside_the_main_thread_it_does_nothing():
    found = []

    def work():
        with Interrupt() as interrupt:
            found.append(interrupt.asked)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [False]
