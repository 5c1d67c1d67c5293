"""The options of the network become those of a predictor."""

from inspect import signature
from pathlib import Path

from cyclopts import App

from netwright.cli.members import Members
from netwright.prediction.predictor import Predictor


def parsed(*words: str) -> Members:
    app = App()

    @app.default
    def command(members: Members | None = None) -> Members:
        return members or Members()

    return app(words, result_action="return_value")


def test_every_option_is_one_of_a_predictor():
    assert set(Members().options()) == set(signature(Predictor.of).parameters) - {"run"}


def test_without_options_it_is_the_best_epoch_of_one_run():
    assert parsed().options() == {
        "others": (),
        "combine": "mean",
        "flips": False,
        "which": "best",
        "net": None,
        "trust": False,
    }


def test_several_runs_follow_one_flag_or_several():
    words = ("--combine", "maximum", "--flips", "--which", "last", "--net", "net.py:Net", "--trust")
    runs = (Path("a"), Path("b"))
    wanted = Members(runs, "maximum", True, "last", "net.py:Net", True)
    assert parsed(*words, "--with", "a", "b") == wanted
    assert parsed("--with", "a", "--with", "b", *words) == wanted
