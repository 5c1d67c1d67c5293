"""The options of data on the command line, as cyclopts hands them on."""

import inspect

import pytest
from cyclopts import App

from netwright.cli.data import Options
from netwright.data.examples import Data

# A command of a test has no tokens of its own; cyclopts takes that for a mistake.
pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")


def parsed(*words: str) -> Options:
    app = App()
    known: list[Options] = []

    @app.default
    def command(*, reading: Options | None = None) -> None:
        known.append(reading or Options())

    app(words, exit_on_error=False, result_action="return_value")
    return known[0]


def test_every_choice_of_the_library_is_an_option():
    offered = set(inspect.signature(Data.load).parameters) - {"name"}
    assert set(Options.__dataclass_fields__) == offered


def test_nothing_given_is_what_the_library_takes_by_default():
    defaults = {
        name: each.default for name, each in inspect.signature(Data.load).parameters.items() if name != "name"
    }
    assert vars(Options()) == defaults
    assert vars(parsed()) == defaults


def test_options_are_read_from_the_command_line(monkeypatch):
    given = ("--classes", "0=cell, 255=membrane", "--ignore", "7", "--ignore", "8", "--dims", "3")
    given += ("--layout", "pairs", "--task", "segmentation", "--group", "folder", "--skip-bad")
    asked: dict = {}
    monkeypatch.setattr(Data, "load", lambda name, **options: asked.update(options, name=name))
    parsed(*given).load("cells", quiet=True)
    assert asked["name"] == "cells"
    assert asked["classes"] == ("0=cell", "255=membrane")
    assert asked["ignore"] == (7, 8)
    assert (asked["dims"], asked["layout"], asked["task"]) == (3, "pairs", "segmentation")
    assert (asked["group"], asked["skip_bad"]) == ("folder", True)


def test_what_was_understood_is_said_first_unless_it_is_not_the_place(capsys):
    data = Options(limit=50).load("digits")
    assert len(data.train) == 50
    assert capsys.readouterr().err == (f"digits: {data.layout}\n" if data.layout else "")
    Options(limit=50).load("digits", quiet=True)
    assert capsys.readouterr().err == ""


def test_what_a_check_reads_too_is_written_as_its_flags():
    assert Options().flags() == []
    given = parsed("--classes", "0=a,255=b", "--ignore", "7", "--ignore", "8", "--dims", "2", "--limit", "9")
    words = given.flags()
    assert words == ["--classes", "0=a,255=b", "--dims", "2", "--ignore", "7", "--ignore", "8"]
    assert parsed(*words, "--limit", "9") == given
