"""Progress bars."""

import sys

import pytest

from netwright.data.progress import shown


def test_items_come_through_and_nothing_is_written_without_a_terminal(capsys: pytest.CaptureFixture):
    assert list(shown([3, 1, 2], "counting")) == [3, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_what_is_done(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    list(shown([3, 1, 2], "counting"))
    out, err = capsys.readouterr()
    assert out == ""
    assert "counting" in err
