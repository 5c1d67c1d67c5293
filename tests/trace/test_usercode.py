"""The user's code may raise, exit or ask for input; its exceptions are caught."""

import os
import sys

import pytest

from netwright.trace.usercode import UserCode, error_message, format_error


class MuteError(Exception):
    def __str__(self):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "error", [ValueError("a"), SystemExit(0), GeneratorExit(), MemoryError(), MuteError()]
)
def test_whatever_is_raised_is_caught_with_the_frames_that_the_body_called(error):
    def raises():
        raise error

    with UserCode() as caught:
        raises()
    assert caught.error is error
    assert caught.traceback.tb_frame.f_code is raises.__code__


def test_what_the_body_raises_itself_has_no_frame():
    with UserCode() as caught:
        raise ValueError
    assert isinstance(caught.error, ValueError)
    assert caught.traceback is None


def test_an_interrupt_from_the_keyboard_is_not_caught():
    with pytest.raises(KeyboardInterrupt), UserCode():
        raise KeyboardInterrupt


def test_nothing_is_caught_where_nothing_was_raised():
    with UserCode() as caught:
        pass
    assert caught.error is None
    assert caught.traceback is None


@pytest.mark.parametrize(
    "read", [input, lambda: sys.stdin.read(), lambda: next(sys.stdin), lambda: sys.stdin.readline()]
)
def test_reading_from_standard_input_raises(read):
    before = sys.stdin
    with UserCode() as caught:
        read()
    assert isinstance(caught.error, EOFError)
    assert "standard input is closed" in str(caught.error)
    assert sys.stdin is before


def test_the_working_folder_is_restored(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with UserCode():
        os.chdir("/")
    assert os.getcwd() == str(tmp_path)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("two\n  lines"), "ValueError: two lines"),
        (ValueError(), "ValueError"),
        (KeyError("name"), "KeyError: 'name'"),
        (SystemExit(), "SystemExit: it calls sys.exit()"),
        (SystemExit("bye"), "SystemExit: it calls sys.exit('bye')"),
        (SyntaxError("invalid", ("net.py", 3, 1, "x")), "SyntaxError: invalid (net.py, line 3)"),
        (MuteError(), "MuteError: <exception str() failed>"),
    ],
)
def test_a_formatted_error_is_its_class_and_its_message_in_one_line(error, text):
    assert format_error(error) == text


def test_a_message_keeps_its_lines():
    assert error_message(ValueError("two\nlines")) == "two\nlines"
